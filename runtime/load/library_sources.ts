/*
 * The three files that the first compiled package brings in: the linker, the core's symbols and the C++ library.
 * They come from the folder of the runtime, or from option `files`. Called by load.ts.
 *
 * Invariant: what a program gave is read once, since the body of a Response can be; what was fetched and
 * could not be had is fetched again.
 */

import type { LibrarySources } from "../../polyfills/dl/dl.ts";
import type { CoreSymbols } from "../../polyfills/dl/linker_types.ts";
import { fetchBytes, importModule, LoadError, readNow } from "./assets.ts";
import type { FileName } from "./files.ts";
import { type FileSource, type GivenFiles, givenBytes, withAddress } from "./given.ts";

type LinkerModule = Awaited<ReturnType<LibrarySources["linker"]>>;
type Bytes = Uint8Array<ArrayBuffer>;

/**
 * @param at addresses of files that were not given.
 * @param own the folder that given addresses are relative to.
 */
export function librarySources(files: GivenFiles, at: (name: FileName) => string, own: string): LibrarySources {
  const read = new Map<FileName, Promise<Bytes>>();
  const given = (name: FileName, source: FileSource): Promise<Bytes> => {
    const bytes = read.get(name) ?? givenBytes(name, source, own);
    read.set(name, bytes);
    return bytes;
  };
  const address = (name: FileName): string => {
    try {
      return at(name);
    } catch (error) {
      throw new LoadError(`packages with compiled code need ${name}: give it as option files, or the folder as indexURL`, { cause: error });
    }
  };
  const bytesOf = async (name: FileName): Promise<Bytes> => {
    const source = files[name];
    return source === undefined ? fetchBytes(address(name), "indexURL") : given(name, source);
  };
  let linker: Promise<LinkerModule> | undefined;
  return {
    async linker() {
      const source = files["linker.mjs"];
      const load = (from: string): Promise<LinkerModule> => importModule(from) as Promise<LinkerModule>;
      if (source === undefined) return load(address("linker.mjs"));
      return (linker ??= withAddress("linker.mjs", source, own, load));
    },
    symbols: async () => parse(await bytesOf("core.symbols.json")),
    symbolsNow() {
      const source = files["core.symbols.json"];
      const bytes = source === undefined ? readNow(address("core.symbols.json")) : bytesNow(source);
      return bytes && parse(bytes);
    },
    libcxx: () => bytesOf("libcxx.so"),
  };
}

const parse = (bytes: Uint8Array): CoreSymbols => JSON.parse(new TextDecoder().decode(bytes)) as CoreSymbols;

/** What can be had of a given file without a wait. */
function bytesNow(source: FileSource): Uint8Array | undefined {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (typeof source === "string" || source instanceof URL) return readNow(String(source));
  return undefined;
}
