"""Many waits and many runtimes in one page: they share its thread and nothing else.

Why: a page may load a runtime for each of its parts, on either core, and run a thousand programs.
"""

from __future__ import annotations

from .conftest import OpenPage

LOAD = """async (core) => {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  window.load = async (options = {}) => {
    const pyodide = await loadPyodide({ core, ...options });
    if (pyodide.core.name !== core) throw new Error(`got ${pyodide.core}`);
    return pyodide;
  };
}"""


async def test_a_thousand_tasks_sleep_at_once(open_page: OpenPage, core: str) -> None:
    page = await open_page()
    await page.evaluate(LOAD, core)
    got = await page.evaluate("""async () => {
      const pyodide = await load();
      await pyodide.runPythonAsync("import time\\ndef nap(n):\\n  time.sleep(0.5); return n");
      const runs = Array.from({ length: 1000 }, (_, n) => pyodide.runPythonAsync(`nap(${n})`));
      let most = 0, frames = 0, over = false;
      const watch = () => {
        most = Math.max(most, pyodide.stats().waiting);
        frames++;
        if (!over) setTimeout(watch, 5);
      };
      watch();
      const values = await Promise.all(runs);
      over = true;
      const { tasks, waiting } = pyodide.stats();
      return { most, frames, inOrder: values.every((value, n) => value === n), tasks, waiting };
    }""")
    assert got["most"] == 1000
    assert got["inOrder"]
    assert got["frames"] > 1
    assert (got["tasks"], got["waiting"]) == (0, 0)


async def test_two_runtimes_do_not_disturb_each_other(open_page: OpenPage, core: str) -> None:
    page = await open_page()
    await page.evaluate(LOAD, core)
    got = await page.evaluate("""async () => {
      const lines = { a: [], b: [] };
      const start = (name) => load({
        stdout: (line) => lines[name].push(line),
        stdin: async () => { await new Promise((done) => setTimeout(done, 5)); return name; },
        env: { WHO: name },
      });
      const [a, b] = await Promise.all([start("a"), start("b")]);
      const program = `import os, time, sys
for _ in range(5):
    sys.shared = getattr(sys, "shared", "") + input()
    time.sleep(0.002)
    print(os.environ["WHO"])
sys.shared`;
      const values = await Promise.all([a.runPythonAsync(program), b.runPythonAsync(program)]);
      a.FS.writeFile("/tmp/only-a", "a");
      const files = [a, b].map((one) => one.FS.analyzePath("/tmp/only-a").exists);
      // An interrupt is for one of them only.
      const nap = "import time; time.sleep(0.3); 'slept'";
      const naps = [a.runPythonAsync(nap).catch((error) => error.type), b.runPythonAsync(nap)];
      await new Promise((done) => setTimeout(done, 50));
      a.interrupt();
      const ends = await Promise.all(naps);
      // So is the end.
      a.destroy();
      const after = await b.runPythonAsync("import time; time.sleep(0.01); 'alive'");
      const gone = await a.runPythonAsync("1").catch((error) => error.message);
      return { values, lines, files, ends, after, gone };
    }""")
    assert got["values"] == ["aaaaa", "bbbbb"]
    assert got["lines"] == {"a": ["a"] * 5, "b": ["b"] * 5}
    assert got["files"] == [True, False]
    assert got["ends"] == ["KeyboardInterrupt", "slept"]
    assert got["after"] == "alive"
    assert "destroyed" in got["gone"]


async def test_both_cores_run_in_one_page(open_page: OpenPage) -> None:
    page = await open_page()
    got = await page.evaluate("""async () => {
      const { loadPyodide } = await import("/dist/sospeso.mjs");
      const both = await Promise.all(["jspi", "asyncify"].map((core) => loadPyodide({ core })));
      const program = "import time; t = 0\\nfor n in range(20):\\n  time.sleep(0.001); t += n\\nt";
      const values = await Promise.all(both.map((one) => one.runPythonAsync(program)));
      return [both.map((one) => one.core.name), values];
    }""")
    assert got == [["jspi", "asyncify"], [190, 190]]


async def test_lines_arrive_while_the_program_goes_on(open_page: OpenPage, core: str) -> None:
    page = await open_page()
    await page.evaluate(LOAD, core)
    got = await page.evaluate("""async () => {
      const seen = [];
      let pyodide;
      const stdout = (line) => seen.push([line, pyodide.stats().tasks]);
      pyodide = await load({ stdout });
      await pyodide.runPythonAsync("import time\\nfor n in 1, 2:\\n  print(n); time.sleep(0.01)");
      return seen;
    }""")
    assert got == [["1", 1], ["2", 1]]
