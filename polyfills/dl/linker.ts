// linker.ts - the dynamic linker: libraries (side modules of Emscripten) become part of the running core.
//
// The core is linked statically; its symbols are slots of its table and addresses (core.symbols.json).
// A library gets memory, slots, and for each import a function or a cell with an address; the format is
// tool-conventions' DynamicLinking.md. The entry of dist/linker.mjs, which dl.ts imports when the first
// library is loaded.
//
// Invariants
//  1. Links are made by one dlopen() at a time: the C side has a lock (dl.c). Compiling ahead needs none.
//  2. A library is in #libraries when everything in it and in what it needs is linked. One that fails leaves
//     nothing behind but memory.
//  3. A name has one slot per library, whoever takes its address, and a function of the core has the
//     core's: pointers to it are equal everywhere.
//  4. C++ names (_Z...) are looked up in the core, in global libraries, in what the library needs and
//     last in itself, so that a group has one typeinfo of each class, by which exceptions are caught.
//     Other names are the library's own first: two libraries that both carry a zlib keep apart.
//  5. Memory is read afresh after everything that may have grown it.

import type { CoreForLibraries, Linker, LinkerHost, Opened, OpenOptions } from "./linker_types.ts";
import { counted } from "./counted.ts";
import { fittingModule, parameters, type Thunk, thunkModule } from "./thunks.ts";
import { Slots } from "./slots.ts";
import { FUNCTION, GLOBAL, MEMORY, NoLibrary, readLibrary, TABLE, TAG, type WasmFile } from "./wasm_file.ts";

/** Where a library without a folder is looked for last. */
const FOLDERS = ["/lib", "/usr/lib", "/usr/local/lib"];
/** What only a C++ program imports; a library that does gets libcxx.so. */
const OF_LIBCXX = /^(_Z|__cxa_(?!atexit$|finalize$)|__gxx_|_Unwind_|__dynamic_cast$|__wasm_lpad_context$)/;
const LIBCXX = "libcxx.so";
/** malloc() aligns to this much by itself. */
const MALLOC_ALIGN = 8;
const LEAST_ALIGN = 16;

/** Something that can be done at once, or waited for. */
interface Work {
  /** Whether to do it at once, also on a stack that may wait. */
  readonly isQuick: boolean;
  now(): unknown;
  later(): Promise<unknown>;
}

interface Cell {
  readonly module: string;
  readonly name: string;
  readonly cell: WebAssembly.Global;
}

interface Library {
  readonly path: string;
  /** Address of its path as a C string: its handle, and what a refused wait names. */
  readonly handle: number;
  readonly file: WasmFile;
  readonly needed: Library[];
  readonly slots: Map<string, number>;
  /** Globals of GOT.mem and GOT.func, until they have their addresses. */
  cells: Cell[];
  memoryBase: number;
  tableBase: number;
  instance: WebAssembly.Instance | undefined;
  isGlobal: boolean;
  opened: number;
}

interface Compiled {
  readonly path: string;
  readonly file: WasmFile;
  readonly handle: number;
  /** Of the file when it was read. */
  readonly size: number;
  /** Until they are compiled. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  module: WebAssembly.Module | undefined;
  compiling: Promise<WebAssembly.Module> | undefined;
}

/** Where a name was found: a slot or an address of the core, or an export of a library. */
type Found = { readonly at: number } | { readonly library: Library };

/** A linker for one core. */
export function createLinker(host: LinkerHost): Linker {
  return new DynamicLinker(host);
}

class DynamicLinker implements Linker {
  readonly #host: LinkerHost;
  readonly #core: CoreForLibraries;
  readonly #slots: Slots;
  readonly #libraries = new Map<string, Library>();
  readonly #compiled = new Map<string, Compiled>();
  /** Slot of a function -> that of one that takes more parameters. */
  readonly #fitted = new Map<number, number>();

  constructor(host: LinkerHost) {
    this.#host = host;
    this.#core = host.core;
    this.#slots = new Slots(host.core.__indirect_function_table);
  }

  open(options: OpenOptions): Opened | Promise<Opened> {
    const steps = this.#open(options);
    for (let step = steps.next(); ; ) {
      if (step.done === true) return step.value;
      if (!step.value.isQuick) return this.#goOn(steps, step);
      let found: unknown;
      try {
        found = step.value.now();
      } catch {
        return this.#goOn(steps, step); // too large for that in a page; or it fails once more
      }
      step = steps.next(found);
    }
  }

  async #goOn(steps: Generator<Work, Opened, unknown>, first: IteratorResult<Work, Opened>): Promise<Opened> {
    for (let step = first; ; ) {
      if (step.done === true) return step.value;
      try {
        step = steps.next(await step.value.later());
      } catch (error) {
        step = steps.throw(error);
      }
    }
  }

  openNow(options: OpenOptions): Opened {
    const steps = this.#open(options);
    for (let step = steps.next(); ; ) {
      if (step.done === true) return step.value;
      try {
        step = steps.next(step.value.now());
      } catch (error) {
        step = steps.throw(error);
      }
    }
  }

  symbol(handle: number, name: string): number | undefined {
    if (handle === 0) {
      const found = this.#inCore(name) ?? this.#inLibraries(name, this.#globals());
      return found && this.#place(found, name);
    }
    const library = [...this.#libraries.values()].find((one) => one.handle === handle);
    const found = library && this.#inLibraries(name, group(library));
    return found && this.#place(found, name);
  }

  fit(slot: number, count: number): number {
    const known = this.#fitted.get(slot);
    if (known !== undefined) return known;
    const library = [...this.#libraries.values()].find(({ tableBase, file }) => slot >= tableBase && slot < tableBase + file.tableSize);
    if (library === undefined) return slot;
    const [index] = [...library.file.placeInTable].find(([, place]) => place === slot - library.tableBase) ?? [-1];
    const type = library.file.types[library.file.functionTypes[index] ?? -1];
    if (type === undefined || parameters(type) >= count) return slot;
    const fitted = this.#slots.takeOne();
    const module = new WebAssembly.Module(fittingModule(type, slot, count));
    const { f } = new WebAssembly.Instance(module, { t: { t: this.#core.__indirect_function_table } }).exports;
    this.#slots.set(fitted, f);
    this.#fitted.set(slot, fitted);
    return fitted;
  }

  close(handle: number): boolean {
    const library = [...this.#libraries.values()].find((one) => one.handle === handle);
    if (library === undefined || library.opened === 0) return false;
    library.opened--;
    return true;
  }

  async compileAhead(path: string): Promise<void> {
    try {
      const real = this.#host.realPath(path);
      if (real === undefined || this.#libraries.has(real)) return;
      const compiled = this.#read(real, this.#host.readFile(real));
      compiled.module ??= await this.#compile(compiled);
      if (this.#wantsLibcxx(compiled.file)) await this.compileLibcxx();
    } catch {
      // Whoever loads it is told.
    }
  }

  async compileLibcxx(): Promise<void> {
    const compiled = this.#read(LIBCXX, this.#host.libcxx() ?? (await this.#host.fetchLibcxx()));
    compiled.module ??= await this.#compile(compiled);
  }

  // ---- opening ----------------------------------------------------------------------------------

  *#open({ file, search, isGlobal, onlyLoaded }: OpenOptions): Generator<Work, Opened, unknown> {
    const path = file.includes("/") ? this.#host.realPath(file) : this.#search(file, search);
    if (path === undefined) throw new Error(`${file}: cannot open shared object file: No such file or directory`);
    const known = this.#libraries.get(path);
    if (known === undefined && onlyLoaded) throw new Error(`${file}: it is not loaded, and RTLD_NOLOAD was asked for`);
    const fresh = new Map<string, Library>();
    const library = known ?? (yield* this.#prepare(path, search, fresh));
    const order = [...fresh.values()]; // dependencies first
    for (const one of order) yield* this.#instantiate(one);
    for (const one of order) this.#relocate(one);
    for (const one of order) this.#libraries.set(one.path, one);
    if (isGlobal) for (const one of group(library)) one.isGlobal = true;
    library.opened++;
    return { handle: library.handle, constructors: order.flatMap((one) => this.#constructors(one)) };
  }

  /** Read a library and what it needs; all get memory and slots. */
  *#prepare(path: string, search: readonly string[], fresh: Map<string, Library>, chain: Library[] = []): Generator<Work, Library, unknown> {
    const compiled = this.#read(path, path === LIBCXX ? ((yield libcxxOf(this.#host)) as Uint8Array<ArrayBuffer>) : undefined);
    if (compiled.module === undefined) {
      const now = (): WebAssembly.Module => compileNow(path, this.#bytesOf(compiled));
      compiled.module = (yield { isQuick: false, now, later: () => this.#compile(compiled) }) as WebAssembly.Module;
      compiled.bytes = undefined;
    }
    const { file, handle } = compiled;
    const library: Library = {
      path, handle, file, needed: [], slots: new Map(), cells: [], memoryBase: 0, tableBase: 0, instance: undefined, isGlobal: false, opened: 0,
    };
    const above = [...chain, library];
    const names = [...file.needed, ...(this.#wantsLibcxx(file) ? [LIBCXX] : [])];
    for (const name of names) {
      const real = name === LIBCXX ? LIBCXX : this.#findNeeded(name, library, search, fresh);
      if (real === undefined) throw new Error(`${path}: it needs the library ${name}, which is not there`);
      const found = this.#libraries.get(real) ?? fresh.get(real) ?? above.find((one) => one.path === real);
      library.needed.push(found ?? (yield* this.#prepare(real, search, fresh, above)));
    }
    library.memoryBase = this.#allocate(file);
    library.tableBase = this.#slots.take(file.tableSize);
    fresh.set(path, library);
    return library;
  }

  #search(name: string, folders: readonly string[]): string | undefined {
    const loaded = [...this.#libraries.keys()].find((path) => baseName(path) === name);
    if (loaded !== undefined) return loaded;
    return first([...folders, ...FOLDERS], (folder) => this.#host.realPath(`${folder}/${name}`));
  }

  #findNeeded(name: string, { path, file }: Library, search: readonly string[], fresh: ReadonlyMap<string, Library>): string | undefined {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const base = baseName(name);
    const ofRunPath = file.runPath.flatMap((entry) => entry.split(":")).map((entry) => entry.replace(/\$\{?ORIGIN\}?/g, folder));
    return (
      first(ofRunPath, (from) => this.#host.realPath(`${from}/${base}`)) ??
      [...this.#libraries.keys(), ...fresh.keys()].find((loaded) => baseName(loaded) === base) ??
      first([folder, ...search, ...FOLDERS], (from) => this.#host.realPath(`${from}/${base}`))
    );
  }

  #wantsLibcxx(file: WasmFile): boolean {
    return file.imports.some(
      ({ name, kind, module }) =>
        (kind === TAG ? name === "__cpp_exception" : OF_LIBCXX.test(name)) &&
        !file.exports.has(name) &&
        !file.isWeak(module, name) &&
        this.#inCore(name) === undefined,
    );
  }

  #allocate({ memorySize, memoryAlign }: WasmFile): number {
    if (memorySize === 0) return 0;
    const align = Math.max(memoryAlign, LEAST_ALIGN);
    const size = memorySize + align - MALLOC_ALIGN;
    const pointer = this.#core.malloc(size) >>> 0;
    if (pointer === 0) throw new Error(`no memory for the library's data (${memorySize} bytes)`);
    new Uint8Array(this.#core.memory.buffer, pointer, size).fill(0);
    return Math.ceil(pointer / align) * align;
  }

  // ---- compiling --------------------------------------------------------------------------------

  #read(path: string, given?: Uint8Array<ArrayBuffer>): Compiled {
    const bytes = given ?? this.#host.readFile(path);
    const known = this.#compiled.get(path);
    if (known?.size === bytes.length) return known;
    let file: WasmFile;
    try {
      file = readLibrary(bytes);
    } catch (error) {
      throw error instanceof NoLibrary ? new Error(`${path}: ${error.message}`) : error;
    }
    const compiled = { path, file, size: bytes.length, bytes, handle: this.#cString(path), module: undefined, compiling: undefined };
    this.#compiled.set(path, compiled);
    return compiled;
  }

  /** What the engine is to compile; it is given away. */
  #bytesOf(compiled: Compiled): Uint8Array<ArrayBuffer> {
    const { counter } = this.#host;
    const { file, handle } = compiled;
    const bytes = compiled.bytes as Uint8Array<ArrayBuffer>;
    return counter === undefined ? bytes : counted(bytes, file, counter, handle);
  }

  async #compile(compiled: Compiled): Promise<WebAssembly.Module> {
    compiled.compiling ??= WebAssembly.compile(this.#bytesOf(compiled)).catch(named(compiled.path));
    compiled.module = await compiled.compiling;
    compiled.bytes = undefined;
    return compiled.module;
  }

  #cString(text: string): number {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const pointer = this.#core.malloc(bytes.length) >>> 0;
    if (pointer === 0) throw new Error("no memory for the library's name");
    new Uint8Array(this.#core.memory.buffer, pointer, bytes.length).set(bytes);
    return pointer;
  }

  // ---- linking ----------------------------------------------------------------------------------

  *#instantiate(library: Library): Generator<Work, void, unknown> {
    const { path, file } = library;
    const globals = this.#globals();
    const env: Record<string, unknown> = {};
    const imports: Record<string, Record<string, unknown>> = { env };
    const thunks: (Thunk & { readonly name: string })[] = [];
    for (const { module, name, kind, type } of file.imports) {
      const into = (imports[module] ??= {});
      if (kind === FUNCTION) {
        const found = this.#find(library, name, globals);
        if (found !== undefined && "library" in found && found.library.instance === undefined) {
          thunks.push({ name, type: file.types[type] as Uint8Array, slot: this.#slotOf(found.library, name) });
        } else {
          into[name] = this.#functionFor(library, module, name, found);
        }
      } else if (kind === GLOBAL) {
        into[name] = this.#globalFor(library, module, name);
      } else if (kind === TAG) {
        into[name] = name === "__c_longjmp" ? this.#core.__c_longjmp : this.#exceptionTag(library);
      } else if (kind === TABLE) {
        into[name] = this.#core.__indirect_function_table;
      } else if (kind === MEMORY) {
        into[name] = this.#core.memory;
      }
    }
    if (thunks.length > 0) {
      const bytes = thunkModule(thunks);
      const table = { t: { t: this.#core.__indirect_function_table } };
      const module = (yield {
        isQuick: true,
        now: () => compileNow(path, bytes),
        later: () => WebAssembly.compile(bytes),
      }) as WebAssembly.Module;
      const made = new WebAssembly.Instance(module, table).exports;
      thunks.forEach(({ name }, place) => (env[name] = made[place]));
    }
    const module = this.#compiled.get(path)?.module as WebAssembly.Module;
    const all = imports as WebAssembly.Imports;
    library.instance = (yield {
      isQuick: true,
      now: () => instantiateNow(path, module, all),
      later: () => WebAssembly.instantiate(module, all).catch(named(path)),
    }) as WebAssembly.Instance;
    for (const [name, slot] of library.slots) this.#slots.set(slot, library.instance.exports[name]);
  }

  #functionFor(library: Library, module: string, name: string, found: Found | undefined): unknown {
    if (found !== undefined && "library" in found) return found.library.instance?.exports[name];
    if (found !== undefined) return this.#core.__indirect_function_table.get(found.at);
    const given = this.#host.functions[name];
    if (typeof given === "function" && module !== "GOT.func") return given;
    const why = library.file.exports.has(`__em_js__${name}`)
      ? "is JavaScript that the library carries as text (EM_JS), which this linker does not evaluate"
      : "is defined nowhere: neither by the core nor by a library that it needs";
    return (): never => {
      throw new Error(`${library.path} called ${name}, which ${why}`);
    };
  }

  #globalFor(library: Library, module: string, name: string): WebAssembly.Global {
    if (module === "env") {
      if (name === "__memory_base") return constant(library.memoryBase);
      if (name === "__table_base") return constant(library.tableBase);
      if (name === "__stack_pointer") return this.#core.__stack_pointer;
    }
    const cell = new WebAssembly.Global({ value: "i32", mutable: module.startsWith("GOT.") }, 0);
    if (module.startsWith("GOT.")) library.cells.push({ module, name, cell });
    return cell;
  }

  /** Fill the cells with addresses, and have the library fill its own data. */
  #relocate(library: Library): void {
    const globals = this.#globals();
    for (const { module, name, cell } of library.cells) {
      const found = this.#find(library, name, globals);
      if (found !== undefined) cell.value = this.#place(found, name);
      else if (module === "GOT.mem" && !library.file.isWeak(module, name)) {
        throw new Error(`${library.path}: undefined symbol: ${name}`);
      }
    }
    library.cells = [];
    (library.instance?.exports["__wasm_apply_data_relocs"] as (() => void) | undefined)?.();
  }

  #constructors(library: Library): number[] {
    return library.file.exports.has("__wasm_call_ctors") ? [this.#slotOf(library, "__wasm_call_ctors")] : [];
  }

  /** What C++ throws; libcxx.so defines it, and everybody who imports it needs that. */
  #exceptionTag(library: Library): unknown {
    const owner = group(library).find(({ file }) => file.exports.get("__cpp_exception")?.kind === TAG);
    return owner?.instance?.exports["__cpp_exception"];
  }

  // ---- symbols ----------------------------------------------------------------------------------

  #globals(): Library[] {
    return [...this.#libraries.values()].filter(({ isGlobal }) => isGlobal);
  }

  #inCore(name: string): { at: number } | undefined {
    const { functions, data } = this.#host.symbols;
    if (Object.hasOwn(functions, name)) return { at: functions[name] as number };
    return Object.hasOwn(data, name) ? { at: data[name] as number } : undefined;
  }

  #inLibraries(name: string, libraries: readonly Library[]): { library: Library } | undefined {
    const library = libraries.find(({ file }) => file.exports.has(name));
    return library && { library };
  }

  /** Invariant 4. */
  #find(library: Library, name: string, globals: readonly Library[]): Found | undefined {
    const own = library.file.exports.has(name) ? { library } : undefined;
    const others = (): Found | undefined =>
      this.#inCore(name) ?? this.#inLibraries(name, globals) ?? this.#inLibraries(name, group(library).slice(1));
    return name.startsWith("_Z") ? (others() ?? own) : (own ?? others());
  }

  /** The slot or the address. */
  #place(found: Found, name: string): number {
    if ("at" in found) return found.at;
    const { library } = found;
    if (library.file.exports.get(name)?.kind === FUNCTION) return this.#slotOf(library, name);
    return library.memoryBase + Number((library.instance?.exports[name] as WebAssembly.Global).value);
  }

  #slotOf(library: Library, name: string): number {
    const known = library.slots.get(name);
    if (known !== undefined) return known;
    const { placeInTable, exports } = library.file;
    const place = placeInTable.get(exports.get(name)?.index ?? -1);
    const slot = place === undefined ? this.#slots.takeOne() : library.tableBase + place;
    library.slots.set(name, slot);
    if (library.instance !== undefined) this.#slots.set(slot, library.instance.exports[name]);
    return slot;
  }
}

/** A library and what it needs, nearest first. */
function group(library: Library): Library[] {
  const all = [library];
  for (const one of all) for (const needed of one.needed) if (!all.includes(needed)) all.push(needed);
  return all;
}

function libcxxOf(host: LinkerHost): Work {
  return {
    isQuick: host.libcxx() !== undefined,
    now: () => {
      const bytes = host.libcxx();
      if (bytes === undefined) throw new Error(`the C++ library ${LIBCXX} has to be fetched first: load the package by loadPackage(), or import it in runPythonAsync()`);
      return bytes;
    },
    later: async () => host.libcxx() ?? host.fetchLibcxx(),
  };
}

function compileNow(path: string, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw tooLarge(path, error);
  }
}

function instantiateNow(path: string, module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    throw tooLarge(path, error);
  }
}

/** An engine's complaint about a library, with its name. */
function named(path: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  };
}

/** What an engine says that has pages wait for large modules. */
function tooLarge(path: string, error: unknown): unknown {
  if (!(error instanceof RangeError)) return named(path)(error);
  return new Error(`${path} is too large to be loaded at once in a page: import it in runPythonAsync(), which can wait (${error.message})`);
}

function constant(value: number): WebAssembly.Global {
  return new WebAssembly.Global({ value: "i32", mutable: false }, value);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function first<T, U>(items: readonly T[], look: (item: T) => U | undefined): U | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
