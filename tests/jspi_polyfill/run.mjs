// Runs the scenarios on one implementation of JSPI and prints their results as
// one line of JSON. FOLDER holds stacks.wasm and catching.wasm, the same as
// *.asyncify.wasm, and polyfill.mjs. Called by conftest.py:
//   node run.mjs engine FOLDER | node run.mjs polyfill FOLDER
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { polyfillScenarios, scenarios } from "./scenarios.mjs";

const [implementation, folder] = process.argv.slice(2);
const load = (file) => new WebAssembly.Module(readFileSync(join(folder, file)));
const modules = { plain: load("stacks.wasm"), asyncify: load("stacks.asyncify.wasm") };

/** An import object whose waiting functions are marked. */
function importsFor(Suspending, given, notes) {
  const defaults = { wait: (x) => x, wait64: (x) => x, wait_float: (x) => x, wait32: (x) => x, wait_nothing() {}, call: (x) => x };
  const env = { note: (x) => void notes.push(x) };
  for (const [name, fn] of Object.entries({ ...defaults, ...given })) {
    env[name] = name.startsWith("wait") ? new Suspending(fn) : fn;
  }
  return { env };
}

let api;
if (implementation === "engine") {
  const { Suspending, SuspendError, promising } = WebAssembly;
  const open = async (given, _options, module = "stacks") => {
    const notes = [];
    const instance = await WebAssembly.instantiate(load(`${module}.wasm`), importsFor(Suspending, given, notes));
    return { ex: instance.exports, notes };
  };
  api = { open, Suspending, SuspendError, promising };
} else {
  // Nothing of the engine's own may help the polyfill.
  for (const name of ["Suspending", "promising", "SuspendError"]) delete WebAssembly[name];
  const { createAsyncifyJspi, Suspending, SuspendError } = await import(pathToFileURL(join(folder, "polyfill.mjs")).href);
  let jspi;
  const open = async (given, options = {}, module = "stacks") => {
    const notes = [];
    const allocated = [];
    const freed = [];
    let ex;
    let free = 1024;
    const bump = (size) => {
      const missing = free + size - ex.memory.buffer.byteLength;
      if (missing > 0) ex.memory.grow(Math.ceil(missing / 65536));
      return (free += size) - size;
    };
    const created = createAsyncifyJspi({
      allocate(size) {
        if (options.full?.()) return 0;
        const pointer = (ex.alloc ?? bump)(size + (options.margin ?? 0)) + (options.offset ?? 0);
        allocated.push({ pointer, size });
        return pointer;
      },
      free: (pointer) => void freed.push(pointer),
      ...(options.bufferSize && { bufferSize: options.bufferSize }),
      ...(options.plainValuesGoOn && { plainValuesGoOn: true }),
      ...(options.unguarded && { unguarded: options.unguarded }),
    });
    const instance = await WebAssembly.instantiate(
      load(`${module}.asyncify.wasm`),
      created.wrapImports(importsFor(created.Suspending, given, notes)),
    );
    created.attach(instance);
    ex = instance.exports;
    jspi = created;
    return { ex, notes, jspi, allocated, freed, instance };
  };
  const imports = (given) => jspi.wrapImports(importsFor(Suspending, given, []));
  api = { open, Suspending, SuspendError, createAsyncifyJspi, modules, imports, promising: (fn) => jspi.promising(fn) };
}

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(String(reason)));
const results = {};
for (const [name, scenario] of Object.entries({ ...scenarios, ...(implementation === "polyfill" && polyfillScenarios) })) {
  try {
    results[name] = await scenario(api);
  } catch (error) {
    results[name] = { failed: String(error?.stack ?? error) };
  }
}
await new Promise((resolve) => setTimeout(resolve, 0));
results.unhandled_rejections = unhandled;
console.log(JSON.stringify(results));
