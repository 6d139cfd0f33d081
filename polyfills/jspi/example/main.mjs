// Loads the program of the example, on the engine's JSPI where there is one and on the
// polyfill where not, and runs many of its calls at once. Next to it must lie what build.sh
// makes and dist/jspi-polyfill.mjs. For pages, workers, Node, Deno and Bun.
//   node main.mjs [engine|polyfill]     prints what the calls gave, as JSON
import makePrices from "./prices.mjs";
import { createAsyncifyJspi } from "./jspi-polyfill.mjs";

export const hasJspi = typeof WebAssembly.Suspending === "function" && typeof WebAssembly.SuspendError === "function";

/** The bytes of a file beside this one. */
async function read(name) {
  const url = new URL(name, import.meta.url);
  if (url.protocol !== "file:") return (await fetch(url)).arrayBuffer();
  return (await import("node:fs/promises")).readFile(url);
}

/** The functions of prices.c that wait return promises; `version` is a plain export. */
export async function loadPrices(host, useEngine = hasJspi) {
  let exports, jspi;
  await makePrices({
    instantiateWasm(imports, done) {
      // What differs between the two: where Suspending and promising come from, and the file.
      jspi = useEngine
        ? { Suspending: WebAssembly.Suspending, promising: WebAssembly.promising, wrapImports: (all) => all, attach() {} }
        : createAsyncifyJspi({ allocate: (size) => exports.malloc(size), free: (pointer) => exports.free(pointer) });
      const waiting = { price: new jspi.Suspending(host.price), ticks: new jspi.Suspending(host.ticks) };
      read(useEngine ? "prices.wasm" : "prices.asyncify.wasm")
        .then((bytes) => WebAssembly.instantiate(bytes, jspi.wrapImports({ ...imports, host: waiting })))
        .then(({ instance, module }) => {
          jspi.attach(instance);
          exports = instance.exports;
          done(instance, module);
        });
      return {};
    },
  });
  return {
    meanPrice: jspi.promising(exports.mean_price),
    checkLabels: jspi.promising(exports.check_labels),
    slowestAnswer: jspi.promising(exports.slowest_answer),
    version: exports.version,
    stats: () => jspi.stats?.(),
  };
}

/** What the example does: thirty calls at once, whose waits end in another order than they began. */
export async function main(useEngine) {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let asked = 0;
  let time = 0n;
  const prices = await loadPrices(
    {
      // C code has no place for a rejection: turn what can fail into a number.
      price: async (article) => {
        asked++;
        time += BigInt(article);
        await pause((article * 7) % 5);
        return article * 1.5;
      },
      ticks: async () => time,
    },
    useEngine,
  );
  const ended = [];
  const all = await Promise.all(
    Array.from({ length: 10 }, (_, i) => [
      prices.meanPrice(i, 4).then((mean) => (ended.push(`mean ${i}`), mean)),
      prices.checkLabels(i * 2, i * 3).then((right) => (ended.push(`labels ${i}`), right)),
    ]).flat(),
  );
  const stats = prices.stats();
  return { all, slowest: String(await prices.slowestAnswer()), asked, version: prices.version(), ended: ended.length, stats };
}

if (globalThis.process?.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  const wanted = process.argv[2] ?? (hasJspi ? "engine" : "polyfill");
  console.log(JSON.stringify(await main(wanted === "engine")));
}
