// linker_types.ts - what the linker and the rest of the runtime know of each other.
//
// The linker (linker.ts) is a file of its own in dist/, linker.mjs, which is fetched when the first
// library is loaded; dl.ts is in every runtime. These types are all that they share.

/** What core.symbols.json says: where libraries find what the core offers (cpython/build/wasm/symbols.py). */
export interface CoreSymbols {
  /** Name -> slot of the table. */
  readonly functions: Readonly<Record<string, number>>;
  /** Name -> address. */
  readonly data: Readonly<Record<string, number>>;
}

/** Exports of the core that the linker uses. */
export interface CoreForLibraries {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  readonly __stack_pointer: WebAssembly.Global;
  /** The tag of longjmp(). */
  readonly __c_longjmp: unknown;
  malloc(size: number): number;
  free(pointer: number): void;
}

/** What the linker needs of the runtime. */
export interface LinkerHost {
  readonly core: CoreForLibraries;
  readonly symbols: CoreSymbols;
  /** JavaScript functions that the core imports, by their names: a library may import them, too. */
  readonly functions: Readonly<Record<string, unknown>>;
  /**
   * Address of the variable in which a library's functions note its name while they are on the stack (counted.ts);
   * undefined where a wait passes them.
   */
  readonly counter: number | undefined;
  /** Whether JavaScript that libraries carry as text may be evaluated (option evalInLibraries). */
  readonly mayEvaluate: boolean;
  /** What such JavaScript may use besides, by name. */
  readonly scope: Readonly<Record<string, unknown>>;
  /** The absolute path of a file, links followed; undefined where there is none. */
  realPath(path: string): string | undefined;
  /** What changes when a file does. */
  version(path: string): string;
  readFile(path: string): Uint8Array<ArrayBuffer>;
  /** The C++ library, libcxx.so of dist/, if it was fetched. */
  libcxx(): Uint8Array<ArrayBuffer> | undefined;
  fetchLibcxx(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What dlopen() has to know of a library that was linked. */
export interface Opened {
  readonly handle: number;
  /** Slots of constructors that have to be called now, in this order. */
  readonly constructors: readonly number[];
}

/** How dlopen() was called. */
export interface OpenOptions {
  readonly file: string;
  /** Folders in which a file without a folder is looked for. */
  readonly search: readonly string[];
  /** RTLD_GLOBAL: libraries that are loaded later find its symbols. */
  readonly isGlobal: boolean;
  /** RTLD_NOLOAD: only if it is there. */
  readonly onlyLoaded: boolean;
}

/** Loads libraries into one core. */
export interface Linker {
  /**
   * Link a library and what it needs: at once where it is compiled, so that an import after loadPackage() lets no other
   * stack run in its middle; else waiting for the engine.
   * @throws Error (or rejects): it cannot be.
   */
  open(options: OpenOptions): Opened | Promise<Opened>;
  /** The same at once; a library that the engine has to compile first may be too large for that. */
  openNow(options: OpenOptions): Opened;
  /**
   * The slot or the address of a symbol of a library and of what it needs; of the core and all global libraries for
   * handle 0; undefined: there is none.
   * @throws Error no library has this handle.
   */
  symbol(handle: number, name: string): number | undefined;
  /** The path of a library. */
  pathOf(handle: number): string | undefined;
  /**
   * A slot by which a library's function is called with so many parameters of 32 bits, and gives one: the given one, where
   * it is declared so or what is there is no such function.
   */
  fit(slot: number, parameters: number): number;
  /** One dlopen() less; false: there is no such library. Libraries stay: nobody can know who still points into them. */
  close(handle: number): boolean;
  /** Have the engine compile a file that will be loaded, and what it needs as far as that is there. Never rejects. */
  compileAhead(path: string): Promise<void>;
}
