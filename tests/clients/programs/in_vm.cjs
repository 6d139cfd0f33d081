// What a test runner does with CommonJS: the file's text runs as a function in a context of node:vm,
// which has Node's globals and no import(). argv: the core, the file. Prints one line of JSON.
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const vm = require("node:vm");

const [, , core, file] = process.argv;
const own = new Set(vm.runInNewContext("Object.getOwnPropertyNames(globalThis)"));
const missing = Object.getOwnPropertyNames(globalThis).filter((name) => !own.has(name));
const context = vm.createContext(Object.fromEntries(missing.map((name) => [name, globalThis[name]])));
vm.runInContext("globalThis.global = globalThis", context);

const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "utf8")}\n})`;
const module_ = { exports: {} };
const run = vm.runInContext(text, context, file);
run.call(module_.exports, module_.exports, require, module_, file, dirname(file));

async function main() {
  const pyodide = await module_.exports.loadPyodide({ core });
  context.pyodide = pyodide;
  const value = await pyodide.runPythonAsync("import time; time.sleep(0.01); 6 * 7");
  const list = vm.runInContext("pyodide.toPy([1, { a: 2 }]).toString()", context);
  console.log(JSON.stringify({ value, list, core: pyodide.core.name }));
  pyodide.destroy();
}

main();
