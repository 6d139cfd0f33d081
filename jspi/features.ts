/*
 * Which WebAssembly features beyond JSPI this engine has, as booleans. Each one
 * is found by use: a tiny module that needs it and nothing newer is validated,
 * shared memory is made and shared. Pages ask it to choose among builds (which
 * exceptions, threads or none) before they download one. Called by the pages
 * and tools that import dist/detect.mjs (jspi/detect_entry.ts); the runtime
 * itself asks detect.ts only.
 */

export interface Features {
  /** The exceptions that engines shipped first: `try`, `catch`, `rethrow`. */
  readonly legacyExceptions: boolean;
  /** The exceptions of WebAssembly 3.0: `try_table`, `throw_ref` and the type `exnref`. */
  readonly exnref: boolean;
  /** Garbage-collected structs and arrays (WasmGC). */
  readonly gc: boolean;
  /** `return_call`. */
  readonly tailCall: boolean;
  /** `(ref $type)` and `call_ref`. */
  readonly typedFunctionReferences: boolean;
  /** Memory that this page or process can share with its workers, and Atomics on it. */
  readonly sharedMemory: boolean;
}

/** The preamble of every module: \0asm, version 1. */
const PREAMBLE = [0, 97, 115, 109, 1, 0, 0, 0];
/** (type (func)), and one function of it. */
const ONE_FUNCTION = [...PREAMBLE, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0];

/** The modules, by what they need. */
// prettier-ignore
export const MODULES = {
  /*
   * (module
   *   (func
   *     (try (do) (catch_all))))
   */
  legacyExceptions: [
    ...ONE_FUNCTION,
    10, 8, 1, 6, 0, 6, 64, 25, 11, 11, // body: try; catch_all; end
  ],
  /*
   * (module
   *   (func (result exnref)
   *     (try_table (catch_all_ref 0))
   *     unreachable))
   */
  exnref: [
    ...PREAMBLE,
    1, 5, 1, 96, 0, 1, 105, // types: [] -> [exnref]
    3, 2, 1, 0, // one function of type 0
    10, 11, 1, 9, 0, 31, 64, 1, 3, 0, 11, 0, 11, // body: try_table (catch_all_ref 0); end; unreachable
  ],
  /*
   * (module
   *   (type $s (struct (field i8)))
   *   (func
   *     (drop (struct.new_default $s))))
   */
  gc: [
    ...PREAMBLE,
    1, 8, 2, 95, 1, 120, 0, 96, 0, 0, // types: a struct of one i8; [] -> []
    3, 2, 1, 1, // one function of type 1
    10, 8, 1, 6, 0, 251, 1, 0, 26, 11, // body: struct.new_default 0; drop
  ],
  /*
   * (module
   *   (func $f
   *     (return_call $f)))
   */
  tailCall: [
    ...ONE_FUNCTION,
    10, 6, 1, 4, 0, 18, 0, 11, // body: return_call 0
  ],
  /*
   * (module
   *   (type $f (func))
   *   (func (type $f)
   *     (call_ref $f (ref.null $f))))
   */
  typedFunctionReferences: [
    ...ONE_FUNCTION,
    10, 8, 1, 6, 0, 208, 0, 20, 0, 11, // body: ref.null 0; call_ref 0
  ],
};

/** Looks at the engine; never throws, and what cannot be tried is not there. */
export function detectFeatures(): Features {
  const found = Object.entries(MODULES).map(([name, bytes]) => [
    name,
    attempt(() => WebAssembly.validate(new Uint8Array(bytes))),
  ]);
  return { ...Object.fromEntries(found), sharedMemory: attempt(sharesMemory) } as Features;
}

/*
 * crossOriginIsolated does not tell: WebKitGTK says true and has no
 * SharedArrayBuffer, and Node has no such name. Nor does a shared Memory tell:
 * a page that is not isolated gets one, but cannot send it to a worker.
 */
function sharesMemory(): boolean {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { port1 } = new MessageChannel();
  try {
    port1.postMessage(memory); // nobody listens; throws where it may not be shared
  } finally {
    port1.close();
  }
  return memory.buffer instanceof SharedArrayBuffer && Atomics.add(new Int32Array(memory.buffer), 0, 1) === 0;
}

/** False for whatever throws: a name that is missing, or a Content-Security-Policy. */
function attempt(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}
