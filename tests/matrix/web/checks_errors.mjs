// checks_errors.mjs - what cannot work says why and what to do, and the runtime lives on.
//
// The engines' stacks differ most: their sizes, what overflowing them throws, and what a wait over a
// JavaScript frame would do. Listed by checks.mjs.

const RAISED = "import sys\nsys.setrecursionlimit(10**6)\n";
const RESTORE = "import sys\nsys.setrecursionlimit(1000);";

/** Programs that run out of stack. */
const DEEP = {
  "a Python recursion": "def f(): return f()\nf()",
  "a recursion through C": RAISED + "def f(): return sorted([1], key=lambda v: f())\nf()",
  "a recursion through slots": RAISED + "class A:\n    def __getattr__(self, n): return self.foo\nA().y",
  "a recursion through calls": RAISED + "class A:\n    def __call__(self): return self()\nA()()",
  "the repr of a deep list": "x = []\nfor _ in range(100_000): x = [x]\nrepr(x)",
  "a recursion through operators": RAISED + "class A:\n    def __eq__(self, o): return self == o\nA() == A()",
  "a recursion through exec": RAISED + "s = 'exec(s)'\nexec(s)",
  "a recursion through iteration": RAISED + "def f(x): return list(map(f, [x]))\nf(1)",
  "deep parentheses": "eval('(' * 5000 + ')' * 5000)",
  "a long sum": "eval('+'.join(['1'] * 50_000))",
  "a deep pickle": "import pickle\nx = []\nfor _ in range(100_000): x = [x]\npickle.dumps(x)",
  // Without its thousand frames, which take longer to print than to make.
  "a deep regular expression":
    "import re\ntry: re.compile('(' * 5000 + ')' * 5000)\n" +
    "except RecursionError as error: seen = str(error)\nraise RecursionError(seen)",
  "a deep JSON": "import json\njson.loads('[' * 100_000)",
  "a deep expression": "eval('-' * 100_000 + '1')",
  "a recursion in a thread":
    RAISED +
    "import threading\nseen = []\ndef f(): return sorted([1], key=lambda v: f())\ndef run():\n    try: f()\n" +
    "    except RecursionError as error: seen.append(str(error))\nt = threading.Thread(target=run); t.start(); t.join()\nraise RecursionError(seen[0])",
};

const RECURSIONS = Object.entries(DEEP).map(([name, code]) => [
  "errors", `${name} is an exception, also twice`, async (t) => {
    for (let n = 0; n < 2; n++) {
      const error = await t.failure(t.py(code));
      if (!["RecursionError", "MemoryError", "SyntaxError"].includes(error.type)) throw error;
      await t.py(RESTORE);
      t.same(await t.py("import time\ntime.sleep(0.001)\n1 + 1"), 2);
    }
  },
]);

/** On the Asyncify core a rewind takes more of the engine's stack than what it rewinds. */
const WAIT_AT_THE_BOTTOM = `${RAISED}
import time
class Level:
    def __init__(self, below): self.below = below
    def __add__(self, other):
        global reached
        reached = self.below
        if self.below: return Level(self.below - 1) + other
        time.sleep(0.001)
        return 1
try: Level(100_000) + 1
except RecursionError: pass
depth = 100_000 - reached - 5
Level(depth) + 1 if depth > 50 else depth`;

export const ERRORS = [
  ["errors", "a JavaScript frame in between is a RuntimeError with its name and the cure", async (t) => {
    const error = await t.failure(t.py("import queue\nfrom js import eval as js\njs('[1]').map(lambda *_: queue.Queue().get())"));
    t.same(error.type, "RuntimeError");
    t.has(error.message, "Array.map", "callPromising()");
    t.same(await t.py("import time\ntime.sleep(0.001)\n2"), 2);
  }],
  ["errors", "a plain call that would wait names the cure", async (t) => {
    const error = await t.failure((async () => t.plain("import queue\nqueue.Queue().get()"))());
    t.same(error.type, "RuntimeError");
    t.has(error.message, "await pyodide.runPythonAsync(code)");
  }],
  ["errors", "a core that cannot run is refused with the reason", async (t) => {
    if (t.core === "jspi" || t.hasJspi) return "this engine has JSPI";
    const error = await t.failure(t.loadAgain({ core: "jspi" }));
    t.has(error.message, 'core "jspi" cannot run here', 'core: "auto"');
  }],
  ...RECURSIONS,
  ["errors", "a wait at the bottom of the deepest recursion", async (t) => {
    t.same(await t.py(WAIT_AT_THE_BOTTOM), 1);
    await t.py(RESTORE);
  }],
  ["errors", "a deep plain recursion raises too", async (t) => {
    const error = await t.failure((async () => t.plain(RAISED + "def f(): return sorted([1], key=lambda v: f())\nf()"))());
    t.same(error.type, "RecursionError");
    await t.py(RESTORE);
  }],
  ["errors", "a recursion of JavaScript through Python ends in JavaScript", async (t) => {
    const f = t.plain("lambda: 1");
    let deepest = 0;
    const again = (depth) => {
      deepest = depth;
      f();
      again(depth + 1);
    };
    let seen;
    try {
      again(0);
    } catch (error) {
      seen = error;
    }
    f.destroy();
    // RangeError in V8 and JavaScriptCore, InternalError in SpiderMonkey.
    t.has(`${seen?.name}`, "Error");
    if (seen.name === "PythonError") throw seen;
    t.same(await t.py("import time\ntime.sleep(0.001)\n3"), 3);
    return `${seen.name} at ${deepest}`;
  }],
  ["errors", "a mistake in Python is a SyntaxError with its line", async (t) => {
    const error = await t.failure(t.py("x = 1\ny = = 2"));
    t.same(error.type, "SyntaxError");
    t.has(error.message, "line 2");
  }],
  ["errors", "sys.exit() has its code", async (t) => {
    const error = await t.failure(t.py("import sys\nsys.exit(3)"));
    t.same([error.type ?? error.name, error.exitCode ?? null].join(" ").includes("Exit"), true);
  }],
];
