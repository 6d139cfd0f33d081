// compiling.ts - files of libraries become modules of the engine: read, counted, compiled, kept.
//
// To compile takes the engine milliseconds to seconds, and it wants to do that beside the page. What is done here
// changes nothing of the running program, so that any number of stacks can have libraries compiled at once;
// links are made one after the other (linker.ts).
//
// Invariants
//  1. A file is compiled once for all who load it, as long as it is the same file: its version says so.

import type { LinkerHost } from "./linker_types.ts";
import { counted } from "./counted.ts";
import { NoLibrary, readLibrary, type WasmFile } from "./wasm_file.ts";

export const LIBCXX = "libcxx.so";

/** A library's file. */
export interface Compiled {
  readonly path: string;
  readonly file: WasmFile;
  /** Address of its path as a C string: the handle, and what a refused wait names. */
  readonly handle: number;
  readonly version: string;
  /** Until they are compiled. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  module: WebAssembly.Module | undefined;
  compiling: Promise<WebAssembly.Module> | undefined;
}

/** The files that were read. */
export class Compiler {
  readonly #host: LinkerHost;
  readonly #compiled = new Map<string, Compiled>();

  constructor(host: LinkerHost) {
    this.#host = host;
  }

  /**
   * Read what the linker has to know of a library.
   * @param given its bytes, where it is no file.
   * @throws Error it is no library.
   */
  read(path: string, given?: Uint8Array<ArrayBuffer>): Compiled {
    const known = this.#compiled.get(path);
    const version = given === undefined ? this.#host.version(path) : String(given.length);
    if (known?.version === version) return known;
    const bytes = given ?? this.#host.readFile(path);
    let file: WasmFile;
    try {
      file = readLibrary(bytes);
    } catch (error) {
      throw error instanceof NoLibrary ? new Error(`${path}: ${error.message}`) : error;
    }
    const compiled = { path, file, version, bytes, handle: this.cString(path), module: undefined, compiling: undefined };
    this.#compiled.set(path, compiled);
    return compiled;
  }

  /** What was read of a file, if it was. */
  known(path: string): Compiled | undefined {
    return this.#compiled.get(path);
  }

  /** Compile at once. @throws Error the engine refuses. */
  now(compiled: Compiled): WebAssembly.Module {
    compiled.module ??= compileNow(compiled.path, this.#bytesOf(compiled));
    compiled.bytes = undefined;
    return compiled.module;
  }

  async later(compiled: Compiled): Promise<WebAssembly.Module> {
    if (compiled.module !== undefined) return compiled.module;
    compiled.compiling ??= WebAssembly.compile(this.#bytesOf(compiled)).catch(named(compiled.path));
    compiled.module ??= await compiled.compiling;
    compiled.bytes = undefined;
    return compiled.module;
  }

  /** It is unloaded: nothing of it is kept. */
  forget(compiled: Compiled): void {
    if (this.#compiled.get(compiled.path) === compiled) this.#compiled.delete(compiled.path);
    this.#host.core.free(compiled.handle);
  }

  /** A text in the core's memory; whoever asked frees it. */
  cString(text: string): number {
    const { core } = this.#host;
    const bytes = new TextEncoder().encode(`${text}\0`);
    const pointer = core.malloc(bytes.length) >>> 0;
    if (pointer === 0) throw new Error("no memory for the name of a library or of its symbol");
    new Uint8Array(core.memory.buffer, pointer, bytes.length).set(bytes);
    return pointer;
  }

  /** What the engine is to compile; it is given away. */
  #bytesOf({ bytes, file, handle }: Compiled): Uint8Array<ArrayBuffer> {
    const { counter } = this.#host;
    return counter === undefined ? (bytes as Uint8Array<ArrayBuffer>) : counted(bytes as Uint8Array<ArrayBuffer>, file, counter, handle);
  }
}

/** @throws Error with the library's name. */
export function compileNow(path: string, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw tooLarge(path, error);
  }
}

/** @throws Error with the library's name. */
export function instantiateNow(path: string, module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    throw tooLarge(path, error);
  }
}

/** An engine's complaint about a library, with its name. */
export function named(path: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  };
}

/** What an engine says that has pages wait for large modules. */
function tooLarge(path: string, error: unknown): unknown {
  if (!(error instanceof RangeError)) {
    const text = error instanceof Error ? error.message : String(error);
    return new Error(`${path} cannot be loaded: ${text}`, { cause: error });
  }
  return new Error(`${path} is too large to be loaded at once in a page: import it in runPythonAsync(), which can wait (${error.message})`);
}
