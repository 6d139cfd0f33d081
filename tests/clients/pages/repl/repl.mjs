// A prompt as people make one of pyodide.console: it takes lines and gives what a person would see.
import { pathToFileURL } from "node:url";

const [, , dist] = process.argv;
const { loadPyodide } = await import(new URL("pyodide.mjs", pathToFileURL(`${dist}/`)).href);
const pyodide = await loadPyodide();
const { PyodideConsole, repr_shorten, BANNER } = pyodide.pyimport("pyodide.console");
const console_ = PyodideConsole(pyodide.globals);
// An awaited proxy is destroyed: Python awaits the future, and it can still be asked for the error.
const wait = pyodide.runPython("async def wait(future): return await future\nwait");
let screen = "";
console_.stdout_callback = (text) => void (screen += text);
console_.stderr_callback = (text) => void (screen += `!${text}`);

/** Give a line; what is on the screen afterwards, with the state of the input. */
async function push(line) {
  screen = "";
  const future = console_.push(line);
  const state = future.syntax_check;
  if (state === "complete") {
    try {
      const value = await wait(future);
      if (value !== undefined) screen += repr_shorten(value);
      value?.destroy?.();
    } catch (error) {
      if (error.constructor.name !== "PythonError") throw error;
      screen += future.formatted_error;
    }
  } else if (state === "syntax-error") {
    screen += future.formatted_error;
  }
  future.destroy();
  return [state, screen];
}

const told = {
  banner: BANNER.startsWith("Python 3.13"),
  value: await push("6 * 7"),
  print: await push("print('printed')"),
  stderr: await push("import sys; print('wrong', file=sys.stderr)"),
  incomplete: [await push("def f(x):"), await push("  return x + 1"), await push("")],
  function: await push("f(1)"),
  await: await push("import asyncio; await asyncio.sleep(0.01, 'awaited')"),
  traceback: (await push("1 / 0"))[1].trim().split("\n"),
  "syntax error": (await push("1 +"))[0],
  shortened: (await push("'x' * 100000"))[1].length < 2000,
  "time.sleep": await push("import time; time.sleep(0.01)"),
  "a proxy": await push("[1, 2]"),
  "an object of JavaScript": await push("import js; js.JSON.stringify(js.Array.of(1, 2))"),
};
const completed = console_.complete("asyncio.get_running_l");
told.completion = completed.toJs();
completed.destroy();
console.log(JSON.stringify(told));
process.exit(0);
