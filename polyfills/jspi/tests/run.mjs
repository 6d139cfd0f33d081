// Runs the scenarios on one implementation of JSPI. In Node it prints their results as
// one line of JSON; FOLDER holds stacks.wasm and catching.wasm, the same as
// *.asyncify.wasm, and polyfill.mjs:
//   node run.mjs engine FOLDER | node run.mjs polyfill FOLDER
// In a page it only exports runAll(). Called by conftest.py and test_in_browsers.py.
import { polyfillScenarios, scenarios } from "./scenarios.mjs";

/** An import object whose waiting functions are marked. */
function importsFor(Suspending, given, notes) {
  const defaults = { wait: (x) => x, wait64: (x) => x, wait_float: (x) => x, wait32: (x) => x, wait_nothing() {}, call: (x) => x };
  const env = { note: (x) => void notes.push(x) };
  for (const [name, fn] of Object.entries({ ...defaults, ...given })) {
    env[name] = name.startsWith("wait") ? new Suspending(fn) : fn;
  }
  return { env };
}

/** What scenarios get, of the engine's own or of the polyfill at that address. */
async function makeApi(implementation, load, polyfill) {
  if (implementation === "engine") {
    const { Suspending, SuspendError, promising } = WebAssembly;
    const open = async (given, _options, module = "stacks") => {
      const notes = [];
      const instance = await WebAssembly.instantiate(await load(`${module}.wasm`), importsFor(Suspending, given, notes));
      return { ex: instance.exports, notes };
    };
    return { open, Suspending, SuspendError, promising };
  } else {
    // Nothing of the engine's own may help the polyfill.
    for (const name of ["Suspending", "promising", "SuspendError"]) delete WebAssembly[name];
    const { createAsyncifyJspi, Suspending, SuspendError } = await import(polyfill);
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
        await load(`${module}.asyncify.wasm`),
        created.wrapImports(importsFor(created.Suspending, given, notes)),
      );
      created.attach(instance);
      ex = instance.exports;
      jspi = created;
      return { ex, notes, jspi, allocated, freed, instance };
    };
    const imports = (given) => jspi.wrapImports(importsFor(Suspending, given, []));
    const modules = { plain: await load("stacks.wasm"), asyncify: await load("stacks.asyncify.wasm") };
    return { open, Suspending, SuspendError, createAsyncifyJspi, modules, imports, promising: (fn) => jspi.promising(fn) };
  }
}

/**
 * Every result, by scenario.
 * @param implementation "engine" or "polyfill".
 * @param load from a file's name to a promise of its WebAssembly.Module.
 * @param polyfill the address of polyfill.mjs.
 */
export async function runAll(implementation, load, polyfill) {
  const api = await makeApi(implementation, load, polyfill);
  const unhandled = [];
  if (globalThis.process?.on) process.on("unhandledRejection", (reason) => unhandled.push(String(reason)));
  else addEventListener("unhandledrejection", (event) => unhandled.push(String(event.reason)));
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
  return results;
}

if (globalThis.process?.argv[2] !== undefined) {
  const { readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { pathToFileURL } = await import("node:url");
  const [, , implementation, folder] = process.argv;
  const load = async (file) => new WebAssembly.Module(readFileSync(join(folder, file)));
  console.log(JSON.stringify(await runAll(implementation, load, pathToFileURL(join(folder, "polyfill.mjs")).href)));
}
