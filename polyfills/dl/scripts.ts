// scripts.ts - JavaScript that a library carries as text (EM_JS, EM_ASM): evaluated where the page allows it.
//
// Emscripten evaluates such text in the scope of its glue. That is eval(): a page's content security policy may
// forbid it, and it runs what a wheel says with the rights of the page. So it takes an option of
// loadPyodide(), evalInLibraries. Without it a library loads, and the first call of such a function ends the runtime
// with an error that names the function and the option: C has no way to be told that a call is impossible.
// What the text may use is a small part of the glue's scope, made here. Used by linker.ts.
//
// Invariants
//  1. Nothing is evaluated before it is called: libraries carry text that nobody calls.
//  2. Views of memory are made when they are asked for, as memory grows.

import type { LinkerHost } from "./linker_types.ts";

type AnyFunction = (...values: never[]) => unknown;

/** Functions to which C hands text of EM_ASM: the text, the kinds of the values, where they are. */
const OF_EM_ASM = /^emscripten_asm_const_(int|double|ptr|async_on_main_thread|(int|double|ptr)_sync_on_main_thread)$/;
const VIEWS = {
  HEAP8: Int8Array,
  HEAPU8: Uint8Array,
  HEAP16: Int16Array,
  HEAPU16: Uint16Array,
  HEAP32: Int32Array,
  HEAPU32: Uint32Array,
  HEAP64: BigInt64Array,
  HEAPU64: BigUint64Array,
  HEAPF32: Float32Array,
  HEAPF64: Float64Array,
} as const;

/** The JavaScript of all libraries of one core. */
export class Scripts {
  readonly #host: LinkerHost;
  readonly #scope: object;

  constructor(host: LinkerHost) {
    this.#host = host;
    this.#scope = scopeOf(host);
  }

  /**
   * What stands for a function that a library imports; undefined where it is no JavaScript of the library's.
   * @param isEmJs whether the library has a text of this name.
   * @param textAt where that is, once the library is instantiated.
   */
  functionFor(name: string, path: string, isEmJs: boolean, textAt: () => number): AnyFunction | undefined {
    const isEmAsm = OF_EM_ASM.test(name);
    if (!isEmJs && !isEmAsm) return undefined;
    if (!this.#host.mayEvaluate) {
      return (): never => {
        const what = isEmJs ? `${name}, which is JavaScript that it carries as text (EM_JS)` : "JavaScript that it carries as text (EM_ASM)";
        throw new Error(`${path} called ${what}: give loadPyodide() the option evalInLibraries: true, if the page's policy allows eval()`);
      };
    }
    if (isEmJs) {
      let made: ((...values: unknown[]) => unknown) | undefined;
      return (...values: unknown[]): unknown => (made ??= this.#emJs(textAt()))(...values);
    }
    const known = new Map<number, (...values: unknown[]) => unknown>();
    return (code: number, kinds: number, values: number): unknown => {
      let made = known.get(code);
      if (made === undefined) known.set(code, (made = this.#emAsm(code)));
      return made(...this.#values(kinds, values));
    };
  }

  /** "(int a, int b)<::>{ body }" */
  #emJs(at: number): (...values: unknown[]) => unknown {
    const [declared = "", body = ""] = cText(this.#host, at).split(/<::>([^]*)/, 2);
    const names = declared
      .trim()
      .slice(1, -1)
      .split(",")
      .map((parameter) => parameter.trim().split(/[\s*]+/).pop() ?? "")
      .filter((name) => name !== "" && name !== "void");
    return this.#evaluate(names, body);
  }

  #emAsm(at: number): (...values: unknown[]) => unknown {
    return this.#evaluate(Array.from({ length: 16 }, (_, place) => `$${place}`), cText(this.#host, at));
  }

  #evaluate(names: readonly string[], body: string): (...values: unknown[]) => unknown {
    const make = new Function("scope", `with (scope) { return (function (${names.join(", ")}) { ${body} }); }`) as (
      scope: object,
    ) => (...values: unknown[]) => unknown;
    return make(this.#scope);
  }

  /** As varargs of C: "i" and "p" are words, the others take eight bytes and are aligned to them. */
  #values(kinds: number, from: number): unknown[] {
    const view = new DataView(this.#host.core.memory.buffer);
    let at = from >>> 0;
    return [...cText(this.#host, kinds)].map((kind) => {
      const isWord = kind === "i" || kind === "p";
      if (!isWord) at = (at + 7) & ~7;
      const here = at;
      at += isWord ? 4 : 8;
      if (kind === "i") return view.getInt32(here, true);
      if (kind === "p") return view.getUint32(here, true);
      return kind === "j" ? view.getBigInt64(here, true) : view.getFloat64(here, true);
    });
  }
}

/** As much of the glue's scope as such text uses. */
function scopeOf(host: LinkerHost): object {
  const { core, symbols } = host;
  const bytes = (): Uint8Array => new Uint8Array(core.memory.buffer);
  const write = (text: string, at: number, room: number): number => {
    if (room <= 0) return 0;
    const { written } = new TextEncoder().encodeInto(text, bytes().subarray(at >>> 0, (at >>> 0) + room - 1));
    bytes()[(at >>> 0) + written] = 0;
    return written;
  };
  const size = (text: string): number => new TextEncoder().encode(text).length;
  const scope: Record<string, unknown> = {
    ...host.scope,
    wasmMemory: core.memory,
    wasmTable: core.__indirect_function_table,
    getWasmTableEntry: (slot: number) => core.__indirect_function_table.get(slot) as unknown,
    UTF8ToString: (at: number, most?: number) => (at === 0 ? "" : cText(host, at, most)),
    stringToUTF8: write,
    lengthBytesUTF8: size,
    stringToNewUTF8: (text: string) => {
      const room = size(text) + 1;
      const at = core.malloc(room) >>> 0;
      if (at !== 0) write(text, at, room);
      return at;
    },
    out: (...values: unknown[]) => console.log(...values),
    err: (...values: unknown[]) => console.error(...values),
  };
  for (const [name, View] of Object.entries(VIEWS)) {
    Object.defineProperty(scope, name, { get: () => new View(core.memory.buffer), enumerable: true });
  }
  scope["Module"] = scope;
  // "_malloc" and the like are the core's functions.
  const inCore = (name: string | symbol): number | undefined =>
    typeof name === "string" && name.startsWith("_") && Object.hasOwn(symbols.functions, name.slice(1)) ? symbols.functions[name.slice(1)] : undefined;
  return new Proxy(scope, {
    has: (target, name) => name in target || inCore(name) !== undefined,
    get: (target, name) => {
      if (name === Symbol.unscopables) return undefined;
      const slot = inCore(name);
      return name in target || slot === undefined ? target[name as string] : (core.__indirect_function_table.get(slot) as unknown);
    },
  });
}

function cText({ core }: LinkerHost, at: number, most = Infinity): string {
  const bytes = new Uint8Array(core.memory.buffer);
  const from = at >>> 0;
  const end = Math.min(bytes.indexOf(0, from), from + most);
  return new TextDecoder().decode(bytes.slice(from, end));
}
