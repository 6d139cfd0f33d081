// wasm_file.ts - what a linker has to know of a library's wasm file before the engine compiles it.
//
// The engine tells names and kinds of imports, not their types, and nothing of the section dylink.0
// (tool-conventions, DynamicLinking.md): how much memory and table a library needs, which libraries,
// which of its symbols are weak. Used by linker.ts, thunks.ts and counted.ts.

export const FUNCTION = 0;
export const TABLE = 1;
export const MEMORY = 2;
export const GLOBAL = 3;
export const TAG = 4;

/** Sections. */
export const SECTION = { custom: 0, type: 1, import: 2, function: 3, export: 7, element: 9, code: 10 } as const;

/** Flags of symbols in dylink.0. */
const WEAK = 1;

/** A section that is no custom one; the offsets are those of its content. */
export interface Section {
  readonly kind: number;
  /** Where the section itself begins. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: number;
  /** Of a function: the index of its type. */
  readonly type: number;
}

export interface Export {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/** What a wasm file says that is a library. */
export interface WasmFile {
  readonly sections: readonly Section[];
  /** Static data: bytes, and their alignment in bytes. */
  readonly memorySize: number;
  readonly memoryAlign: number;
  /** Slots of the table. */
  readonly tableSize: number;
  readonly needed: readonly string[];
  /** Folders to look for them in; "$ORIGIN" is the library's own. */
  readonly runPath: readonly string[];
  /** Each type as it is encoded. */
  readonly types: readonly Uint8Array[];
  readonly imports: readonly Import[];
  readonly exports: ReadonlyMap<string, Export>;
  /** Type of each function, the imported ones first. */
  readonly functionTypes: readonly number[];
  /** The functions of its part of the table, by their places there. */
  readonly tableFunctions: readonly number[];
  /** Index of a function that is in its part of the table -> its first place there. */
  readonly placeInTable: ReadonlyMap<number, number>;
  /** Functions that it defines and imports, too: weak ones, which others may define before it. */
  readonly weakFunctions: ReadonlySet<string>;
  /** Whether nobody has to define an import. */
  isWeak(module: string, name: string): boolean;
}

/** The bytes are not what they should be. */
export class NoLibrary extends Error {}

/** Reads numbers and names. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new NoLibrary("the file ends too early");
    return byte;
  }

  /** LEB128, unsigned, of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
      if (shift > 28) throw new NoLibrary("a number is too long");
    }
  }

  text(): string {
    const size = this.number();
    const from = this.at;
    this.at += size;
    return new TextDecoder().decode(this.bytes.subarray(from, this.at));
  }

  /** So many times what `read` reads. */
  vector<T>(read: () => T): T[] {
    const count = this.number();
    const found: T[] = [];
    for (let index = 0; index < count; index++) found.push(read());
    return found;
  }
}

/** Read a library. @throws NoLibrary when it is none */
export function readLibrary(bytes: Uint8Array<ArrayBuffer>): WasmFile {
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (magic.some((byte, at) => bytes[at] !== byte)) throw new NoLibrary("not a WebAssembly file");
  const reader = new Reader(bytes, magic.length);
  const sections: Section[] = [];
  const dynamic = new Dynamic();
  while (reader.at < bytes.length) {
    const start = reader.at;
    const kind = reader.byte();
    const to = reader.number() + reader.at;
    const from = reader.at;
    if (to > bytes.length) throw new NoLibrary("the file ends too early");
    if (kind !== SECTION.custom) sections.push({ kind, start, from, to });
    else if (reader.text() === "dylink.0") dynamic.read(reader, to);
    reader.at = to;
  }
  if (!dynamic.found) throw new NoLibrary("a WebAssembly file, but no shared library (it has no section dylink.0)");
  const open = (kind: number): Reader | undefined => {
    const found = sections.find((section) => section.kind === kind);
    return found && new Reader(bytes, found.from);
  };
  const types = readTypes(open(SECTION.type));
  const imports = readImports(open(SECTION.import));
  const functions = open(SECTION.function);
  const exported = open(SECTION.export);
  const exports = exported?.vector(() => ({ name: exported.text(), kind: exported.byte(), index: exported.number() }));
  const tableFunctions = readElements(open(SECTION.element));
  const placeInTable = new Map<number, number>();
  tableFunctions.forEach((index, place) => placeInTable.set(index, placeInTable.get(index) ?? place));
  const exportMap = new Map((exports ?? []).map((one) => [one.name, one]));
  return {
    sections,
    ...dynamic.sizes,
    needed: dynamic.needed,
    runPath: dynamic.runPath,
    types,
    imports,
    exports: exportMap,
    functionTypes: [
      ...imports.filter(({ kind }) => kind === FUNCTION).map(({ type }) => type),
      ...(functions?.vector(() => functions.number()) ?? []),
    ],
    tableFunctions,
    placeInTable,
    weakFunctions: new Set(
      imports.filter(({ kind, module, name }) => kind === FUNCTION && module === "env" && exportMap.has(name)).map(({ name }) => name),
    ),
    isWeak: (module, name) => dynamic.weak.has(`${module}\0${name}`),
  };
}

/** The section dylink.0. */
class Dynamic {
  found = false;
  sizes = { memorySize: 0, memoryAlign: 1, tableSize: 0 };
  needed: string[] = [];
  runPath: string[] = [];
  readonly weak = new Set<string>();

  read(reader: Reader, end: number): void {
    this.found = true;
    while (reader.at < end) {
      const kind = reader.byte();
      const to = reader.number() + reader.at;
      if (kind === 1) {
        const [memorySize, align, tableSize] = [reader.number(), reader.number(), reader.number()];
        this.sizes = { memorySize, memoryAlign: 2 ** align, tableSize };
      } else if (kind === 2) {
        this.needed = reader.vector(() => reader.text());
      } else if (kind === 4) {
        reader.vector(() => {
          const key = `${reader.text()}\0${reader.text()}`;
          if (reader.number() & WEAK) this.weak.add(key);
        });
      } else if (kind === 5) {
        this.runPath = reader.vector(() => reader.text());
      }
      reader.at = to;
    }
  }
}

function readTypes(reader: Reader | undefined): Uint8Array[] {
  return (
    reader?.vector(() => {
      const from = reader.at;
      if (reader.byte() !== 0x60) throw new NoLibrary("it has a type that is none of a function");
      reader.vector(() => reader.byte());
      reader.vector(() => reader.byte());
      return reader.bytes.slice(from, reader.at); // the file is not to be kept for it
    }) ?? []
  );
}

function readImports(reader: Reader | undefined): Import[] {
  const limits = (): void => {
    const flags = reader?.byte() ?? 0;
    for (let count = 1 + (flags & 1); count > 0; count--) reader?.number();
  };
  return (
    reader?.vector(() => {
      const [module, name, kind] = [reader.text(), reader.text(), reader.byte()];
      let type = 0;
      if (kind === FUNCTION) type = reader.number();
      else if (kind === TABLE) reader.byte();
      else if (kind === GLOBAL) reader.at += 2;
      else if (kind === TAG) type = (reader.byte(), reader.number());
      if (kind === TABLE || kind === MEMORY) limits();
      return { module, name, kind, type };
    }) ?? []
  );
}

/** Functions of the segments that begin where the library's part of the table does. */
function readElements(reader: Reader | undefined): number[] {
  let functions: number[] = [];
  if (reader === undefined) return functions;
  for (let count = reader.number(); count > 0; count--) {
    // Others than these two forms name no slots: compilers make none.
    if (reader.number() !== 0) return functions;
    const opcode = reader.byte();
    const start = opcode === GLOBAL_GET ? (reader.number(), 0) : undefined;
    if (start === undefined || reader.byte() !== END) return functions;
    functions = reader.vector(() => reader.number());
  }
  return functions;
}

const GLOBAL_GET = 0x23;
const END = 0x0b;
