// waiting_io.ts - which key a read or write that returned EAGAIN has to wait for.
//
// A stream operation of Emscripten's FS is synchronous. A device that would block calls `pend()`
// and throws EAGAIN; the C side (waiting_io.c) then asks for the key through `io_pending`, waits
// on it, reports how that ended through `io_resume`, and calls again. One object per runtime,
// made by runtime/, shared by all devices.
//
// Invariants
//  1. `pend()` is valid only for the EAGAIN that is thrown right after it, on the same fd: a real
//     EAGAIN of another stream never finds it.
//  2. Every key handed out by `io_pending` is taken back by exactly one `io_resume`.
//  3. `takeResumed()` gives the operation to the very next call on its fd and to nobody else.

import { NOTIFIED } from "../../jspi/numbers.ts";
import type { FSStream, WasmHost } from "../files/fs.ts";
import type { PendingOp, PendingOps, WaitKeys } from "../files/pending.ts";
import { ERRNO, NOT_DIRECT, O_ACCMODE, O_RDONLY, O_WRONLY } from "../numbers.ts";
import type { HeldOutput } from "./held.ts";

/** The wasm imports of waiting_io.c. */
export interface IoImports {
  io_read(fd: number, to: number, length: number): number;
  io_write(fd: number, from: number, length: number): number;
  io_pending(fd: number, canWait: number, timeoutPtr: number): number;
  io_resume(key: number, outcome: number): number;
  io_more(fd: number): number;
  io_held(): void;
  io_partial(): void;
}

/** A device with a handler of lines. */
export interface LineDevice {
  /** Hand on the part of a line that is there. */
  showPartial(): void;
}

/** The meeting point of devices and waiting C calls. */
export class WaitingIo implements PendingOps {
  readonly #keys: WaitKeys;
  /** Output that is held back; set by runtime/load/load.ts. */
  held: HeldOutput | undefined;
  /** Sends Python a SIGINT; set by runtime/load/load.ts. */
  interrupt: (() => void) | undefined;
  readonly #waiting = new Map<number, { fd: number; op: PendingOp }>();
  #offered: { fd: number; op: PendingOp } | undefined;
  #resumed: { fd: number; op: PendingOp } | undefined;
  #unfinished = -1;
  readonly #partial = new Set<LineDevice>();
  #partialNoted = false;
  #sliceEnded = false;
  #failure: { readonly errno: number; readonly error: unknown } | undefined;

  constructor(keys: WaitKeys) {
    this.#keys = keys;
  }

  /** Operations that wait now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  pend(fd: number, op: PendingOp): void {
    this.#offered = { fd, op };
  }

  expectMore(fd: number): void {
    this.#unfinished = fd;
  }

  /**
   * A handler of lines got a part of one. It is handed on when the program asks for a flush or reads, and at the
   * latest when this turn ends: at a wait, or at the end of a run.
   */
  notePartial(device: LineDevice): void {
    this.#partial.add(device);
    this.held?.setPartial(true);
    this.stackWaits();
  }

  /** A stack waits, or will come back to the event loop: what handlers have of lines is shown then. */
  stackWaits(): void {
    if (this.#partial.size === 0 || this.#partialNoted) return;
    this.#partialNoted = true;
    queueMicrotask(() => {
      this.#partialNoted = false;
      if (!this.#sliceEnded) this.showPartial();
      this.#sliceEnded = false;
    });
  }

  /** A stack only gives way to the page: it may be in the middle of a line. */
  sliceEnds(): void {
    this.#sliceEnded = this.#partialNoted;
  }

  /** Hand on what handlers of lines have of unfinished ones. */
  showPartial(): void {
    if (this.#partial.size === 0) return;
    const devices = [...this.#partial];
    this.#partial.clear();
    this.held?.setPartial(false);
    for (const device of devices) device.showPartial();
  }

  /** Whether the write on `fd` that just returned is to be continued. */
  takeMore(fd: number): boolean {
    const more = this.#unfinished === fd;
    this.#unfinished = -1;
    return more;
  }

  /**
   * What a handler threw, which the system call on its way reports as an errno. Python asks for it when it
   * makes an OSError of that (patch 0013), before this turn of the event loop ends.
   */
  noteFailure(errno: number, error: unknown): void {
    const failure = { errno, error };
    this.#failure = failure;
    queueMicrotask(() => {
      if (this.#failure === failure) this.#failure = undefined;
    });
  }

  /** A new operation begins: what was noted belongs to an older one. */
  forgetFailure(): void {
    this.#failure = undefined;
  }

  /** What was noted for this errno, once. */
  takeFailure(errno: number): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    if (failure === undefined || failure.errno !== errno) return undefined;
    this.#failure = undefined;
    return failure;
  }

  notify(key: number): void {
    // A waiter that is gone (timed out, interrupted) must not leave a latched key behind.
    if (this.#waiting.has(key)) this.#keys.notify(key, true);
  }

  /** The operation that this call on `fd` continues, if it is a continuation. */
  takeResumed(fd: number): PendingOp | undefined {
    const resumed = this.#resumed;
    this.#resumed = undefined;
    return resumed?.fd === fd ? resumed.op : undefined;
  }

  /** For `io_pending`: the key to wait on and the limit in ms, or undefined for a real EAGAIN. */
  begin(fd: number, canWait: boolean): { key: number; timeoutMs: number } | undefined {
    const offered = this.#offered;
    this.#offered = undefined;
    if (offered === undefined || offered.fd !== fd) return undefined;
    // Positive for i32 or u32 readers alike: the Map is keyed by the unsigned value.
    const key = this.#keys.newKey() >>> 0;
    this.#waiting.set(key, offered);
    offered.op.begin?.(key, canWait);
    return { key, timeoutMs: offered.op.timeoutMs };
  }

  /** For `io_resume`: whether the call is to be made again. */
  end(key: number, outcome: number): boolean {
    const waited = this.#waiting.get(key);
    if (waited === undefined) return outcome === NOTIFIED;
    this.#waiting.delete(key);
    this.#keys.forget(key);
    if (!waited.op.resume(key, outcome)) return false;
    this.#resumed = waited;
    return true;
  }
}

/** The imports of waiting_io.c. `host` is read at call time only. */
export function ioImports(host: Pick<WasmHost, "FS" | "HEAPU8">, io: WaitingIo): IoImports {
  // Kept, because looking into Emscripten's large objects costs as much as a small read.
  let streams: (FSStream | null | undefined)[] | undefined;
  let kept: Uint8Array = new Uint8Array(0);
  const heap = (): Uint8Array => (kept.length === 0 ? (kept = host.HEAPU8) : kept); // empty once memory has grown
  const failed = (error: unknown): number => {
    if (!(error instanceof host.FS.ErrnoError)) throw error;
    return -(error as { errno: number }).errno;
  };
  return {
    io_read(fd, to, length) {
      const stream = (streams ??= host.FS.streams)[fd];
      const device = stream?.direct;
      if (device?.read === undefined) return NOT_DIRECT;
      if ((stream as FSStream).flags & O_WRONLY) return -ERRNO.EBADF;
      try {
        return device.read(stream as FSStream, heap(), to >>> 0, length >>> 0);
      } catch (error) {
        return failed(error);
      }
    },
    io_write(fd, from, length) {
      const stream = (streams ??= host.FS.streams)[fd];
      const device = stream?.direct;
      if (device?.write === undefined) return NOT_DIRECT;
      if (((stream as FSStream).flags & O_ACCMODE) === O_RDONLY) return -ERRNO.EBADF;
      try {
        return device.write(stream as FSStream, heap(), from >>> 0, length >>> 0);
      } catch (error) {
        return failed(error);
      }
    },
    io_pending(fd, canWait, timeoutPtr) {
      const pending = io.begin(fd, canWait !== 0);
      if (pending === undefined) return 0;
      const heap = host.HEAPU8;
      new DataView(heap.buffer).setFloat64(timeoutPtr >>> 0, pending.timeoutMs, true);
      return pending.key;
    },
    io_resume(key, outcome) {
      return io.end(key >>> 0, outcome) ? 1 : 0;
    },
    io_more: (fd) => (io.takeMore(fd) ? 1 : 0),
    io_held: () => io.held?.flush(),
    io_partial: () => io.showPartial(),
  };
}
