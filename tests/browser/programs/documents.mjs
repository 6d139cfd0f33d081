/* Runs the code blocks of a document, and says what each one printed. Called by test_documents.py. */

import { loadPyodide } from "/dist/sospeso.mjs";

const AsyncFunction = /** @type {FunctionConstructor} */ ((async () => undefined).constructor);

/** What the blocks print, one text for each: Python in one namespace, JavaScript with `pyodide` and the console. */
export async function run_blocks(core, language, blocks) {
  const pyodide = await loadPyodide({ core });
  if (pyodide.core.name !== core) throw new Error(`it runs on ${pyodide.core.name}`);
  let printed = "";
  const decoder = new TextDecoder();
  pyodide.setStdout({
    write: (bytes) => {
      printed += decoder.decode(bytes, { stream: true });
      return bytes.length;
    },
  });
  const console = { log: (...values) => { printed += `${values.join(" ")}\n`; } };
  const texts = [];
  for (const block of blocks) {
    printed = "";
    if (language === "python") await pyodide.runPythonAsync(block);
    else await new AsyncFunction("pyodide", "loadPyodide", "console", block)(pyodide, loadPyodide, console);
    texts.push(printed);
  }
  pyodide.destroy();
  return texts;
}
