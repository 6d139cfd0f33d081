/*
 * The exports of the core that the FFI calls, by the C files that have them. They
 * are here because every TypeScript file of ffi/ may call some of them through
 * the bridge (ffi/bridge/bridge_types.ts). Pointers are byte addresses; objects are
 * borrowed where nothing else is said.
 */

/** Of jspi/engine_stack.c. */
export interface StackExports {
  sospeso_use_stack(levels: number, never: number): number;
}

/** Of jspi/task.c: counts by number, for statistics. */
export interface TaskExports {
  sospeso_task_stat(which: number): number;
}

/** Of ffi/bridge/objects.c. */
export interface ObjectExports {
  /** A new reference made from a slot; 0 with a Python exception kept. */
  sospeso_object_from_slot(slot: number): number;
  /** Describe an object whose reference is taken over; -1 with a Python exception kept. */
  sospeso_object_to_slot(object: number, slot: number): number;
  sospeso_retain(object: number): void;
  sospeso_release(object: number): void;
}

/** Of ffi/bridge/errors.c. */
export interface ErrorExports {
  /** Describe the exception of the export that failed in four slots; its number. */
  sospeso_error_take(slots: number): number;
  sospeso_error_taken(): void;
  sospeso_errors_passing(): number;
  sospeso_errors_forget(): void;
}

/** Of ffi/wait/run_sync.c. */
export interface WaitExports {
  /** Wake the stack that waits for the key in run_sync(). */
  sospeso_wake(key: number): void;
  /** Settle a Python future whose reference is taken over. */
  sospeso_future_settle(future: number, slot: number, how: number): void;
}

/** Of ffi/convert/buffers.c. */
export interface BufferExports {
  sospeso_buffer_get(object: number): number;
  sospeso_buffer_release(buffer: number): void;
  /** A new reference; the address of the data is written to `data`. */
  sospeso_memoryview_new(bytes: number, type: number, data: number): number;
}

/** Of ffi/convert/to_js_entry.c. */
export interface ToJsExports {
  /** A tape of the object, 0 with a Python exception kept. `first`: the tape being read meanwhile, or 0. */
  sospeso_to_js_walk(first: number, object: number, depth: number, flags: number): number;
  sospeso_to_js_free(tape: number): void;
  /** Keep a ConversionError with the text in a slot. */
  sospeso_raise_conversion(slot: number): void;
  sospeso_raise_unconverted(object: number): void;
}

/** Of ffi/convert/to_py.c. */
export interface ToPyExports {
  sospeso_to_py_new(): number;
  sospeso_to_py_free(builder: number): void;
  sospeso_to_py_open(builder: number): number;
  sospeso_to_py_build(builder: number, head: number): number;
  sospeso_to_py_close(builder: number): number;
  sospeso_to_py_unwind(builder: number, depth: number): number;
  sospeso_to_py_once(head: number): number;
}

/** Of ffi/py_in_js/py_*.c. */
export interface PyProxyExports {
  sospeso_py_let_go(): void;
  sospeso_py_name(text: number): number;
  sospeso_py_getattr(object: number, name: number, cached: number, out: number): number;
  sospeso_py_setattr(object: number, name: number, value: number): number;
  sospeso_py_hasattr(object: number, name: number): number;
  sospeso_py_dir(object: number, which: number, out: number): number;
  sospeso_py_text(object: number, which: number, out: number): number;
  sospeso_py_release(object: number): void;
  sospeso_py_retain(object: number): void;
  sospeso_py_getitem(object: number, key: number, out: number): number;
  sospeso_py_item(object: number, index: number, out: number): number;
  sospeso_py_setitem(object: number, slots: number, hasValue: number): number;
  sospeso_py_contains(object: number, key: number): number;
  sospeso_py_length(object: number): number;
  sospeso_py_list(object: number): number;
  sospeso_py_splice(object: number, start: number, stop: number, slots: number, count: number): number;
  sospeso_py_iter(object: number, async: number): number;
  sospeso_py_next(iterator: number, out: number): number;
  sospeso_py_send(generator: number, value: number, out: number): number;
  sospeso_py_throw(generator: number, given: number, exiting: number, out: number): number;
  sospeso_py_async_step(generator: number, which: number, given: number, value: number): number;
  sospeso_py_call(callable: number, slots: number, positional: number, keywords: number, out: number): number;
  sospeso_py_call_relaxed(callable: number, slots: number, positional: number, keywords: number, out: number): number;
  sospeso_py_runs_at_once(callable: number): number;
  sospeso_py_promising(
    callable: number,
    slots: number,
    positional: number,
    keywords: number,
    relaxed: number,
  ): number;
  sospeso_py_drop(slots: number, count: number): void;
  sospeso_py_idle(): number;
  sospeso_py_promising_task(call: number): number;
  sospeso_py_promising_result(call: number, out: number): number;
  sospeso_py_promising_free(call: number): void;
  sospeso_py_schedule(awaitable: number, number: number): number;
}

/** All of them, the memory, and libc's allocator. */
export interface BridgeExports
  extends StackExports,
    TaskExports,
    ObjectExports,
    ErrorExports,
    WaitExports,
    BufferExports,
    ToJsExports,
    ToPyExports,
    PyProxyExports {
  readonly memory: WebAssembly.Memory;
  malloc(size: number): number;
  free(pointer: number): void;
}
