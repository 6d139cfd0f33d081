// dl.ts - the JavaScript half of dl.c: requests of stacks that wait, and what the linker needs.
//
// A page that loads no library pays nothing: the linker (linker.mjs) and the core's table of symbols
// (core.symbols.json) are fetched when the first library is opened, or a package with one is unpacked.
// Made by runtime/load/load.ts.
//
// Invariants
//  1. An answer is written once, when its request is done; what it points to belongs to dl.c then.
//  2. A stack that cannot wait gets its answer at once, if it is an error.

import type { Scheduler } from "../../jspi/scheduler.ts";
import type { EmscriptenFS, FSNode } from "../files/fs.ts";
import { DL_CONSTRUCTORS, DL_COUNT, DL_ERROR, DL_OWN_SLOTS, DL_VALUE, RTLD_GLOBAL, RTLD_NOLOAD } from "../numbers.ts";
import type { CoreForLibraries, CoreSymbols, Linker, LinkerHost, Opened, OpenOptions } from "./linker_types.ts";

/** The wasm imports of dl.c. */
export interface DlImports {
  dl_open(file: number, search: number, mode: number, mayWait: number, answer: number): number;
  dl_symbol(handle: number, name: number, mayWait: number, answer: number): number;
  dl_answer(key: number, answer: number): number;
  dl_close(handle: number): number;
  dl_fit(slot: number, parameters: number): number;
}

/** Where the files of dist/ come from. */
export interface LibrarySources {
  linker(): Promise<{ createLinker(host: LinkerHost): Linker }>;
  symbols(): Promise<CoreSymbols>;
  /** Without waiting; undefined where the engine has no way to do that. */
  symbolsNow(): CoreSymbols | undefined;
  libcxx(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What there is when the core runs. */
export interface LibraryCore {
  readonly exports: CoreForLibraries & { sospeso_library_at(): number };
  readonly FS: LibraryFS;
  /** Whether libraries' functions have to be counted (rewritten.ts). */
  readonly isAsyncify: boolean;
  /** What the core imports of JavaScript. */
  readonly functions: Readonly<Record<string, unknown>>;
  /** The option evalInLibraries. */
  readonly mayEvaluate: boolean;
}

/** As much of Emscripten's FS as is used here. */
export interface LibraryFS extends Pick<EmscriptenFS, "lookupPath"> {
  getPath(node: FSNode): string;
  isFile(mode: number): boolean;
  stat(path: string): { readonly ino: number; readonly size: number; readonly mtime: Date };
  readFile(path: string): Uint8Array<ArrayBuffer>;
}

interface Answer {
  readonly value: number;
  readonly constructors: readonly number[];
}

const NOTHING: readonly number[] = [];

/** The libraries of one runtime. */
export class Libraries {
  readonly #sources: LibrarySources;
  readonly #scheduler: Scheduler;
  #core: LibraryCore | undefined;
  #ownSlots = 0;
  #symbols: CoreSymbols | undefined;
  #linker: Linker | undefined;
  #linkerComing: Promise<Linker> | undefined;
  #libcxx: Uint8Array<ArrayBuffer> | undefined;
  /** By key: what was found, once it was. */
  readonly #requests = new Map<number, Answer | Error | undefined>();

  constructor(sources: LibrarySources, scheduler: Scheduler) {
    this.#sources = sources;
    this.#scheduler = scheduler;
  }

  attach(core: LibraryCore): void {
    this.#core = core;
    this.#ownSlots = core.exports.__indirect_function_table.length;
  }

  /**
   * Have libraries compiled that will be imported, so that a stack that cannot wait can import them, too.
   * Never rejects: whoever loads one that cannot be loaded is told.
   * @param paths in Python's file system.
   */
  async compileAhead(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    try {
      const linker = await this.#getLinker();
      await Promise.all(paths.map((path) => linker.compileAhead(path)));
    } catch {
      // There is no linker.mjs to be had, which dlopen() says, too.
    }
  }

  get imports(): DlImports {
    return {
      dl_open: (file, search, mode, mayWait, answer) => {
        const options = this.#options(file, search, mode);
        const opened = ({ handle, constructors }: Opened): Answer => ({ value: handle, constructors });
        if (mayWait !== 0) {
          let opening: Opened | Promise<Opened>;
          try {
            opening = this.#linker?.open(options) ?? this.#getLinker().then((linker) => linker.open(options));
          } catch (error) {
            opening = Promise.reject(asError(error));
          }
          if (opening instanceof Promise) return this.#later(async () => opened(await opening));
          const done = opening;
          return this.#now(answer, () => opened(done));
        }
        return this.#now(answer, () => {
          if (this.#linker === undefined) {
            throw new Error(
              `${options.file} cannot be loaded here, as this stack cannot wait for the linker: load the package ` +
                "by loadPackage() before, or import it in runPythonAsync()",
            );
          }
          return opened(this.#linker.openNow(options));
        });
      },
      dl_symbol: (handle, namePointer, mayWait, answer) => {
        const name = this.#text(namePointer);
        const look = (): Answer => {
          const symbols = this.#symbols as CoreSymbols;
          const value = this.#linker === undefined ? (symbols.functions[name] ?? symbols.data[name]) : this.#linker.symbol(handle >>> 0, name);
          if (value === undefined) {
            const path = this.#linker?.pathOf(handle >>> 0);
            throw new Error(`${path === undefined ? "" : `${path}: `}undefined symbol: ${name}`);
          }
          return { value, constructors: NOTHING };
        };
        if (this.#symbols === undefined && mayWait !== 0) {
          return this.#later(async () => {
            this.#symbols = await this.#sources.symbols();
            return look();
          });
        }
        return this.#now(answer, () => {
          this.#symbols ??= this.#sources.symbolsNow();
          if (this.#symbols === undefined) {
            throw new Error(`${name}: the core's symbols have to be fetched first: look it up in runPythonAsync(), which can wait`);
          }
          return look();
        });
      },
      dl_answer: (key, answer) => {
        const known = this.#requests.get(key >>> 0);
        if (known === undefined) return key;
        this.#requests.delete(key >>> 0);
        this.#scheduler.forget(key >>> 0);
        this.#write(answer, known);
        return 0;
      },
      dl_fit: (slot, parameters) => this.#linker?.fit(slot >>> 0, parameters) ?? slot,
      dl_close: (handle) => (this.#linker?.close(handle >>> 0) === true ? 0 : -1),
    };
  }

  #options(file: number, search: number, mode: number): OpenOptions {
    return {
      file: this.#text(file),
      search: this.#text(search).split(":").filter((folder) => folder !== ""),
      isGlobal: (mode & RTLD_GLOBAL) !== 0,
      onlyLoaded: (mode & RTLD_NOLOAD) !== 0,
    };
  }

  #now(answer: number, find: () => Answer): number {
    try {
      this.#write(answer, find());
    } catch (error) {
      this.#write(answer, asError(error));
    }
    return 0;
  }

  #later(find: () => Promise<Answer>): number {
    const key = this.#scheduler.newKey();
    this.#requests.set(key, undefined);
    void find()
      .catch(asError)
      .then((found) => {
        this.#requests.set(key, found);
        this.#scheduler.notify(key, true);
      });
    return key | 0;
  }

  #write(answer: number, found: Answer | Error): void {
    const { memory, malloc } = (this.#core as LibraryCore).exports;
    const place = (bytes: Uint8Array): number => {
      const pointer = malloc(bytes.length) >>> 0;
      if (pointer !== 0) new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
      return pointer;
    };
    const words = [0, 0, 0, 0, 0];
    if (found instanceof Error) {
      words[DL_ERROR] = place(new TextEncoder().encode(`${found.message}\0`));
    } else {
      words[DL_VALUE] = found.value;
      words[DL_OWN_SLOTS] = this.#ownSlots;
      words[DL_COUNT] = found.constructors.length;
      if (found.constructors.length > 0) words[DL_CONSTRUCTORS] = place(new Uint8Array(Uint32Array.from(found.constructors).buffer));
    }
    new Uint32Array(memory.buffer, answer >>> 0, words.length).set(words);
  }

  #text(pointer: number): string {
    const bytes = new Uint8Array((this.#core as LibraryCore).exports.memory.buffer);
    return new TextDecoder().decode(bytes.slice(pointer >>> 0, bytes.indexOf(0, pointer >>> 0)));
  }

  #getLinker(): Promise<Linker> {
    return (this.#linkerComing ??= this.#makeLinker().catch((error: unknown) => {
      this.#linkerComing = undefined; // the network may come back
      throw error;
    }));
  }

  async #makeLinker(): Promise<Linker> {
    const [{ createLinker }, symbols] = await Promise.all([this.#sources.linker(), this.#symbols ?? this.#sources.symbols()]);
    const { exports, FS, isAsyncify, functions, mayEvaluate } = this.#core as LibraryCore;
    this.#symbols = symbols;
    this.#linker = createLinker({
      core: exports,
      symbols,
      functions,
      counter: isAsyncify ? exports.sospeso_library_at() >>> 0 : undefined,
      mayEvaluate,
      scope: { FS },
      version: (path) => {
        const { ino, size, mtime } = FS.stat(path);
        return `${ino}:${size}:${Number(mtime)}`;
      },
      realPath: (path) => {
        try {
          const { node } = FS.lookupPath(path, { follow: true });
          return FS.isFile(node.mode) ? FS.getPath(node) : undefined;
        } catch {
          return undefined;
        }
      },
      readFile: (path) => FS.readFile(path),
      libcxx: () => this.#libcxx,
      fetchLibcxx: async () => (this.#libcxx ??= await this.#sources.libcxx()),
    });
    return this.#linker;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
