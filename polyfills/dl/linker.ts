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
//     nothing behind.
//  3. A name has one slot per library, whoever takes its address, and a function of the core has the
//     core's: pointers to it are equal everywhere.
//  4. C++ names (_Z...) are looked up in the core, in global libraries, in what the library needs and
//     last in itself, so that a group has one typeinfo of each class, by which exceptions are caught.
//     Other names are the library's own first: two libraries that both carry a zlib keep apart.
//     One that is weak in the library gives way to the core's and to a global library's.
//  5. Memory is read afresh after everything that may have grown it.

import { type Compiled, Compiler, compileNow, instantiateNow, LIBCXX, named } from "./compiling.ts";
import { fits, fittingModule } from "./fitting.ts";
import type { CoreForLibraries, Linker, LinkerHost, Opened, OpenOptions } from "./linker_types.ts";
import { Scripts } from "./scripts.ts";
import { Slots } from "./slots.ts";
import { type Thunk, thunkModule } from "./thunks.ts";
import { FUNCTION, GLOBAL, MEMORY, TABLE, TAG, type WasmFile } from "./wasm_file.ts";

/** Where a library without a folder is looked for last. */
const FOLDERS = ["/lib", "/usr/lib", "/usr/local/lib"];
/** What only a C++ program imports; a library that does gets libcxx.so. */
const OF_LIBCXX = /^(_Z|__cxa_(?!atexit$|finalize$)|__gxx_|_Unwind_|__dynamic_cast$|__wasm_lpad_context$)/;
/** malloc() aligns to this much by itself. */
const MALLOC_ALIGN = 8;
const LEAST_ALIGN = 16;
const NOT_THERE = "cannot open shared object file: No such file or directory";

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
  readonly compiled: Compiled;
  /** Address of its path as a C string: its handle, and what a refused wait names. */
  readonly handle: number;
  readonly file: WasmFile;
  readonly needed: Library[];
  /** Names -> slots, and those of them that are not in its part of the table. */
  readonly slots: Map<string, number>;
  readonly moreSlots: number[];
  /** Globals of GOT.mem and GOT.func, until they have their addresses. */
  cells: Cell[];
  /** What malloc() gave for its data. */
  block: number;
  memoryBase: number;
  tableBase: number;
  instance: WebAssembly.Instance | undefined;
  isGlobal: boolean;
  opened: number;
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
  readonly #compiler: Compiler;
  readonly #scripts: Scripts;
  readonly #libraries = new Map<string, Library>();
  /** A slot and how it is called -> the slot that can be called so. */
  readonly #fitted = new Map<string, number>();

  constructor(host: LinkerHost) {
    this.#host = host;
    this.#core = host.core;
    this.#slots = new Slots(host.core.__indirect_function_table);
    this.#compiler = new Compiler(host);
    this.#scripts = new Scripts(host);
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

  async compileAhead(path: string): Promise<void> {
    const real = this.#host.realPath(path);
    if (real !== undefined) await this.#compileAhead(real, []);
  }

  symbol(handle: number, name: string): number | undefined {
    if (handle === 0) {
      const found = this.#inCore(name) ?? this.#inLibraries(name, this.#globals());
      return found && this.#place(found, name);
    }
    const library = this.#byHandle(handle);
    if (library === undefined) throw new Error("invalid handle");
    const found = this.#inLibraries(name, group(library));
    return found && this.#place(found, name);
  }

  pathOf(handle: number): string | undefined {
    return this.#byHandle(handle)?.path;
  }

  fit(slot: number, count: number): number {
    const key = `${slot}:${count}`;
    const known = this.#fitted.get(key);
    if (known !== undefined) return known;
    const type = this.#typeAt(slot);
    if (type === undefined || fits(type, count)) return slot;
    const bytes = fittingModule(type, slot, count);
    if (bytes === undefined) return slot;
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { t: { t: this.#core.__indirect_function_table } }).exports;
    const fitted = this.#slots.takeOne();
    this.#slots.set(fitted, f);
    this.#fitted.set(key, fitted);
    return fitted;
  }

  close(handle: number): boolean {
    const library = this.#byHandle(handle);
    if (library === undefined || library.opened === 0) return false;
    library.opened--;
    return true;
  }

  /** One that could not be linked. */
  #takeBack({ compiled, tableBase, file, moreSlots, block }: Library): void {
    this.#slots.giveBack(tableBase, file.tableSize);
    for (const slot of moreSlots) this.#slots.giveBack(slot, 1);
    this.#core.free(block);
    this.#compiler.forget(compiled);
  }

  // ---- opening ----------------------------------------------------------------------------------

  *#open({ file, search, isGlobal, onlyLoaded }: OpenOptions): Generator<Work, Opened, unknown> {
    const path = this.#pathOfFile(file, search);
    if (path === undefined) throw new Error(`${file}: ${NOT_THERE}`);
    const known = this.#libraries.get(path);
    if (known === undefined && onlyLoaded) throw new Error(`${file}: it is not loaded, and RTLD_NOLOAD was asked for`);
    const fresh = new Map<string, Library>();
    let library = known;
    const order: Library[] = []; // dependencies first
    try {
      library ??= yield* this.#prepare(path, search, fresh);
      order.push(...fresh.values());
      for (const one of order) yield* this.#instantiate(one);
      for (const one of order) this.#relocate(one);
    } catch (error) {
      for (const one of fresh.values()) this.#takeBack(one);
      throw error;
    }
    for (const one of order) this.#libraries.set(one.path, one);
    for (const one of group(library)) if (isGlobal) one.isGlobal = true;
    library.opened++;
    return { handle: library.handle, constructors: order.flatMap((one) => this.#constructors(one)) };
  }

  /** Read a library and what it needs; all get memory and slots. */
  *#prepare(path: string, search: readonly string[], fresh: Map<string, Library>, chain: Library[] = []): Generator<Work, Library, unknown> {
    const compiled = this.#compiler.read(path, path === LIBCXX ? ((yield libcxxOf(this.#host)) as Uint8Array<ArrayBuffer>) : undefined);
    if (compiled.module === undefined) {
      yield { isQuick: false, now: () => this.#compiler.now(compiled), later: () => this.#compiler.later(compiled) };
    }
    const { file, handle } = compiled;
    const library: Library = {
      path, compiled, handle, file, needed: [], slots: new Map(), moreSlots: [], cells: [],
      block: 0, memoryBase: 0, tableBase: 0, instance: undefined, isGlobal: false, opened: 0,
    };
    const above = [...chain, library];
    for (const name of this.#needs(file)) {
      const real = this.#findNeeded(name, path, file, search, fresh.keys());
      if (real === undefined) throw new Error(`${name}: ${NOT_THERE} (${path} needs it)`);
      const found = this.#libraries.get(real) ?? fresh.get(real) ?? above.find((one) => one.path === real);
      library.needed.push(found ?? (yield* this.#prepare(real, search, fresh, above)));
    }
    this.#allocate(library);
    library.tableBase = this.#slots.take(file.tableSize);
    fresh.set(path, library);
    return library;
  }

  #pathOfFile(file: string, search: readonly string[]): string | undefined {
    return file.includes("/") ? this.#host.realPath(file) : this.#search(file, search);
  }

  #search(name: string, folders: readonly string[]): string | undefined {
    const loaded = [...this.#libraries.keys()].find((path) => baseName(path) === name);
    if (loaded !== undefined) return loaded;
    return first([...folders, ...FOLDERS], (folder) => this.#host.realPath(`${folder}/${name}`));
  }

  #needs(file: WasmFile): string[] {
    return [...file.needed, ...(this.#wantsLibcxx(file) ? [LIBCXX] : [])];
  }

  #findNeeded(name: string, path: string, file: WasmFile, search: readonly string[], fresh: Iterable<string>): string | undefined {
    if (name === LIBCXX) return LIBCXX;
    const folder = path.slice(0, path.lastIndexOf("/"));
    const base = baseName(name);
    const ofRunPath = file.runPath.flatMap((entry) => entry.split(":")).map((entry) => entry.replace(/\$\{?ORIGIN\}?/g, folder));
    return (
      first(ofRunPath, (from) => this.#host.realPath(`${from}/${base}`)) ??
      [...this.#libraries.keys(), ...fresh].find((loaded) => baseName(loaded) === base) ??
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

  #allocate(library: Library): void {
    const { memorySize, memoryAlign } = library.file;
    if (memorySize === 0) return;
    const align = Math.max(memoryAlign, LEAST_ALIGN);
    const size = memorySize + align - MALLOC_ALIGN;
    library.block = this.#core.malloc(size) >>> 0;
    if (library.block === 0) throw new Error(`${library.path}: no memory for its data (${memorySize} bytes)`);
    new Uint8Array(this.#core.memory.buffer, library.block, size).fill(0);
    library.memoryBase = Math.ceil(library.block / align) * align;
  }

  // ---- compiling ahead --------------------------------------------------------------------------

  async #compileAhead(path: string, search: readonly string[], seen: string[] = []): Promise<void> {
    if (seen.includes(path) || this.#libraries.has(path)) return;
    seen.push(path);
    try {
      const compiled = this.#compiler.read(path, path === LIBCXX ? (this.#host.libcxx() ?? (await this.#host.fetchLibcxx())) : undefined);
      const { file } = compiled;
      const needed = this.#needs(file).map((name) => this.#findNeeded(name, path, file, search, []));
      await Promise.all([
        this.#compiler.later(compiled),
        ...needed.map((one) => (one === undefined ? undefined : this.#compileAhead(one, search, seen))),
      ]);
    } catch {
      // Whoever loads it is told.
    }
  }

  // ---- linking ----------------------------------------------------------------------------------

  *#instantiate(library: Library): Generator<Work, void, unknown> {
    const { path, file, compiled } = library;
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
    const module = compiled.module as WebAssembly.Module;
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
    const { path, file } = library;
    const script = this.#scripts.functionFor(name, path, file.exports.has(`__em_js__${name}`), () => this.#textAt(library, name));
    return (
      script ??
      ((): never => {
        throw new Error(`${path} called ${name}, which is defined nowhere: neither by the core nor by a library that it needs`);
      })
    );
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
    const outside = (): Found | undefined => this.#inCore(name) ?? this.#inLibraries(name, globals);
    const needed = (): Found | undefined => this.#inLibraries(name, group(library).slice(1));
    if (name.startsWith("_Z")) return outside() ?? needed() ?? own;
    if (library.file.weakFunctions.has(name)) return outside() ?? own;
    return own ?? outside() ?? needed();
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
    if (place === undefined) library.moreSlots.push(slot);
    library.slots.set(name, slot);
    if (library.instance !== undefined) this.#slots.set(slot, library.instance.exports[name]);
    return slot;
  }

  /** The type of a library's function, as it is encoded. */
  #typeAt(slot: number): Uint8Array | undefined {
    for (const { tableBase, file, moreSlots, slots } of this.#libraries.values()) {
      let index: number | undefined;
      if (slot >= tableBase && slot < tableBase + file.tableSize) index = file.tableFunctions[slot - tableBase];
      else if (moreSlots.includes(slot)) {
        const [name] = [...slots].find(([, one]) => one === slot) ?? [""];
        index = file.exports.get(name)?.index;
      }
      if (index !== undefined) return file.types[file.functionTypes[index] as number];
    }
    return undefined;
  }

  /** Where the text of a function of EM_JS is. */
  #textAt({ instance, memoryBase }: Library, name: string): number {
    return memoryBase + Number((instance?.exports[`__em_js__${name}`] as WebAssembly.Global).value);
  }

  #byHandle(handle: number): Library | undefined {
    return [...this.#libraries.values()].find((one) => one.handle === handle);
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
