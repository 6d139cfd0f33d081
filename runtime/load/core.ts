/*
 * A core brought to life: choosing JSPI or Asyncify, instantiating the wasm with
 * Emscripten's glue and our imports, and the typed exports. From here on nobody
 * needs to know which of the two runs. Called by load.ts.
 *
 * Invariants
 *  1. Exactly one import suspends: sospeso.wait. Under JSPI it is wrapped by the
 *     engine's Suspending, under Asyncify by polyfills/jspi's.
 *  2. Whatever fails before the promise settles rejects it with the reason.
 *  3. No import throws into wasm (guarded.ts).
 */

import { detectJspi, type JspiSupport } from "../../jspi/detect.ts";
import type { Scheduler } from "../../jspi/scheduler.ts";
import type { Tasks } from "../../jspi/tasks.ts";
import type { BridgeExports } from "../../ffi/abi/exports.ts";
import type { LibraryCore } from "../../polyfills/dl/dl.ts";
import { type AnyFunction, type AsyncifyJspi, createAsyncifyJspi } from "../../polyfills/jspi/index.ts";
import { explain, LoadError } from "./assets.ts";
import { guardImports, type Guarding } from "./guarded.ts";

/** Which core runs, and why that one. Reads as its name in a string. */
export interface CoreChoice {
  readonly name: "jspi" | "asyncify";
  readonly reason: string;
  toString(): string;
}

/** The core's exports that runtime/ calls. Pointers are byte addresses. */
export type CoreExports = OurExports & LibraryCore["exports"];

interface OurExports extends BridgeExports {
  sospeso_version(): number;
  sospeso_set_limits(cRecursionLimit: number, asyncify: number): void;
  sospeso_start(argc: number, argv: number, paths: number): number;
  sospeso_failure(): number;
  sospeso_setenv(name: number, value: number): number;
  sospeso_request_new(name: number, count: number, handles: number, isStep: number): number;
  sospeso_request_task(request: number): number;
  sospeso_request_value(request: number): number;
  sospeso_request_keep_error(request: number): number;
  sospeso_request_free(request: number): void;
  sospeso_run_plain(request: number): void;
  sospeso_task_enter(task: number): void;
  sospeso_task_depth(): number;
  sospeso_main_dict(): number;
  sospeso_signal(number: number): number;
  sospeso_flag_signal(): void;
  sospeso_in_system_call(): number;
  sospeso_dump_stack(): void;
  sospeso_io_held_at(): number;
}

/** As much of Emscripten's module object as is used. */
export interface EmscriptenModule {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  FS: any;
  PATH: unknown;
  ERRNO_CODES: Record<string, number>;
  HEAPU8: Uint8Array;
}

type Factory = (options: object) => Promise<EmscriptenModule>;

/**
 * Units of C recursion (Py_C_RECURSION_LIMIT) an engine stack has room for;
 * one level of C -> Python -> C takes three. Measured as the depth at which
 * tests/runtime/test_recursion.py's programs overflow V8's 984 kB, halved. With a wait at the
 * bottom that is 1.8 times the limit on the Asyncify core (docs/benchmarks.md).
 */
const C_RECURSION_LIMIT = { jspi: 1000, asyncify: 600 };

/** Frames of 1 KiB that fit where these numbers were measured; Chromium's workers have half of it. */
const FULL_STACK = 900;
/**
 * Programs need some depth too: on a small stack less than half of it is kept back. With 1.4 the
 * rewind of the deepest recursion ended the workers of Chromium 123.
 */
const SMALL_STACK_SHARE = 1.34;

/** Bytes of Asyncify buffer: a floor, and per unit of C recursion in use. */
const UNWIND_FLOOR = 64 * 1024;
const UNWIND_PER_UNIT = 1024;

/**
 * Found out once: compiling even the tiny module stands in line behind what the engine compiles
 * of a core that runs already, and WebKit then holds the page for seconds.
 */
let support: JspiSupport | undefined;

/** Pick a core. @throws LoadError when the one asked for cannot run here. */
export function chooseCore(wanted: "auto" | "jspi" | "asyncify"): CoreChoice {
  const found = (support ??= detectJspi());
  if (!found.wasm) throw new LoadError(`cannot run here: ${found.reason}`);
  if (wanted === "jspi" && !found.usable) {
    throw new LoadError(`core "jspi" cannot run here: ${found.reason}. Use core: "auto" or "asyncify"`);
  }
  if (wanted !== "auto" && wanted !== "jspi" && wanted !== "asyncify") {
    throw new TypeError(`option core is "auto", "jspi" or "asyncify", not ${JSON.stringify(wanted)}`);
  }
  const name = wanted === "asyncify" || !found.usable ? "asyncify" : "jspi";
  const reason = wanted === name ? `asked for; ${found.reason}` : found.reason;
  return { name, reason, toString: () => name };
}

/** A running core. */
export interface Core {
  readonly module: EmscriptenModule;
  readonly exports: CoreExports;
  /** Bytes the Asyncify polyfill holds in buffers; 0 under JSPI. */
  unwindBytes(): number;
}

/** What instantiate() is given. */
export interface CoreParts {
  readonly choice: CoreChoice;
  readonly factory: Factory;
  readonly wasm: Promise<WebAssembly.Module>;
  readonly scheduler: Scheduler;
  readonly tasks: Tasks;
  /** Imports of module "sospeso" from polyfills; they read `host` when called. */
  imports(host: EmscriptenModule): Record<string, AnyFunction>;
  /** What is put in the place of imports that Emscripten made. */
  replacements(host: EmscriptenModule, made: Record<string, AnyFunction>): Record<string, AnyFunction>;
  /** What an import that fails has to do with the runtime. */
  readonly guarding: Guarding;
  /** Told of the imports of module "env" as the core has them; libraries get them, too. */
  imported(functions: Record<string, AnyFunction>): void;
  /** Called with the module before anything of it runs. */
  prepare(module: EmscriptenModule): void;
}

/** Instantiate a core and bind the tasks to it. @throws LoadError */
export async function instantiate(parts: CoreParts): Promise<Core> {
  const { choice, factory, tasks } = parts;
  let exports: CoreExports | undefined;
  let polyfill: AsyncifyJspi | undefined;
  let reject!: (error: unknown) => void;
  const failed = new Promise<never>((_, no) => (reject = no));
  // Valid by the time any import is called: Emscripten fills in the object it is given.
  const host: Partial<EmscriptenModule> & Record<string, unknown> = {};
  Object.assign(host, {
    noInitialRun: true,
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) {
      const waiting = tasks.imports();
      const { guarding } = parts;
      const ours: Record<string, unknown> = guardImports(
        "sospeso",
        { ...parts.imports(host as EmscriptenModule), ...waiting },
        guarding,
      );
      const made = imports["env"] as Record<string, AnyFunction>;
      const replaced = { ...made, ...parts.replacements(host as EmscriptenModule, made) };
      const env = guardImports("env", replaced, guarding);
      parts.imported(env);
      let all: WebAssembly.Imports = {
        ...imports,
        env,
        // Emscripten gives one object under both names.
        wasi_snapshot_preview1: guardImports("wasi_snapshot_preview1", replaced, guarding),
        sospeso: ours as WebAssembly.ModuleImports,
      };
      if (choice.name === "jspi") {
        const { Suspending } = WebAssembly as unknown as { Suspending: new (fn: AnyFunction) => object };
        ours["wait"] = new Suspending(waiting.wait);
      } else {
        polyfill = createAsyncifyJspi({
          allocate: (size) => (exports as CoreExports).malloc(size) >>> 0,
          free: (pointer) => (exports as CoreExports).free(pointer),
          bufferSize: () => UNWIND_FLOOR + UNWIND_PER_UNIT * (exports as CoreExports).sospeso_task_depth(),
          unguarded: neverReenters,
          // sleep(0) within a time slice: an unwind would cost it several times as much.
          plainValuesGoOn: true,
        });
        ours["wait"] = new polyfill.Suspending(waiting.wait);
        all = polyfill.wrapImports(all);
      }
      parts.wasm
        .then((module) => WebAssembly.instantiate(module, all))
        .then((instance) => {
          polyfill?.attach(instance);
          exports = instance.exports as unknown as CoreExports;
          receive(instance);
        })
        .catch((error: unknown) => {
          reject(
            error instanceof LoadError
              ? error
              : new LoadError(`cannot instantiate the core (${choice.name}): ${explain(error)}`, { cause: error }),
          );
        });
      return {};
    },
    preRun: [(module: EmscriptenModule) => parts.prepare(module)],
    onAbort: (reason: unknown) => {
      reject(new LoadError(`the core aborted: ${String(reason)}`));
      tasks.onFatal?.(new Error(reason === "" ? "abort() was called" : `aborted: ${String(reason)}`));
    },
  });
  failed.catch(() => undefined); // an abort long after loading has no reader here
  const module = await Promise.race([factory(host), failed]);
  const ready = exports as unknown as CoreExports;
  const promising = (polyfill?.promising ??
    (WebAssembly as unknown as { promising: AsyncifyJspi["promising"] }).promising) as AsyncifyJspi["promising"];
  tasks.attach(promising(ready.sospeso_task_enter));
  ready.sospeso_set_limits(recursionLimit(choice.name, ready), choice.name === "asyncify" ? 1 : 0);
  return { module, exports: ready, unwindBytes: () => polyfill?.stats().bytes ?? 0 };
}

/**
 * Under JSPI every task has an engine stack of one size. Under Asyncify all run on the
 * thread's own, which is smaller in some workers: as many units as its size allows.
 */
function recursionLimit(name: CoreChoice["name"], exports: CoreExports): number {
  const limit = C_RECURSION_LIMIT[name];
  if (name === "jspi") return limit;
  for (let frames = FULL_STACK; frames > FULL_STACK / 8; frames -= FULL_STACK / 12) {
    try {
      exports.sospeso_use_stack(frames, 0);
      return Math.min(limit, Math.floor((limit * SMALL_STACK_SHARE * frames) / FULL_STACK));
    } catch {
      // The engine's RangeError: no room for so many.
    }
  }
  return Math.floor(limit / 8);
}

/**
 * Imports that only read a clock or our own tables: no need to guard them
 * against calls back into wasm, and they are on every hot path.
 */
function neverReenters(module: string, name: string): boolean {
  return (
    (module === "sospeso" && ["slice", "notify", "interrupt", "new_key", "js_release", "js_name", "js_same", "js_unwatch"].includes(name)) ||
    name === "clock_time_get" ||
    name === "emscripten_get_now" ||
    name === "emscripten_date_now"
  );
}
