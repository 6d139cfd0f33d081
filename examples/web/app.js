/*
 * The example page: loads Python, runs what is in the editor, stops it. Plain JavaScript with no
 * build step; it uses the public API of dist/sospeso.mjs and nothing else. Loaded by index.html.
 *
 * `?core=jspi` or `?core=asyncify` in the page's address picks the core, `?program=threads` the
 * example that is shown first.
 */

import { programs } from "./programs.js";
import { Terminal } from "./terminal.js";

// `sospeso serve` has dist/ at the root; from any other server of the whole checkout this is right too.
const RUNTIME = new URL("../../dist/sospeso.mjs", import.meta.url).href;
const EDITOR = new URL("../../dist/editor.mjs", import.meta.url).href;
const PICTURES = new URL("../../dist/pictures.mjs", import.meta.url).href;
const FILENAME = "program.py";
const FLUSH = "import sys; sys.stdout.flush(); sys.stderr.flush()";

const options = new URLSearchParams(location.search);
const element = (id) => document.getElementById(id);
const [run, stop, picker] = [element("run"), element("stop"), element("programs")];

let pyodide;
let pictures;
let running = false;
let startedAt = 0;

const { Editor } = await import(EDITOR);
const editor = new Editor(element("editor"), {
  attributes: { id: "source", "aria-label": "Python source", "aria-describedby": "editor-help" },
});
const terminal = new Terminal(element("output"), {
  onInterrupt: interrupt,
  onWaiting: (waits) => {
    if (running) setState("running", waits ? "Waiting for input" : "Running");
  },
});

/** @param {"loading" | "ready" | "running" | "done" | "failed"} state */
function setState(state, text) {
  element("state").dataset.state = state;
  element("state").textContent = text;
  run.disabled = state === "loading" || state === "running" || pyodide === undefined;
  stop.disabled = state !== "running";
}

function setCore(name, reason) {
  const strong = document.createElement("strong");
  strong.textContent = name;
  element("core").replaceChildren("Core ", strong, `: ${reason}`);
  element("core").title = reason;
  element("core").dataset.core = name;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

async function load() {
  setState("loading", "Loading Python");
  const begun = performance.now();
  try {
    const [{ loadPyodide }, { attachPictures }] = await Promise.all([import(RUNTIME), import(PICTURES)]);
    pyodide = await loadPyodide({
      core: options.get("core") ?? "auto",
      stdout: terminal.output("out"),
      stderr: terminal.output("err"),
    });
    pictures = attachPictures(pyodide, (picture) => terminal.show(picture));
  } catch (error) {
    pyodide = undefined;
    setState("failed", "Python did not load");
    terminal.print(`Python did not load.\n${error?.message ?? error}\n`, "err");
    terminal.flush();
    return;
  }
  element("load-time").textContent = `loaded in ${seconds(performance.now() - begun)}`;
  setCore(pyodide.core.name, pyodide.core.reason);
  setState("ready", "Ready");
}

async function runProgram() {
  if (running || pyodide === undefined) return;
  running = true;
  startedAt = performance.now();
  terminal.clear();
  setState("running", "Running");
  pyodide.setStdin(terminal.input()); // a fresh one: nothing typed for the last run is left in it
  const globals = pyodide.toPy({ __name__: "__main__" });
  let [state, text] = ["done", "Finished"];
  try {
    const value = await pyodide.runPythonAsync(editor.text, { globals, filename: FILENAME });
    pyodide.runPython(FLUSH);
    if (value instanceof pyodide.ffi.PyProxy) {
      pictures.show(value);
      value.destroy();
    }
  } catch (error) {
    [state, text] = explain(error);
  }
  terminal.closeInput();
  terminal.flush();
  running = false;
  if (text === "Python died") {
    terminal.print("Loading a new Python.\n", "note");
    await load();
    return;
  }
  globals.destroy();
  showElapsed();
  setState(state, text);
}

/** Shows how a program ended that did not end well; gives the state for the status line. */
function explain(error) {
  if (error?.name !== "PythonError") {
    terminal.print(`${error?.message ?? error}\n`, "err");
    return ["failed", "Python died"];
  }
  pyodide.runPython(FLUSH); // what was printed comes before the traceback
  if (error.type === "SystemExit") return ["done", `Exited with status ${error.exitCode}`];
  terminal.print(error.message, "err");
  return error.type === "KeyboardInterrupt" ? ["done", "Stopped"] : ["failed", `Ended with ${error.type}`];
}

function interrupt() {
  if (running) pyodide?.interrupt();
}

function showElapsed() {
  element("elapsed").textContent = startedAt === 0 ? "" : seconds(performance.now() - startedAt);
}

/*
 * The sign of life. JavaScript turns it, frame by frame: an animation of CSS alone would go on
 * turning on a page that is frozen.
 */
let frames = 0;
const still = matchMedia("(prefers-reduced-motion: reduce)");
function frame() {
  frames++;
  const pulse = element("pulse");
  pulse.dataset.frames = String(frames);
  if (!still.matches) pulse.style.setProperty("--turn", `${(frames * 4) % 360}deg`);
  if (frames % 6 === 0) {
    element("frames").textContent = frames.toLocaleString("en");
    if (running) showElapsed();
  }
  requestAnimationFrame(frame);
}

function show(id) {
  const program = programs.find((one) => one.id === id) ?? programs[0];
  picker.value = program.id;
  editor.text = program.source;
}

picker.append(...programs.map(({ id, title }) => new Option(title, id)));
show(options.get("program"));
picker.addEventListener("change", () => show(picker.value));
run.addEventListener("click", runProgram);
stop.addEventListener("click", interrupt);
element("clear").addEventListener("click", () => terminal.clear());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void runProgram();
  }
});
requestAnimationFrame(frame);
await load();
