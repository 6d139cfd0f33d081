// Must check: the library as programs use it. Used by test_taken_alone.py.
import {
  AsyncifyError, createAsyncifyJspi, SuspendError, Suspending,
  type AnyFunction, type AsyncifyJspi, type AsyncifyJspiOptions, type AsyncifyJspiStats,
  type SuspendableImports,
} from "./jspi-polyfill.mjs";
let exports: { malloc(size: number): number; free(pointer: number): void; run(n: number): number };
const options: AsyncifyJspiOptions = {
  allocate: (size) => exports.malloc(size),
  free: (pointer) => exports.free(pointer),
  bufferSize: () => 65536,
  unguarded: (module, name, fn: AnyFunction) => module === "env" && name === "now" && !fn.length,
  plainValuesGoOn: true,
};
const jspi: AsyncifyJspi = createAsyncifyJspi(options);
const memory = new WebAssembly.Memory({ initial: 1 });
const imports: SuspendableImports = {
  env: { wait: new Suspending(async (ms: number) => ms), now: () => 0, memory },
  other: { wait: new jspi.Suspending(() => 1) },
};
const wrapped: WebAssembly.Imports = jspi.wrapImports(imports);
const instance = await WebAssembly.instantiate(new WebAssembly.Module(new Uint8Array(8)), wrapped);
jspi.attach(instance);
jspi.attach(instance, memory);
exports = instance.exports as unknown as typeof exports;
const run = jspi.promising(exports.run);
const value: number = await run(5);
const loose: unknown = await jspi.promising(instance.exports["run"] as AnyFunction)(1, 2n, "3");
const stats: AsyncifyJspiStats = jspi.stats();
const bytes: number = stats.bytes + stats.deepest + stats.buffers + stats.pooled + stats.suspended;
try {
  await run(6);
} catch (error) {
  if (error instanceof SuspendError) console.log(error.message);
  if (error instanceof jspi.SuspendError) console.log(error.stack);
  if (error instanceof AsyncifyError) console.log(error.cause);
}
void [value, loose, bytes, stats.unwinds];
