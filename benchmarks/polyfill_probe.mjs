/*
 * What a wait costs on our JSPI polyfill, npm's asyncify-wasm, Emscripten's -sASYNCIFY and the
 * engine's JSPI: the loops of `--only polyfill`, over the functions of polyfill.c.
 * Runs in a process of its own, which polyfill.py starts with the request's file; answers with
 * microseconds by contender and loop.
 */
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { measureInTurns } from "./ffi_probe.mjs";

const request = JSON.parse(readFileSync(process.argv[2], "utf8"));
const MANY = 1000;
const resolved = Promise.resolve(1);
const host = { wait: () => resolved, value: (x) => x, plain: (x) => x };
const load = (name) => import(pathToFileURL(name).href);
const read = (name) => readFileSync(join(request.folder, name));

/** Contenders: the functions of polyfill.c, `call` ones return promises. */
const contenders = {
  async polyfill() {
    const { createAsyncifyJspi } = await load(join(request.folder, "jspi-polyfill.mjs"));
    let exports;
    const jspi = createAsyncifyJspi({ allocate: (size) => exports.take(size), free() {}, ...(request.variant && { plainValuesGoOn: true, unguarded: () => true }) });
    const { Suspending, promising } = jspi;
    const imports = { host: { ...host, wait: new Suspending(host.wait), value: new Suspending(host.value) } };
    const { instance } = await WebAssembly.instantiate(read("bench.asyncify.wasm"), jspi.wrapImports(imports));
    jspi.attach(instance);
    exports = instance.exports;
    return { exports, call: promisingAll(exports, promising), many: true, stats: () => jspi.stats() };
  },
  async "asyncify-wasm"() {
    const { instantiate } = await load(join(request.peer, "dist", "asyncify.mjs"));
    const { instance } = await instantiate(read("bench.asyncify.wasm"), { host });
    return { call: instance.exports, asyncExports: true };
  },
  async emscripten() {
    globalThis.benchmarkPromise = resolved;
    const module = await (await load(join(request.folder, "glue.mjs"))).default();
    const call = {};
    for (const name of ["once", "waits", "deep_waits", "values", "plains", "add"]) {
      call[name] = (a, b) => module.ccall(name, "number", ["number", "number"], [a, b], { async: true });
    }
    return { exports: { add: module._add }, call };
  },
  async engine() {
    const { Suspending, promising } = WebAssembly;
    const imports = { host: { ...host, wait: new Suspending(host.wait), value: new Suspending(host.value) } };
    const { instance } = await WebAssembly.instantiate(read("bench.wasm"), imports);
    return { exports: instance.exports, call: promisingAll(instance.exports, promising), many: true };
  },
};

function promisingAll(exports, promising) {
  const names = ["once", "waits", "deep_waits", "values", "plains", "add"];
  return Object.fromEntries(names.map((name) => [name, promising(exports[name])]));
}

/** Loops that share no code with another contender's: engines learn from each call of a function. */
function makeOwnLoops(contender) {
  return new Function("MANY", `return ${makeLoops}`)(MANY)(contender);
}

function makeLoops({ exports, call, many, asyncExports }) {
  const repeat = (fn) => async (n) => {
    for (let i = 0; i < n; i++) await fn(i);
  };
  const loops = {
    "wait.shallow": (n) => call.waits(n),
    "wait.deep": (n) => call.deep_waits(n),
    "call.wait": repeat((i) => call.once(i)),
    "call.nothing": repeat((i) => call.add(i, 1)),
    "import.plain": (n) => call.plains(n),
    "import.value": (n) => call.values(n),
    // What asyncify-wasm exports returns a promise, always.
    "export": asyncExports
      ? repeat((i) => call.add(i, 1))
      : (n) => {
          let sum = 0;
          for (let i = 0; i < n; i++) sum = exports.add(sum, i);
          return sum;
        },
  };
  if (many) {
    loops["many"] = async (n) => {
      for (let i = 0; i < n; i++) await Promise.all(Array.from({ length: MANY }, (_, x) => call.once(x)));
    };
  }
  return loops;
}

/** Everybody computes the same, or there is nothing to compare. */
async function agree(loaded) {
  const seen = {};
  for (const [key, { call }] of Object.entries(loaded)) {
    const results = [await call.once(5), await call.waits(7), await call.deep_waits(3), await call.values(9), await call.plains(9), await call.add(2, 3)];
    seen[JSON.stringify(results)] = key;
  }
  const waits = loaded.polyfill?.stats().unwinds ?? 11;
  if (waits < 11) throw new Error(`only ${waits} of 11 waits suspended the stack`);
  if (Object.keys(seen).length !== 1) throw new Error(`contenders compute different things: ${JSON.stringify(seen)}`);
}

const loaded = {};
for (const key of request.contenders) loaded[key] = await contenders[key]();
await agree(loaded);
const samples = await measureInTurns(loaded, request, makeOwnLoops);
writeSync(1, `\n@answer ${JSON.stringify({ samples, stats: loaded.polyfill?.stats() })}\n`);
process.exit(0);
