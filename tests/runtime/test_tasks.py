"""Tasks: any number of runPythonAsync() calls, each waiting anywhere, finishing in any order.

The matrix is {ways of being called} x {what blocks}: with JSPI a JavaScript frame on the way is
fatal, with Asyncify a function that was not instrumented is; so both cores run all of it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

BLOCKERS = {
    "sleep": "import time\ndef block(): time.sleep(0.002); return 1",
    "input": "def block(): return int(input())",
    "lock": (
        "import threading, time\n"
        "def block():\n"
        "  lock = threading.Lock(); lock.acquire()\n"
        "  threading.Timer(0.002, lock.release).start()\n"
        "  return int(lock.acquire())"
    ),
    "queue": (
        "import queue, threading\n"
        "def block():\n"
        "  q = queue.Queue(); threading.Timer(0.002, q.put, [1]).start()\n"
        "  return q.get(timeout=5)"
    ),
}

# Each ends in an expression that is 1 when block() was called and waited.
WAYS = {
    "directly": "block()",
    "function": "def f(): return block()\nf()",
    "map": "sum(map(lambda _: block(), [0]))",
    "sorted": "sorted([0], key=lambda _: block()); 1 if sorted([0], key=lambda _: block()) else 0",
    "min": "min([1], key=lambda _: block())",
    "getattr": "class A:\n  def __getattr__(self, name): return block()\nA().x",
    "descriptor": "class A:\n  @property\n  def x(self): return block()\nA().x",
    "del": "class A:\n  def __del__(self): seen.append(block())\nseen = []\ndel_me = A()\ndel del_me\nseen[0]",
    "generator": "def g(): yield block()\nnext(g())",
    "partial": "import functools\nfunctools.partial(lambda a: block(), 0)()",
    "with": "class A:\n  def __enter__(self): return block()\n  def __exit__(self, *_): block()\nwith A() as v: pass\nv",
    "comprehension": "[block() for _ in range(1)][0]",
    "c iterator": "import itertools\nnext(itertools.starmap(lambda: block(), [()]))",
    "reduce": "import functools\nfunctools.reduce(lambda a, b: block(), [0, 0])",
    "eval": "eval('block()')",
    "exec": "names = {'block': block}\nexec('v = block()', names)\nnames['v']",
    "class body": "class A:\n  v = block()\nA.v",
    "metaclass": "class M(type):\n  def __new__(m, n, b, d): d['v'] = block(); return type.__new__(m, n, b, d)\nclass A(metaclass=M): pass\nA.v",
    "init_subclass": "class A:\n  def __init_subclass__(c): c.v = block()\nclass B(A): pass\nB.v",
    "print": "import sys\nclass W:\n  def write(self, s): self.v = block()\n  def flush(self): pass\nw = W()\nprint('x', file=w)\nw.v",
    "logging": "import logging\nclass H(logging.Handler):\n  def emit(self, r): self.v = block()\nh = H()\nlogging.Logger('l').addHandler(h)\nl = logging.Logger('m'); l.addHandler(h); l.error('x')\nh.v",
    "eq": "class A:\n  def __eq__(self, o): return bool(block())\nint([A()] == [A()])",
    "hash": "class A:\n  def __hash__(self): return block()\nlen({A(): 1})",
    "repr": "class A:\n  def __repr__(self): return str(block())\nint(repr([A()])[1])",
    "format": "class A:\n  def __format__(self, s): return str(block())\nint(f'{A()}')",
    "str join": "def g(): yield str(block())\nint(''.join(g()))",
    "int": "class A:\n  def __int__(self): return block()\nint(A())",
    "bool": "class A:\n  def __bool__(self): return bool(block())\nint(not not A())",
    "index": "class A:\n  def __index__(self): return block()\n[0, 1][A()]",
    "iter": "class A:\n  def __iter__(self): yield block()\nlist(A())[0]",
    "contains": "class A:\n  def __contains__(self, x): return bool(block())\nint(0 in A())",
    "json default": "import json\nint(json.dumps(object(), default=lambda o: block()))",
    "re sub": "import re\nint(re.sub('x', lambda m: str(block()), 'x'))",
    "sqlite function": "import sqlite3\nc = sqlite3.connect(':memory:')\nc.create_function('f', 0, lambda: block())\nv = c.execute('select f()').fetchone()[0]\nc.close()\nv",
    "import": (
        "import sys, os\n"
        "open('/tmp/waiting_module.py', 'w').write('import __main__\\nv = __main__.block()')\n"
        "sys.path.insert(0, '/tmp'); sys.modules.pop('waiting_module', None)\n"
        "import waiting_module\nsys.path.remove('/tmp')\nwaiting_module.v"
    ),
    "weakref callback": "import weakref\nclass A: pass\na = A(); seen = []\nr = weakref.ref(a, lambda _: seen.append(block()))\ndel a\nseen[0]",
    "gc": "import gc\nclass A:\n  def __del__(self): seen.append(block())\nseen = []\na = A(); a.a = a; del a\ngc.collect()\nseen[0]",
    "atexit": "import atexit\nseen = []\natexit.register(lambda: seen.append(block()))\natexit._run_exitfuncs()\nseen[0]",
    "coroutine": "async def f(): return block()\nawait f()",
    "async comprehension": "async def g(): yield block()\n[v async for v in g()][0]",
    "thread": "import threading\nseen = []\nt = threading.Thread(target=lambda: seen.append(block()))\nt.start(); t.join()\nseen[0]",
    "except": "try: 1 / 0\nexcept ZeroDivisionError: v = block()\nv",
    "finally": "try: pass\nfinally: v = block()\nv",
    "exception str": "class E(Exception):\n  def __str__(self): return str(block())\nint(str(E()))",
}


@pytest.mark.parametrize("blocker", BLOCKERS)
async def test_waits_in_every_way_of_being_called(runtime: Any, blocker: str) -> None:
    failures = {}
    for way, source in WAYS.items():
        result = await runtime.run_async(f"{BLOCKERS[blocker]}\n{source}", stdin=["1"] * 4)
        if result.error is not None or result.value != 1:
            failures[way] = result.error or result.value
    assert not failures


async def test_the_page_stays_alive_while_python_sleeps(runtime: Any) -> None:
    result = await runtime.run_async(
        "import time\nt = time.perf_counter()\ntime.sleep(0.2)\ntime.perf_counter() - t"
    )
    assert 0.2 <= result.value < 2
    assert result.ticks > 5


async def test_tasks_interleave_and_finish_in_any_order(runtime: Any) -> None:
    """The prototype crashed here: two tasks on one C stack and one thread state."""
    order = await runtime.js("""
        const order = [];
        const gates = [];
        pyodide.registerJsModule("gates", {
          at(n) { return new Promise((resolve) => { gates[n] = resolve; }); },
        });
        const run = (n) => pyodide.runPythonAsync(`
import gates
from pyodide.ffi import run_sync
def nested${n}(depth):
    if depth == 0:
        run_sync(gates.at(${n}))
        return ${n}
    return sorted([0], key=lambda _: nested${n}(depth - 1)) and ${n}
nested${n}(10)`).then(value => order.push(value));
        const all = [1, 2, 3, 4].map(run);
        while (gates.filter(Boolean).length < 4) await later(1);
        for (const n of [3, 1, 4, 2]) {
          gates[n]();
          await all[n - 1];
        }
        pyodide.unregisterJsModule("gates");
        pyodide.runPython("del gates, run_sync");
        return order.join();
    """)
    assert order == "3,1,4,2"


async def test_a_thousand_tasks_sleep_at_once(runtime: Any) -> None:
    assert await runtime.js("""
        const all = Array.from({ length: 1000 }, (_, i) => pyodide.runPythonAsync(
          `import time\\nfor _ in range(3): time.sleep(0.01)\\n${i}`));
        return (await Promise.all(all)).every((value, i) => value === i);
    """)


async def test_each_task_has_its_own_exception_state(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const run = name => pyodide.runPythonAsync(`
import sys, time
try:
    raise KeyError("${name}")
except KeyError:
    time.sleep(0.02)
    seen = repr(sys.exception())
seen`);
        return (await Promise.all(["a", "b", "c"].map(run))).join();
    """)
        == "KeyError('a'),KeyError('b'),KeyError('c')"
    )


async def test_tasks_get_copies_of_the_context(runtime: Any) -> None:
    await runtime.run("import contextvars\nv = contextvars.ContextVar('v', default=0)\nv.set(1)")
    assert (
        await runtime.js("""
        const run = n => pyodide.runPythonAsync(`
import time
before = v.get(); v.set(${n}); time.sleep(0.01 * ${n}); before * 10 + v.get()`);
        const seen = await Promise.all([run(3), run(2)]);
        return seen.join() + "," + pyodide.runPython("v.get()");
    """)
        == "13,12,1"
    )


async def test_tasks_are_the_main_thread_and_share_thread_locals(runtime: Any) -> None:
    assert (
        await runtime.value("""
import threading
here = threading.local(); here.x = 5
threading.current_thread() is threading.main_thread()""")
        is True
    )
    assert await runtime.value("here.x") == 5
    assert (await runtime.run("here.x")).value == 5


async def test_two_tasks_read_stdin_in_turn(runtime: Any) -> None:
    """Buffered files took the second task for the first one re-entering: both are "the main thread"."""
    assert (
        await runtime.js("""
        let n = 0;
        pyodide.setStdin({ stdin: async () => { await later(5); return `line ${++n}`; } });
        const both = await Promise.all([pyodide.runPythonAsync("input()"), pyodide.runPythonAsync("input()")]);
        return both.sort().join();
    """)
        == "line 1,line 2"
    )


async def test_two_tasks_import_one_waiting_module(runtime: Any) -> None:
    """By thread ident the second task would see the module half initialised."""
    await runtime.run(
        "open('/tmp/slow_module.py', 'w').write('import time\\ntime.sleep(0.02)\\nvalue = 5')\n"
        "import sys; sys.path.append('/tmp')"
    )
    assert (
        await runtime.js("""
        const run = () => pyodide.runPythonAsync("import slow_module\\nslow_module.value");
        return (await Promise.all([run(), run(), run()])).join();
    """)
        == "5,5,5"
    )


async def test_an_rlock_excludes_other_tasks(runtime: Any) -> None:
    await runtime.run("import threading\nlock = threading.RLock(); inside = 0; worst = 0")
    await runtime.js("""
        const run = () => pyodide.runPythonAsync(`
import time
def work():
    global inside, worst
    with lock, lock:
        inside += 1
        worst = max(worst, inside)
        time.sleep(0.005)
        inside -= 1
work()`);
        await Promise.all([run(), run(), run()]);
    """)
    assert (await runtime.run("worst")).value == 1


async def test_a_computation_leaves_the_page_its_turn(runtime: Any) -> None:
    result = await runtime.run_async("""
import time
end = time.perf_counter() + 0.3
while time.perf_counter() < end: pass""")
    assert result.ticks >= 2  # of a 5 ms timer; a machine under load gives few


# Loops were the only ones to look up: fib(30) froze the page, and Stop came after its end, as calls
# (RESUME_CHECK) did not count towards the eval breaker's clock.
BUSY = {
    "loop": "while True: pass",
    "calls": "def f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf(200)",
}


@pytest.mark.parametrize("busy", BUSY)
async def test_a_computation_lets_the_page_go_on_and_can_be_interrupted(
    runtime: Any, busy: str
) -> None:
    script = f"""
        const run = failure(pyodide.runPythonAsync({json.dumps(BUSY[busy])}));
        for (let turns = 0; turns < 5; turns++) await later(5);
        pyodide.interrupt();
        return (await run).type;
    """
    assert await runtime.js(script) == "KeyboardInterrupt"


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(60)",
        "input()",
        "threading.Event().wait()",
        "queue.Queue().get(timeout=60)",
        "await asyncio.sleep(60)",
        "asyncio.run(asyncio.sleep(60))",
        "t.join()",
    ],
)
async def test_an_interrupt_ends_a_wait(runtime: Any, wait: str) -> None:
    """The program says when it is about to wait: importing alone can take 50 ms."""
    assert (
        await runtime.js(f"""
        pyodide.setStdin({{ stdin: () => new Promise(() => {{}}) }});
        const run = failure(pyodide.runPythonAsync(`
import asyncio, queue, threading, time
stop = threading.Event()
t = threading.Thread(target=stop.wait); t.start()
try:
    ready = True
    {wait}
finally:
    stop.set(); t.join()`));
        while (!pyodide.globals.get("ready")) await later(5);
        await later(20);
        pyodide.interrupt();
        const error = await run;
        return `${{error.type}} ${{pyodide.runPython("1 + 1")}}`;
    """)
        == "KeyboardInterrupt 2"
    )


async def test_an_interrupt_runs_the_programs_own_handler(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const run = pyodide.runPythonAsync(`
import signal, time
seen = []
signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
ready = True
start = time.monotonic(); time.sleep(0.2); slept = time.monotonic() - start
signal.signal(signal.SIGINT, signal.default_int_handler)
f"{seen} {slept >= 0.2}"`);
        while (!pyodide.globals.get("ready")) await later(5);
        pyodide.interrupt();
        return await run;
    """)
        == "[2] True"
    )


async def test_a_wrong_signal_number_is_told(runtime: Any) -> None:
    assert "not a signal number" in await runtime.js("""
        const run = pyodide.runPythonAsync("import time; time.sleep(0.05)");
        await later(20);
        try { pyodide.interrupt(9999) } catch (error) { return error.message } finally { await run; }
    """)


async def test_a_late_stop_does_not_hit_the_next_program(runtime: Any) -> None:
    assert await runtime.js("pyodide.interrupt(); return await pyodide.runPythonAsync('5')") == 5


async def test_top_level_await_and_asyncio(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio
async def f(n):
    await asyncio.sleep(0.01 * n)
    return n
sum(await asyncio.gather(*map(f, range(4))))""")
        == 6
    )


async def test_a_coroutine_that_blocks_lets_other_coroutines_run(runtime: Any) -> None:
    """Rule of interleaving 1: at a wait, callbacks of the page's loop run."""
    assert (
        await runtime.value("""
import asyncio, time
order = []
async def blocking():
    order.append("a"); time.sleep(0.05); order.append("c")
    return asyncio.current_task().get_name()
async def other():
    await asyncio.sleep(0.01); order.append("b")
    return asyncio.current_task().get_name()
names = await asyncio.gather(asyncio.create_task(blocking(), name="B"), asyncio.create_task(other(), name="O"))
"".join(order + names)""")
        == "abcBO"
    )


async def test_asyncio_run_works_nested_in_a_task(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio
async def main():
    await asyncio.sleep(0.01)
    return await asyncio.to_thread(lambda: 5)
asyncio.run(main()) + asyncio.run(main())""")
        == 10
    )


async def test_threads_queues_and_executors(runtime: Any) -> None:
    assert (
        await runtime.value("""
import concurrent.futures, time
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    def slow(n): time.sleep(0.01); return n
    total = sum(pool.map(slow, range(20)))
total""")
        == 190
    )


async def test_breakpoint_reads_its_commands_from_stdin(runtime: Any) -> None:
    result = await runtime.run_async(
        "x = 41\nimport pdb; pdb.set_trace()\nx", stdin=["x = 42", "p x", "c"]
    )
    assert result.error is None, result.error
    assert "42" in result.stdout


async def test_stats_count_what_lives(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const before = pyodide.stats();
        const run = pyodide.runPythonAsync("import time; time.sleep(0.05)");
        await later(20);
        const during = pyodide.stats();
        await run;
        return JSON.stringify([during.tasks - before.tasks, during.waiting - before.waiting]);
    """)
        == "[1,1]"
    )


async def test_threads_that_compute_take_turns_by_the_switch_interval(runtime: Any) -> None:
    """A thread that computes used to keep the others waiting for the page's 16 ms."""
    result = await runtime.run_async("""
import sys, threading, time
def changes(interval):
    '''How often another of two computing threads was seen at work.'''
    sys.setswitchinterval(interval)
    turns, stop = [], time.monotonic() + 0.5
    def compute(name):
        while time.monotonic() < stop:
            if not turns or turns[-1] != name:
                turns.append(name)
    threads = [threading.Thread(target=compute, args=[n]) for n in "ab"]
    for t in threads: t.start()
    for t in threads: t.join()
    return len(turns)
short, long = changes(0.001), changes(0.1)
sys.setswitchinterval(0.005)
short > 2 * long and long >= 4 or (short, long)
""")
    assert result.value is True


async def test_a_loop_of_long_c_calls_leaves_the_page_its_turn(runtime: Any) -> None:
    """A look at the clock came every 1,498 checks, however long each took: seconds for such a loop."""
    result = await runtime.run_async(
        """
import time
until = time.monotonic() + 3
while time.monotonic() < until:
    sum(range(5_000))  # the first look may come after 466 of them
"""
    )
    assert result.error is None
    assert result.ticks > 5


async def test_a_wait_in_the_text_of_an_error_waits_or_is_refused(runtime: Any) -> None:
    """The Asyncify core does not instrument what only raises (cpython/build/wasm/never_waits.toml)."""
    result = await runtime.run_async(
        """
import js, time
from pyodide.ffi import run_sync

class Slow(str):
    def __repr__(self):
        return run_sync(js.Promise.resolve("slow"))

try:
    int(Slow("x"))
except Exception as error:
    caught = f"{type(error).__name__}: {error}"
time.sleep(0.001)
caught
"""
    )
    if runtime.core == "jspi":
        assert result.value == "ValueError: invalid literal for int() with base 10: slow"
    else:
        assert result.value.startswith("RuntimeError: cannot wait here: C code is raising")


async def test_an_exception_that_waits_in_its_init_can_be_raised(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import time

class Slow(Exception):
    def __init__(self):
        time.sleep(0.001)

try:
    raise Slow
except Slow as error:
    caught = type(error).__name__
try:
    raise Slow() from ValueError()
except Slow as error:
    caught += type(error.__cause__).__name__
caught
"""
        )
        == "SlowValueError"
    )
