/*
 * The addresses of the runtime's files where option indexURL does not say: they lie beside this script.
 * Each is written out, because `new URL("./name", import.meta.url)` is how bundlers (vite, webpack 5)
 * see that a script needs a file: they copy it to where their output is and put its address here.
 * So a bundled page finds its files without a word from its author. Called by load.ts.
 */

const FILES = {
  "core.mjs": () => new URL("./core.mjs", import.meta.url),
  "core.jspi.wasm": () => new URL("./core.jspi.wasm", import.meta.url),
  "core.asyncify.wasm": () => new URL("./core.asyncify.wasm", import.meta.url),
  "python_stdlib.zip": () => new URL("./python_stdlib.zip", import.meta.url),
  "core.symbols.json": () => new URL("./core.symbols.json", import.meta.url),
  "linker.mjs": () => new URL("./linker.mjs", import.meta.url),
  "network-host.mjs": () => new URL("./network-host.mjs", import.meta.url),
  "network-relay.mjs": () => new URL("./network-relay.mjs", import.meta.url),
  "serve.mjs": () => new URL("./serve.mjs", import.meta.url),
  "libcxx.so": () => new URL("./libcxx.so", import.meta.url),
  "pyodide-lock.json": () => new URL("./pyodide-lock.json", import.meta.url),
};

/** A file that load.ts asks for. */
export type FileName = keyof typeof FILES;

/** Whether it is the name of such a file. */
export function isFileName(name: string): name is FileName {
  return Object.hasOwn(FILES, name);
}

/** Its address beside this script. @throws TypeError where the script has no address of its own (blob:, data:). */
export function beside(name: FileName): string {
  return FILES[name]().href;
}
