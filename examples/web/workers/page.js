/*
 * Starts Python in a worker of either kind, shows what it prints, stops it. Loaded by index.html.
 *
 * To the worker: {source, core}, {interrupt: true}. From it: {core}, {line}, {value}, {error}.
 */

const PROGRAM = `import time

for number in range(1, 6):
    print("tick", number)
    time.sleep(0.5)
"done"
`;

const element = (id) => document.getElementById(id);
const buttons = [element("module"), element("classic")];
const core = new URLSearchParams(location.search).get("core") ?? "auto";

/** @param {"module" | "classic"} type */
function start(type) {
  const worker = new Worker(new URL(`${type}.js`, import.meta.url), { type });
  const output = element("output");
  const print = (text, kind) => {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = `${text}\n`;
    output.append(span);
  };
  const running = (is) => {
    for (const button of buttons) button.disabled = is;
    element("stop").disabled = !is;
  };
  const end = () => {
    worker.terminate();
    running(false);
  };
  output.replaceChildren();
  print(`Loading Python in a ${type} worker.`, "note");
  running(true);
  element("stop").onclick = () => worker.postMessage({ interrupt: true });
  worker.onmessage = ({ data }) => {
    if ("core" in data) print(`The ${data.core} core runs.`, "note");
    if ("line" in data) print(data.line, "out");
    if ("value" in data) print(`Value: ${data.value}`, "note");
    if ("error" in data) print(data.error, "err");
    if ("value" in data || "error" in data) end();
  };
  worker.onerror = (event) => {
    print(`The worker failed: ${event.message ?? "its script could not be loaded"}`, "err");
    end();
  };
  worker.postMessage({ source: PROGRAM, core });
}

for (const button of buttons) button.addEventListener("click", () => start(button.id));
