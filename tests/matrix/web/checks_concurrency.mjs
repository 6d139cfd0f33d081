// checks_concurrency.mjs - asyncio, threads, interrupts.
//
// Many stacks at once, started and ended by each other, by timers and by the page. Listed by checks.mjs.

/** How an interrupt reaches Python: [what it does, the code, whether it counts as waiting]. */
const INTERRUPTED = [
  ["time.sleep", "import time\ntime.sleep(60)", true],
  ["a sleep below C frames", "import time\nsorted([1], key=lambda v: time.sleep(60))", true],
  ["lock.acquire", "import threading\nl = threading.Lock(); l.acquire()\nl.acquire()", true],
  ["queue.get", "import queue\nqueue.Queue().get()", true],
  ["thread.join", "import threading, time\nt = threading.Thread(target=time.sleep, args=(0.3,)); t.start()\ntry: t.join()\nfinally: t.join()", true],
  ["run_sync", "from js import eval as js\nfrom pyodide.ffi import run_sync\nrun_sync(js('new Promise(() => {})'))", true],
  ["asyncio.run", "import asyncio\nasyncio.run(asyncio.sleep(60))", true],
  ["a busy loop", "while True: pass", false],
  ["a busy recursion", "def f(n):\n    return 1 if n < 2 else f(n - 1) + f(n - 2)\nf(60)", false],
];

const INTERRUPTS = INTERRUPTED.map(([name, code, waits]) => [
  "interrupts", `interrupt() ends ${name}`, async (t) => {
    // Imports first: an interrupt in a weakref's callback is printed and lost, as in every CPython.
    await t.py("import asyncio, queue, threading, time; import pyodide.ffi, js;");
    const running = t.failure(t.py(code));
    if (waits) await t.untilWaiting(1);
    await t.later(30);
    t.pyodide.interrupt();
    t.same((await running).type, "KeyboardInterrupt");
    t.same(await t.py("import time\ntime.sleep(0.001)\n5"), 5);
  },
]);

export const CONCURRENCY = [
  ["asyncio", "asyncio.run and gather", async (t) => {
    t.same(await t.py(`
import asyncio
async def one(n):
    await asyncio.sleep(0.002 * n)
    return n
async def main():
    return sum(await asyncio.gather(*[one(n) for n in range(10)]))
asyncio.run(main())`), 45);
  }],
  ["asyncio", "top-level await in the page's loop", async (t) => {
    t.same(await t.py("import asyncio\nasync def f(n):\n    await asyncio.sleep(0.001)\n    return n\nsum(await asyncio.gather(f(1), f(2)))"), 3);
  }],
  ["asyncio", "to_thread, and blocking calls in coroutines", async (t) => {
    t.same(await t.py(`
import asyncio, time
async def blocks():
    time.sleep(0.005)
    return 1
async def main():
    return await asyncio.gather(asyncio.to_thread(time.sleep, 0.005), blocks(), asyncio.to_thread(int, "5"))
[asyncio.run(main()), await main()] == [[None, 1, 5]] * 2`), true);
    await t.later(20);
  }],
  ["asyncio", "timeouts and cancelling", async (t) => {
    t.same(await t.py(`
import asyncio
async def main():
    try:
        async with asyncio.timeout(0.005):
            await asyncio.sleep(60)
    except TimeoutError:
        task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        return type((await asyncio.gather(task, return_exceptions=True))[0]).__name__
[asyncio.run(main()), await main()]`.replace("[asyncio.run(main()), await main()]", "f'{asyncio.run(main())} {await main()}'")), "CancelledError CancelledError");
  }],
  ["asyncio", "streams between a server and a client", async (t) => {
    t.same(await t.py(`
import asyncio
async def serve(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello\\n")
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return line.decode()
asyncio.run(main())`), "HELLO\n");
  }],
  ["threads", "a lock is handed over", async (t) => {
    t.same(await t.py(`
import threading, time
lock = threading.Lock(); order = []
def work(n):
    with lock:
        order.append(n); time.sleep(0.002); order.append(n)
threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
order == [n for n in range(5) for _ in range(2)]`), true);
  }],
  ["threads", "a queue between producer and consumer", async (t) => {
    t.same(await t.py(`
import queue, threading
q = queue.Queue(2); got = []
def produce():
    for n in range(50): q.put(n)
    q.put(None)
def consume():
    while (item := q.get()) is not None: got.append(item)
threads = [threading.Thread(target=f) for f in (produce, consume)]
for thread in threads: thread.start()
for thread in threads: thread.join()
got == list(range(50))`), true);
  }],
  ["threads", "ThreadPoolExecutor", async (t) => {
    t.same(await t.py(`
from concurrent.futures import ThreadPoolExecutor
import time
def work(n):
    time.sleep(0.002)
    return n * n
with ThreadPoolExecutor(4) as pool: total = sum(pool.map(work, range(20)))
total`), 2470);
  }],
  ["threads", "conditions, barriers and events", async (t) => {
    t.same(await t.py(`
import threading
barrier = threading.Barrier(3); ready = threading.Event(); condition = threading.Condition(); seen = []
def work(n):
    barrier.wait()
    ready.wait()
    with condition:
        seen.append(n); condition.notify_all()
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for thread in threads: thread.start()
ready.set()
with condition: condition.wait_for(lambda: len(seen) == 3, 20)
for thread in threads: thread.join()
sorted(seen) == [0, 1, 2]`), true);
  }],
  ["threads", "threads that compute take turns", async (t) => {
    t.same(await t.py(`
import threading
turn = 0; stop = threading.Event()
def spin():
    global turn
    while not stop.is_set(): turn += 1
thread = threading.Thread(target=spin); thread.start()
before = turn
while turn < before + 10: pass
stop.set(); thread.join()
1`), 1);
  }],
  ["threads", "100 threads wait at once", async (t) => {
    t.same(await t.py(`
import threading
gate = threading.Event(); seen = []
threads = [threading.Thread(target=lambda: seen.append(gate.wait())) for _ in range(100)]
for thread in threads: thread.start()
gate.set()
for thread in threads: thread.join()
len(seen)`), 100);
  }],
  ...INTERRUPTS,
  ["interrupts", "a program's own handler runs", async (t) => {
    const running = t.py(`
import signal, time
seen = []
old = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
try:
    while not seen: time.sleep(0.005)
finally: signal.signal(signal.SIGINT, old)
len(seen)`);
    await t.untilWaiting();
    await t.later(20);
    t.pyodide.interrupt();
    t.same(await running, 1);
  }],
];
