/*
 * The JavaScript Promise Integration API (`Suspending`, `promising`,
 * `SuspendError`) for engines that lack it, on a module that went through
 * Binaryen's Asyncify pass. Many browsers in use have no JSPI; with this
 * library the code that waits is written once, against JSPI.
 * It depends on nothing else in the project and on no particular toolchain.
 * Called by the runtime when it loads the Asyncify core; usable on its own.
 */

/** Any function that may stand on either side of the wasm boundary. */
export type AnyFunction = (...args: any[]) => any;

/** What the library needs from the program whose stacks it moves. */
export interface AsyncifyJspiOptions {
  /**
   * Allocates `size` bytes of the module's memory.
   * @returns the address, a multiple of 4; 0 when there is no room. It may
   *   grow the memory and call plain exports (`malloc`).
   */
  allocate(size: number): number;
  /** Gives back a block that `allocate` returned. */
  free(pointer: number): void;
  /**
   * Bytes the stack that is about to be unwound may need. Called right before
   * each unwind; only the program knows how deep it is. Default: 1 MiB, about
   * what engines give a stack of their own, whose frames are larger.
   */
  bufferSize?(): number;
  /**
   * Names imports that never call back into wasm, or that are themselves wasm
   * functions of an asyncified module: these are passed on as they are, which
   * saves some 10 ns a call. Default: none, every import is guarded.
   */
  unguarded?(module: string, name: string, value: AnyFunction): boolean;
  /**
   * An import that returns neither a promise nor another thenable goes on at
   * once. Engines suspend even then, so that other stacks that are ready run
   * first, and so does this library. Default: false.
   */
  plainValuesGoOn?: boolean;
}

/** Counters of one polyfill; sizes in bytes. */
export interface AsyncifyJspiStats {
  /** Stacks suspended now. */
  readonly suspended: number;
  /** Buffers that exist, the area stacks unwind into included, and how many of these are free. */
  readonly buffers: number;
  readonly pooled: number;
  /** Memory held by all buffers, headers and guards included. */
  readonly bytes: number;
  /** The most that any unwind has written: what `bufferSize` must cover. */
  readonly deepest: number;
  /** Unwinds since the start. */
  readonly unwinds: number;
}

/** An import object in which functions that wait stand as `Suspending`s. */
export type SuspendableImports = Record<string, Record<string, WebAssembly.ImportValue | Suspending>>;

/** The JSPI API for one instance, and the two steps that bind it to one. */
export interface AsyncifyJspi {
  readonly Suspending: typeof Suspending;
  readonly SuspendError: typeof SuspendError;
  /**
   * Like `WebAssembly.promising`.
   * @param exported an exported wasm function of the attached instance.
   * @returns a function that runs it and returns a promise of its result.
   * @throws TypeError when `exported` is no exported wasm function.
   */
  promising<Arguments extends unknown[], Result>(
    exported: (...args: Arguments) => Result,
  ): (...args: Arguments) => Promise<Awaited<Result>>;
  /** The import object to instantiate with, from one that may hold `Suspending`s. */
  wrapImports(imports: SuspendableImports): WebAssembly.Imports;
  /**
   * Binds the polyfill to the instance made with `wrapImports`.
   * @param memory where buffers live; default: the first exported memory.
   * @throws TypeError when the module was not asyncified, shows no memory, or
   *   another instance is attached already.
   */
  attach(instance: WebAssembly.Instance, memory?: WebAssembly.Memory): void;
  stats(): AsyncifyJspiStats;
}

/** A wait was asked for where the stack below cannot be suspended. */
export class SuspendError extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "SuspendError", configurable: true, writable: true });
  }
}

/** A saved stack is lost: its buffer was too small or somebody wrote over it. */
export class AsyncifyError extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "AsyncifyError", configurable: true, writable: true });
  }
}

const suspendingFunctions = new WeakMap<object, AnyFunction>();
/** What `promising` made, by any polyfill of this file -> the exported function. */
const promisingFunctions = new WeakMap<AnyFunction, AnyFunction>();

let functionTest: WebAssembly.Table | undefined;

/** Only the engine can tell an exported wasm function; a table takes no other. */
function isExported(value: unknown): value is AnyFunction {
  // At first use: a page may import this file before it knows whether it has WebAssembly.
  functionTest ??= new WebAssembly.Table({ element: "anyfunc", initial: 1 });
  try {
    functionTest.set(0, value as never);
    functionTest.set(0, null as never);
  } catch {
    return false;
  }
  return typeof value === "function";
}

/** Marks an import as one that may return a promise, which wasm then waits for. */
export class Suspending {
  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: "WebAssembly.Suspending", configurable: true });
  }
  declare private readonly brand: "WebAssembly.Suspending"; // for type checkers only
  constructor(fn: AnyFunction) {
    if (typeof fn !== "function") {
      throw new TypeError("Suspending(): argument 0 must be a function");
    }
    if (promisingFunctions.has(fn) || isExported(fn)) {
      throw new TypeError("Suspending(): argument 0 must be a JavaScript function; give wasm functions as imports as they are");
    }
    suspendingFunctions.set(this, fn);
  }
}

/*
 * How a stack moves. A module after Asyncify is in one of three states: normal,
 * unwinding (each function writes its locals to the buffer and returns) and
 * rewinding (each function reads them back and calls on). An activation is one
 * call of a promising export, from the call to the settling of its promise.
 *
 *  1. `current` is the activation whose wasm frame is the topmost frame, and
 *     null while JavaScript runs: every import is guarded, puts null there and
 *     restores it on the way back. So at a Suspending import, `current` is not
 *     null exactly when nothing but wasm lies between it and a promising
 *     export. Entries by plain exports and by functions of the table need no
 *     wrapper for this, and pay nothing.
 *  2. The module is normal whenever JavaScript other than this file runs. It
 *     leaves that state only inside `suspend` (then wasm returns, without
 *     calling anything, to `enter`) and inside `enter` (then wasm goes, without
 *     calling anything else, to the import that suspended). `enter` makes it
 *     normal again after any exception.
 *  3. Every stack unwinds into one area, which is as large as any stack needs. It
 *     stays there until another stack needs the area: then what it wrote is copied
 *     into a buffer of its size (`evict`). Area and buffers belong to the stack
 *     whose frames they hold until its rewind has read all of them; then they are
 *     free, buffers go back to the pool. A running stack owns neither, so stacks may
 *     suspend and resume in any order.
 *  4. A buffer's block (the area's too) is {current, end, data, guard, guard}. After
 *     an unwind `current` <= `end` and the guard stands; before the rewind both hold
 *     again and `current` has not moved; after it `current` is back at the start.
 *     A block found otherwise is never used nor freed again. When an unwind wrote
 *     past `end`, what lies behind is destroyed, the program's data perhaps: from
 *     then on nothing of this instance runs any more (`broken`).
 *  5. A view of the memory is good for one access only, as any call into wasm
 *     may grow the memory: `word` checks that the view still reaches.
 *  6. A wait is refused (SuspendError) before the import's function is called, so
 *     a refused wait has no side effects; as V8 does.
 */

/** Bytes of Asyncify's own words before the frames: where the next one goes, and their end (Binaryen, Asyncify.cpp). */
const HEADER = 8;
const GUARD = 8;
const GUARD_WORD = 0x5a5afe57;
const DEFAULT_SIZE = 1024 * 1024;
/** Buffers hold 2**class bytes of data. */
const SMALLEST_CLASS = 8;
const LARGEST_CLASS = 30;

/** Best guess at what is wrong when wasm runs on although its stack moves. */
const NOT_INSTRUMENTED =
  "some function on the stack was not instrumented; check the lists given to wasm-opt --asyncify (asyncify-imports, onlylist, removelist)";

const RUNNING = 0;
const UNWINDING = 1;
const REWINDING = 2;

interface Buffer {
  readonly pointer: number;
  /** Bytes of data. */
  readonly size: number;
  readonly sizeClass: number;
  /** The end of its data, where the guard stands. */
  readonly end: number;
  /** Where `current` stood after the unwind. */
  top: number;
}

interface Activation {
  phase: typeof RUNNING | typeof UNWINDING | typeof REWINDING;
  /** Where its frames are: the area or a buffer of the pool. */
  buffer: Buffer | null;
  /** Why its frames cannot be used any more. */
  lost: string | null;
  /** While unwinding: what the import returned. While rewinding: what it settled to. */
  value: unknown;
  rejected: boolean;
}

function hasToWait(activation: Activation): boolean {
  return activation.phase !== RUNNING;
}

interface Binding {
  readonly memory: WebAssembly.Memory;
  readonly startUnwind: (pointer: number) => void;
  readonly stopUnwind: () => void;
  readonly startRewind: (pointer: number) => void;
  readonly stopRewind: () => void;
}

/** By their number, what stands for the arguments when a stack rewinds. */
const rewindingArguments: (readonly unknown[])[] = [];

/**
 * The frames bring the true arguments, but the call converts what it is given:
 * nobody's `valueOf` is to run twice. `false` becomes an i32, an i64, an f32 and
 * an f64; Asyncify takes no other parameters.
 */
function argumentsToRewind(count: number): readonly unknown[] {
  return (rewindingArguments[count] ??= new Array<unknown>(count).fill(false));
}

/** Nobody is left to hear what an import's promise settles to. */
function ignore(result: unknown): void {
  Promise.resolve(result).catch(() => undefined);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (((typeof value === "object" && value !== null) || typeof value === "function") &&
      typeof (value as { then?: unknown }).then === "function")
  );
}

/** Makes the JSPI API for one asyncified instance. */
export function createAsyncifyJspi(options: AsyncifyJspiOptions): AsyncifyJspi {
  let binding: Binding | null = null;
  let view = new Uint32Array(0);

  const plainValuesGoOn = options.plainValuesGoOn === true;
  let current: Activation | null = null; // invariant 1
  /** Promising activations on the JavaScript stack now: only for the error's text. */
  let entered = 0;

  let suspended = 0;
  let buffers = 0;
  let pooled = 0;
  let bytes = 0;
  let deepest = 0;
  let unwinds = 0;

  const pool: Buffer[][] = Array.from({ length: LARGEST_CLASS + 1 }, () => []);
  let area: Buffer | null = null; // invariant 3
  /** The activation whose frames lie in the area. */
  let occupant: Activation | null = null;
  /** What an unwind destroyed (invariant 4). */
  let broken: string | null = null;

  function bound(): Binding {
    if (binding === null) {
      throw new TypeError("JSPI polyfill: no instance yet; call attach(instance) right after instantiation");
    }
    return binding;
  }

  /** The memory as words, long enough to hold address `last` (invariant 5). */
  function word(last: number): Uint32Array {
    // A grown memory leaves views of length 0 (or, when shared, too short ones).
    if (last >>> 2 >= view.length) {
      view = new Uint32Array(bound().memory.buffer);
    }
    return view;
  }

  function allocateBuffer(sizeClass: number): Buffer {
    const size = 2 ** sizeClass;
    const whole = HEADER + size + GUARD;
    const pointer = options.allocate(whole) >>> 0;
    if (pointer === 0 || (pointer & 3) !== 0) {
      throw new RangeError(
        pointer === 0
          ? `cannot suspend: no memory for a stack buffer of ${whole} bytes; raise the module's maximum memory or let bufferSize() ask for less`
          : `JSPI polyfill: allocate() returned ${pointer}, which is no multiple of 4`,
      );
    }
    const guard = pointer + HEADER + size;
    const words = word(guard + 4);
    if (guard + GUARD > words.byteLength) {
      throw new RangeError(`JSPI polyfill: allocate(${whole}) returned ${pointer}, which ends outside of the memory`);
    }
    words[(pointer + 4) >>> 2] = guard;
    words[guard >>> 2] = GUARD_WORD;
    words[(guard >>> 2) + 1] = GUARD_WORD;
    buffers++;
    bytes += whole;
    return { pointer, size, sizeClass, end: guard, top: 0 };
  }

  function discard(buffer: Buffer): void {
    buffers--;
    bytes -= HEADER + buffer.size + GUARD;
    options.free(buffer.pointer);
  }

  function classOf(size: number): number {
    return size <= 1 ? SMALLEST_CLASS : Math.max(SMALLEST_CLASS, 32 - Math.clz32(size - 1));
  }

  /** A buffer for so many bytes of frames. */
  function acquire(size: number): Buffer {
    const sizeClass = classOf(size);
    for (let c = sizeClass; c <= LARGEST_CLASS; c++) {
      const buffer = pool[c]?.pop();
      if (buffer !== undefined) {
        pooled--;
        return buffer;
      }
    }
    // All pooled buffers are too small: one of them makes room for a larger one.
    for (let c = sizeClass - 1; c >= SMALLEST_CLASS; c--) {
      const small = pool[c]?.pop();
      if (small !== undefined) {
        pooled--;
        discard(small);
        break;
      }
    }
    return allocateBuffer(sizeClass);
  }

  /** Moves the frames in the area out of it. @throws RangeError when there is no memory */
  function evict(from: Buffer, activation: Activation): void {
    activation.lost = damage(from, from.top);
    if (activation.lost !== null) {
      activation.buffer = area = occupant = null; // abandoned
      return;
    }
    const start = from.pointer + HEADER;
    const to = acquire(from.top - start);
    to.top = from.top - from.pointer + to.pointer;
    const words = word(Math.max(from.top, to.top));
    words.copyWithin((to.pointer + HEADER) >>> 2, start >>> 2, from.top >>> 2);
    words[to.pointer >>> 2] = to.top;
    activation.buffer = to;
    occupant = null;
  }

  /** The area, free and large enough for the stack that is about to unwind. */
  function prepareArea(): Buffer {
    const wanted = options.bufferSize === undefined ? DEFAULT_SIZE : Math.ceil(options.bufferSize());
    if (!(wanted >= 0 && wanted <= 2 ** LARGEST_CLASS)) {
      throw new RangeError(`cannot suspend: bufferSize() asks for ${wanted} bytes, the limit is ${2 ** LARGEST_CLASS}`);
    }
    if (area !== null && occupant !== null) {
      evict(area, occupant);
    }
    if (area !== null && area.size < wanted) {
      discard(area);
      area = null;
    }
    area ??= allocateBuffer(classOf(wanted));
    word(area.pointer)[area.pointer >>> 2] = area.pointer + HEADER;
    return area;
  }

  /** Whether a buffer is as invariant 4 wants it, with `current` at `top`. */
  function isIntact(buffer: Buffer, top: number): boolean {
    const { pointer, end } = buffer;
    const words = word(end + 4);
    return (
      words[pointer >>> 2] === top &&
      words[(pointer + 4) >>> 2] === end &&
      words[end >>> 2] === GUARD_WORD &&
      words[(end >>> 2) + 1] === GUARD_WORD
    );
  }

  /**
   * What is wrong with a buffer (invariant 4), or null.
   * @param top where `current` must stand, when that is known.
   */
  function damage(buffer: Buffer, top?: number): string | null {
    const { pointer, size, end } = buffer;
    const words = word(end + 4);
    const now = words[pointer >>> 2] ?? 0;
    if (words[(pointer + 4) >>> 2] !== end || now < pointer + HEADER || (top !== undefined && now !== top)) {
      return `the header of the stack buffer at ${pointer} was overwritten; something writes outside of its memory`;
    }
    if (now > end) {
      return `unwinding wrote ${now - pointer - HEADER} bytes into a stack buffer of ${size}; let bufferSize() ask for more. What lay behind the buffer is destroyed, so nothing of this instance will run any more`;
    }
    if (words[end >>> 2] !== GUARD_WORD || words[(end >>> 2) + 1] !== GUARD_WORD) {
      return `the guard word after the stack buffer at ${pointer} (${size} bytes) was overwritten; something writes outside of its memory`;
    }
    return null;
  }

  /** Ends an activation's ownership of its buffer. */
  function release(activation: Activation, buffer: Buffer): void {
    activation.buffer = null;
    if (buffer === area) {
      occupant = null;
    } else {
      pool[buffer.sizeClass]?.push(buffer);
      pooled++;
    }
  }

  /** A damaged buffer is never used nor freed again. */
  function abandon(activation: Activation): void {
    if (activation.buffer !== null && activation.buffer === area) {
      area = occupant = null;
    }
    activation.buffer = null;
  }

  /** Invariant 2 after an exception or a lost stack. */
  function recover(activation: Activation): void {
    if (activation.phase === UNWINDING && activation.buffer !== null) {
      broken ??= damage(activation.buffer);
      ignore(activation.value);
    }
    activation.phase = RUNNING;
    activation.value = undefined;
    try {
      bound().stopRewind();
    } catch {
      // It sets the state first and only then complains about the buffer.
    }
    const { buffer } = activation;
    if (buffer !== null && damage(buffer) === null) {
      release(activation, buffer);
    } else {
      abandon(activation);
    }
  }

  function refuseWhenBroken(): void {
    if (broken !== null) {
      throw new AsyncifyError(`the memory of this instance is damaged: ${broken}`);
    }
  }

  function suspendError(): SuspendError {
    return new SuspendError(
      entered > 0
        ? "trying to suspend JavaScript frames: a plain call into wasm lies between this wait and the promising export; enter by promising() there too"
        : "trying to suspend a stack that was not entered by promising()",
    );
  }

  /** What wasm calls in place of a Suspending import's function. */
  function suspender(fn: AnyFunction): AnyFunction {
    return function (a?: unknown, b?: unknown): unknown {
      const activation = current;
      if (activation === null) {
        throw suspendError();
      }
      if (activation.phase === REWINDING) {
        return resume(activation);
      }
      if (activation.phase === UNWINDING) {
        throw new AsyncifyError(`a moving stack called an import that waits: ${NOT_INSTRUMENTED}`);
      }
      current = null;
      try {
        // Spread makes an array, and a helper for this would be called with every function there is.
        const count = arguments.length;
        const result: unknown = count === 1 ? fn(a) : count === 0 ? fn() : count === 2 ? fn(a, b) : fn(...arguments);
        if (plainValuesGoOn && !isThenable(result)) {
          return result;
        }
        suspend(activation, result);
      } finally {
        current = activation;
      }
      // Nobody sees this value, but it is converted: false becomes an i32, an i64 and an f64.
      return false;
    };
  }

  /** Lets the stack unwind as soon as the import has returned. */
  function suspend(activation: Activation, result: unknown): void {
    let buffer: Buffer;
    try {
      refuseWhenBroken();
      buffer = prepareArea();
    } catch (error) {
      ignore(result);
      throw error;
    }
    activation.buffer = buffer;
    occupant = activation;
    activation.value = result;
    activation.phase = UNWINDING;
    try {
      bound().startUnwind(buffer.pointer);
    } catch (error) {
      recover(activation);
      throw error;
    }
  }

  /** The rewind has arrived at the import that suspended. */
  function resume(activation: Activation): unknown {
    const { buffer, value } = activation;
    bound().stopRewind();
    activation.phase = RUNNING;
    activation.value = undefined;
    if (buffer !== null) {
      if (word(buffer.pointer)[buffer.pointer >>> 2] !== buffer.pointer + HEADER) {
        abandon(activation);
        throw new AsyncifyError(`the stack came back incomplete: ${NOT_INSTRUMENTED}`);
      }
      release(activation, buffer);
    }
    if (activation.rejected) {
      throw value;
    }
    return value;
  }

  /** Enters wasm: for the first time, or to rewind what lies in the activation's buffer. */
  function enter(activation: Activation, exported: AnyFunction, args: readonly unknown[]): unknown {
    entered++;
    try {
      const { buffer } = activation;
      if (buffer !== null) {
        if (!isIntact(buffer, buffer.top)) {
          const problem = damage(buffer, buffer.top);
          abandon(activation);
          throw new AsyncifyError(`cannot resume: ${problem}`);
        }
        activation.phase = REWINDING;
        bound().startRewind(buffer.pointer);
      }
      current = activation;
      const count = args.length;
      return count === 1 ? exported(args[0]) : count === 0 ? exported() : exported(...args);
    } catch (error) {
      current = null;
      if (activation.phase !== RUNNING) {
        recover(activation);
        if (broken !== null) {
          throw new AsyncifyError(`cannot suspend: ${broken}`, { cause: error }); // past the memory's end
        }
      }
      throw error;
    } finally {
      current = null;
      entered--;
    }
  }

  /** The stack has unwound: `current` says where its frames end. */
  function settleDown(activation: Activation): void {
    const { buffer } = activation;
    if (activation.phase === REWINDING || buffer === null) {
      recover(activation);
      throw new AsyncifyError(`the stack did not come back to its wait: ${NOT_INSTRUMENTED}`);
    }
    const top = word(buffer.pointer)[buffer.pointer >>> 2] ?? 0;
    if (top < buffer.pointer + HEADER || top > buffer.end) {
      recover(activation);
      throw new AsyncifyError(`cannot suspend: ${broken}`);
    }
    bound().stopUnwind();
    activation.phase = RUNNING;
    buffer.top = top;
    const written = top - buffer.pointer - HEADER;
    if (written > deepest) {
      deepest = written;
    }
    unwinds++;
    suspended++;
  }

  /** A call of a promising function. Most do not wait: these are spared an async function. */
  function start(exported: AnyFunction, args: unknown[]): Promise<unknown> {
    const activation: Activation = { phase: RUNNING, buffer: null, lost: null, value: undefined, rejected: false };
    try {
      bound();
      refuseWhenBroken();
      const result = enter(activation, exported, args);
      if (!hasToWait(activation)) {
        // A reference may be a promise, which is not the one to return.
        return typeof result === "object" || typeof result === "function" ? new Promise((yes) => yes(result)) : Promise.resolve(result);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return drive(activation, exported, argumentsToRewind(args.length));
  }

  /** Takes a call that waits to its end; all its suspensions are awaited here. */
  async function drive(activation: Activation, exported: AnyFunction, again: readonly unknown[]): Promise<unknown> {
    for (;;) {
      settleDown(activation);
      const promise = activation.value;
      activation.value = undefined;
      try {
        activation.value = await promise;
        activation.rejected = false;
      } catch (reason) {
        activation.value = reason;
        activation.rejected = true;
      }
      suspended--;
      refuseWhenBroken();
      if (activation.lost !== null) {
        throw new AsyncifyError(`cannot resume: ${activation.lost}`);
      }
      const last = enter(activation, exported, again);
      if (!hasToWait(activation)) {
        return last;
      }
    }
  }

  function guard(fn: AnyFunction, module: string, name: string): AnyFunction {
    return function (a?: unknown, b?: unknown): unknown {
      const activation = current;
      const count = arguments.length;
      if (activation === null) {
        return count === 1 ? fn(a) : count === 0 ? fn() : count === 2 ? fn(a, b) : fn(...arguments);
      }
      if (activation.phase !== RUNNING) {
        throw new AsyncifyError(`a moving stack called ${module}.${name}: ${NOT_INSTRUMENTED}`);
      }
      current = null;
      try {
        return count === 1 ? fn(a) : count === 0 ? fn() : count === 2 ? fn(a, b) : fn(...arguments);
      } finally {
        current = activation;
      }
    };
  }

  function wrapImport(module: string, name: string, value: unknown): unknown {
    if (value instanceof Suspending) {
      const fn = suspendingFunctions.get(value);
      if (fn !== undefined) {
        return suspender(fn);
      }
    }
    if (typeof value === "function" && options.unguarded?.(module, name, value as AnyFunction) !== true) {
      return guard(value as AnyFunction, module, name);
    }
    return value;
  }

  return {
    Suspending,
    SuspendError,

    promising(given) {
      const exported = promisingFunctions.get(given) ?? given;
      if (!isExported(exported)) {
        throw new TypeError("promising(): argument 0 must be an exported wasm function");
      }
      const run = (...args: unknown[]): Promise<never> => start(exported, args) as Promise<never>;
      for (const name of ["name", "length"] as const) {
        Object.defineProperty(run, name, { value: exported[name], configurable: true });
      }
      promisingFunctions.set(run, exported);
      return run;
    },

    wrapImports(imports) {
      // Proxies: only what the module asks for is looked up, as without the polyfill.
      return new Proxy(Object.create(null) as WebAssembly.Imports, {
        get(_, module) {
          const names: unknown = Reflect.get(imports, module);
          if (typeof names !== "object" || names === null || typeof module !== "string") {
            return names;
          }
          return new Proxy(Object.create(null) as WebAssembly.ModuleImports, {
            get: (_names, name) => wrapImport(module, String(name), Reflect.get(names, name)),
          });
        },
      });
    },

    attach(instance, memory) {
      const exports = instance.exports;
      const exported = (name: string): AnyFunction => {
        const value = exports[`asyncify_${name}`];
        if (typeof value !== "function") {
          throw new TypeError(`JSPI polyfill: the module has no export asyncify_${name}; run wasm-opt --asyncify on it`);
        }
        return value as AnyFunction;
      };
      if (binding !== null) {
        throw new TypeError("JSPI polyfill: an instance is attached already; make one polyfill for each instance");
      }
      const found = memory ?? Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
      if (found === undefined) {
        throw new TypeError("JSPI polyfill: the module exports no memory; pass the memory it imports to attach()");
      }
      binding = {
        memory: found as WebAssembly.Memory,
        startUnwind: exported("start_unwind"),
        stopUnwind: exported("stop_unwind"),
        startRewind: exported("start_rewind"),
        stopRewind: exported("stop_rewind"),
      };
    },

    stats: () => ({
      suspended,
      buffers,
      pooled: pooled + (area !== null && occupant === null ? 1 : 0),
      bytes,
      deepest,
      unwinds,
    }),
  };
}
