// checks_waits.mjs - waits and streams: sleep, input, output, pipes, sockets, HTTP.
//
// The heart of it: Python waits deep in C frames of every kind, and the page goes on. Listed by
// checks.mjs.

/** Ways in which C code calls Python back; each gives 1 if block() was called and waited. */
const WAYS = {
  function: "(lambda: block())()",
  map: "sum(map(lambda _: block(), [0]))",
  sorted: "len(sorted([0], key=lambda _: block()))",
  reduce: "__import__('functools').reduce(lambda a, b: block(), [0, 0])",
  eval: "eval('block()', {'block': block})",
  partial: "__import__('functools').partial(lambda a: block(), 0)()",
  "re.sub": "int(__import__('re').sub('x', lambda m: str(block()), 'x'))",
  json: "int(__import__('json').dumps(object(), default=lambda o: block()))",
  comprehension: "[block() for _ in range(1)][0]",
  starmap: "next(__import__('itertools').starmap(lambda: block(), [()]))",
  getattr: "type('A', (), {'__getattr__': lambda self, name: block()})().x",
  property: "type('A', (), {'x': property(lambda self: block())})().x",
  repr: "int(repr([type('A', (), {'__repr__': lambda self: str(block())})()])[1])",
  eq: "int([type('A', (), {'__eq__': lambda self, o: bool(block())})()] == [0])",
  hash: "len({type('A', (), {'__hash__': lambda self: block()})(): 1})",
  index: "[0, 1][type('A', (), {'__index__': lambda self: block()})()]",
  contains: "int(0 in type('A', (), {'__contains__': lambda self, x: bool(block())})())",
  format: "int(f\"{type('A', (), {'__format__': lambda self, s: str(block())})()}\")",
  "class body": "exec('class A: v = block()', {'block': block}) or 1",
  metaclass: "type('M', (type,), {'__call__': lambda self: block()})('A', (), {})()",
  del: "[seen := [], type('A', (), {'__del__': lambda self: seen.append(block())})(), seen][0] and 1 or deleted()",
  generator: "next((lambda: (yield block()))())",
  weakref: "weakly()",
  sqlite: "sqlite()",
  import: "imported()",
  thread: "in_thread()",
};

const WAYS_PROGRAM = (block) => `
import sys, time
seen = []
def block():
    ${block}
    return 1
def deleted():
    gone = []
    class A:
        def __del__(self): gone.append(block())
    a = A()
    del a
    return gone[0]
def weakly():
    import weakref
    class A: pass
    a = A(); gone = []
    r = weakref.ref(a, lambda _: gone.append(block()))
    del a
    return gone[0]
def sqlite():
    import sqlite3
    c = sqlite3.connect(":memory:")
    c.create_function("f", 0, block)
    v = c.execute("select f()").fetchone()[0]
    c.close()
    return v
def imported():
    import builtins
    with open("/tmp/waiting_module.py", "w") as file: file.write("import builtins; v = builtins.block()")
    sys.path.insert(0, "/tmp")
    builtins.block = block
    try:
        import waiting_module
        return waiting_module.v
    finally:
        sys.path.remove("/tmp"); sys.modules.pop("waiting_module", None); del builtins.block
def in_thread():
    import threading
    seen = []
    t = threading.Thread(target=lambda: seen.append(block()))
    t.start(); t.join()
    return seen[0]
wrong = []
for name, source in WAYS.items():
    try:
        value = eval(source, globals())
    except BaseException as error:
        value = repr(error)
    if value != 1: wrong.append(f"{name}: {value}")
"; ".join(wrong)`.replace("WAYS.items()", `${JSON.stringify(WAYS)}.items()`);

export const WAITS = [
  ["waits", "the page goes on while Python sleeps", async (t) => {
    const sleep = t.py("import time\nt = time.perf_counter()\ntime.sleep(0.1)\ntime.perf_counter() - t");
    const ticks = await t.ticksDuring(sleep);
    if (ticks < 1) throw new Error("no timer fired");
    if ((await sleep) < 0.09) throw new Error(`it slept ${await sleep} s`);
  }],
  ["waits", "sleep waits in every way of being called", async (t) => {
    t.same(await t.py(WAYS_PROGRAM("time.sleep(0.001)")), "");
  }],
  ["waits", "input() waits for an asynchronous handler", async (t) => {
    t.input.lines = ["Ada", "1815"];
    t.same(await t.py("name = input('Who? ')\nyear = int(input())\nf'{name} {year}'"), "Ada 1815");
    t.has(t.output.stdout, "Who? ");
  }],
  ["waits", "programs interleave and end in any order", async (t) => {
    const order = [];
    const gates = [];
    t.pyodide.registerJsModule("gates", { at: (n) => new Promise((resolve) => (gates[n] = resolve)) });
    const all = [0, 1, 2].map((n) =>
      t.py(`
import gates
from pyodide.ffi import run_sync
def nested(depth):
    if depth == 0:
        run_sync(gates.at(${n}))
        return 1
    return sorted([0], key=lambda _: nested(depth - 1)) and 1
nested(10)`).then(() => order.push(n)));
    while (gates.filter(Boolean).length < 3) await t.later(1);
    for (const n of [1, 2, 0]) {
      gates[n]();
      await all[n];
    }
    t.pyodide.unregisterJsModule("gates");
    t.pyodide.runPython("import sys; sys.modules.pop('gates', None); del sys");
    t.same(order, [1, 2, 0]);
  }],
  ["waits", "200 programs sleep at once", async (t) => {
    const all = Array.from({ length: 200 }, (_, n) =>
      t.pyodide.runPythonAsync(`__import__("time").sleep(0.01) or ${n}`));
    t.same((await Promise.all(all)).every((value, n) => value === n), true);
  }],
  ["waits", "a deep stack waits", async (t) => {
    t.same(await t.py(`
import time
def f(n):
    if n == 0:
        time.sleep(0.001)
        return 1
    return sorted([1], key=lambda v: f(n - 1))[0]
f(95)`), 1);
  }],
  ["waits", "a computation leaves the page its turn", async (t) => {
    const busy = t.py("import builtins\nn = 0\nwhile not hasattr(builtins, 'page_was_here'): n += 1");
    await t.later(20);
    t.pyodide.runPython("import builtins; builtins.page_was_here = 1");
    await busy;
    t.pyodide.runPython("del builtins.page_was_here, builtins");
  }],
  ["waits", "urllib waits for fetch", async (t) => {
    t.same(await t.py(`
import urllib.request
with urllib.request.urlopen("${t.base}/hello") as answer:
    body = answer.read().decode()
body`), "hello from the server");
  }],
  ["streams", "print, stderr and text beyond ASCII arrive", async (t) => {
    t.output.stdout = t.output.stderr = "";
    await t.py("import sys\nprint('grüße', '€', '🐍')\nprint('wrong', file=sys.stderr)\nsys.stdout.flush(); sys.stderr.flush();");
    t.same([t.output.stdout, t.output.stderr], ["grüße € 🐍\n", "wrong\n"]);
  }],
  ["streams", "a handler that is slow holds Python back", async (t) => {
    const old = t.output.stdout;
    let text = "";
    const slow = (chunk) => new Promise((resolve) => setTimeout(() => { text += chunk; resolve(null); }, 2));
    t.pyodide.setStdout({ batched: slow });
    await t.py("for n in range(5): print(n)");
    await t.later(30);
    t.same(text.replaceAll("\n", ""), "01234");
    const decoder = new TextDecoder();
    t.pyodide.setStdout({ write: (bytes) => { t.output.stdout += decoder.decode(bytes, { stream: true }); return bytes.length; } });
    t.output.stdout = old;
  }],
  ["streams", "stdin is read to its end", async (t) => {
    t.input.lines = ["a\n", "bc\n", "d"];
    t.same(await t.py("import sys\n''.join(sys.stdin)"), "a\nbc\nd\n".slice(0, -1) + "\n");
  }],
  ["streams", "a pipe between threads", async (t) => {
    t.same(await t.py(`
import os, threading, time
r, w = os.pipe()
def write():
    for n in range(3):
        time.sleep(0.002)
        os.write(w, b"x" * 3)
    os.close(w)
thread = threading.Thread(target=write); thread.start()
with os.fdopen(r, "rb") as file: data = file.read()
thread.join()
len(data)`), 9);
  }],
  ["streams", "TCP between threads", async (t) => {
    t.same(await t.py(`
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data.upper())
thread = threading.Thread(target=serve); thread.start()
with socket.create_connection(server.getsockname()) as client:
    client.sendall(b"x" * 200_000)
    client.shutdown(socket.SHUT_WR)
    got = b""
    while data := client.recv(65536): got += data
thread.join(); server.close()
got == b"X" * 200_000`), true);
  }],
  ["streams", "select waits exactly", async (t) => {
    t.same(await t.py(`
import os, select, threading
r, w = os.pipe()
first = select.select([r], [], [], 0.005)[0]
threading.Timer(0.005, os.write, [w, b"x"]).start()
second = select.select([r], [], [], 20)[0] == [r]
os.close(r); os.close(w)
[first, second] == [[], True]`), true);
  }],
];
