// device.ts - a character device whose data comes and goes asynchronously.
//
// Emscripten's FS knows synchronous streams only. A CharDevice may answer with a promise: the
// read or write then waits (waiting_io.ts) and the page lives on. Everything that is a file but
// not a file on a disk is built on it: stdin, stdout, stderr (stdio.ts) and HTTP responses
// (polyfills/http). One object per device; any number of descriptors share it.
//
// Invariants
//  1. Bytes that a handler delivered are kept until a read takes them: a read that was
//     interrupted or timed out loses nothing, and at most one pull is on its way.
//  2. End of file and a failure are reported to exactly one read, then the handler is asked again.
//  3. Bytes that a handler was given count as written: a write interrupted while the handler
//     still works reports success, the device finishes it, and a later failure is reported by
//     the next write. Nothing is written twice.
//  4. At most one push is on its way; what is written meanwhile keeps its order.
//  5. Nothing waits on an O_NONBLOCK descriptor.

import { CANNOT_WAIT, INTERRUPTED, NOTIFIED, TIMED_OUT } from "../../jspi/numbers.ts";
import { anonymousNode, openAnonymous } from "../files/anonymous.ts";
import { errnoOf } from "../files/errno.ts";
import type { FSNode, FSStream, HeapView, StreamOps, TtyState, WasmHost } from "../files/fs.ts";
import type { PendingOp } from "../files/pending.ts";
import { ERRNO, FIONREAD, O_NONBLOCK, O_RDWR, POLLIN, POLLOUT, S_IFCHR, TCSETSF } from "../numbers.ts";
import { plainControl, type TerminalControl } from "../tty/control.ts";
import type { HeldDevice } from "./held.ts";
import type { LineDevice, WaitingIo } from "./waiting_io.ts";

/**
 * Bytes from a device, or the text of a line, with its newline or without; null is end of file. Any length: the
 * device keeps what was not asked for.
 */
export type Chunk = Uint8Array | string | null;

/** What a device does. Errors thrown or rejected become an errno, see {@link errnoOf}. */
export interface DeviceOps {
  /** Next bytes; `max` is how many the reader asked for. */
  pull?(max: number): Chunk | Promise<Chunk>;
  /**
   * The same for a reader whose stack cannot wait; undefined when there is no way. Without it pull() is
   * asked by such a reader, too, which fails if it has to wait.
   */
  pullSync?(max: number): Chunk | undefined;
  /** Everybody who waited for a pull was interrupted: it may end, its result is not wanted. Without it the result is kept. */
  abandonPull?(): void;
  /** Takes bytes (a copy, free to keep); says how many it took. */
  push?(bytes: Uint8Array): number | Promise<number>;
  /**
   * The same for the first `length` bytes of an array that is only lent for the call; used for short
   * writes where there is one. Most programs write a line at a time, and a copy costs more than the rest.
   */
  pushLent?(lent: Uint8Array, length: number): number | Promise<number>;
  /** Makes what was pushed visible (fsync, change of handler). */
  sync?(): unknown;
  /** Have the callback called when a part of a line is left that sync() would hand on. */
  whenPartial?(callback: () => void): void;
  /** What fsync() calls in place of sync(). */
  fsync?(): unknown;
  /** The last descriptor was closed. Only for {@link openStream}. */
  close?(): void;
  /** Whether isatty() is true. */
  isatty?(): boolean;
  /** Rows and columns of the terminal, where that is all that is known of it. */
  terminalSize?(): [number, number] | undefined;
  /** The terminal's settings; otherwise changed ones have no effect. */
  terminal?: TerminalControl | undefined;
  /** Milliseconds a read may wait, negative for ever. Default: for ever. */
  timeoutMs?(): number;
  /** Told about an error that has no errno of its own and reaches Python as EIO. */
  onError?(error: unknown): void;
}

/** How long after EAGAIN from a handler it is asked again, in milliseconds. */
const RETRY_MS = 10;

/** Bytes fetched ahead when a poll() has to find out whether there are any. */
const PEEK_BYTES = 4096;

const DEFAULT_SIZE: [number, number] = [24, 80];

/** Of UTF-8 for a unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3;

const NEWLINE = 10;

/** Longest write that is lent to its handler. */
const LENT_BYTES = 1024;

/** The heap is there for ioctl() alone. */
export type DeviceHost = Pick<WasmHost, "FS"> & Partial<Pick<WasmHost, "HEAPU8">>;

interface Failure {
  readonly error: unknown;
}

/** Where a line goes: the view of `of` at `offset`. */
interface Room {
  of: HeapView | undefined;
  offset: number;
  view: Uint8Array;
}

/** A push that is on its way. */
interface Flight {
  readonly bytes: Uint8Array;
  /** Set when it is over. */
  outcome?: { accepted: number } | Failure;
  /** The writer is gone: the device has promised that all the bytes get written. */
  detached: boolean;
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** Whether Python's KeyboardInterrupt came out of a handler: of checkInterrupt(), or a function of Python's. */
function isInterrupt(error: unknown): boolean {
  const { name, type } = (error ?? {}) as { name?: unknown; type?: unknown };
  return name === "PythonError" && type === "KeyboardInterrupt";
}

/** Block this JavaScript thread; false where that is not allowed (a page's main thread). */
function blockFor(milliseconds: number): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return true;
  } catch {
    return false;
  }
}

/** A handler said EAGAIN: wait a little and ask again. */
const retryLater: PendingOp = {
  timeoutMs: RETRY_MS,
  resume: (_key, outcome) =>
    outcome === TIMED_OUT || outcome === NOTIFIED ||
    (outcome === CANNOT_WAIT && blockFor(RETRY_MS)),
};

/** A write that waits: for its own push, or for its turn behind another one. */
class WaitingWrite implements PendingOp {
  readonly timeoutMs = -1;
  result: { accepted: number } | Failure | undefined;
  /** The stack cannot wait for its turn: the device queues the bytes. */
  queueIt = false;

  constructor(
    readonly device: CharDevice,
    private readonly waiters: Set<number>,
    private readonly own: Flight | undefined,
  ) {}

  begin(key: number): void {
    this.waiters.add(key);
  }

  resume(key: number, outcome: number): boolean {
    this.waiters.delete(key);
    if (this.own === undefined) {
      this.queueIt = outcome === CANNOT_WAIT;
      return outcome === NOTIFIED || this.queueIt;
    }
    if (this.own.outcome === undefined) {
      this.own.detached = true;
      this.result = { accepted: this.own.bytes.length };
    } else {
      this.result = this.own.outcome;
    }
    return true;
  }
}

/** A device; its {@link streamOps} are what FS calls. */
export class CharDevice implements HeldDevice, LineDevice {
  readonly streamOps: StreamOps;

  readonly #host: DeviceHost;
  readonly #io: WaitingIo;
  #ops: DeviceOps;
  readonly #tty: TtyState;

  #ready: Chunk | undefined;
  /** The terminal's epoch when that came. */
  #readyEpoch: number | undefined;
  #failure: Failure | undefined;
  /** The place of the last reader of a line in the buffer `of`: mostly of the next one, too. */
  #room: Room = { of: undefined, offset: 0, view: new Uint8Array(0) };
  #pulling: object | undefined;
  readonly #readers = new Set<number>();
  /** The terminal that is to say when a key is typed. */
  #awaited: TerminalControl | undefined;

  #flight: Flight | undefined;
  /** What is lent to the handler; undefined while it is: a handler may write itself. */
  #lent: Uint8Array | undefined = new Uint8Array(LENT_BYTES);
  #queue: Uint8Array[] = [];
  #lateFailure: Failure | undefined;
  readonly #writers = new Set<number>();
  /** The handler has a part of a line. */
  #partial = false;
  /** Where poll() listens: one for each name or descriptor that was opened on its own. */
  readonly #nodes = new Set<FSNode>();

  constructor(host: DeviceHost, io: WaitingIo, ops: DeviceOps) {
    this.#host = host;
    this.#io = io;
    this.#ops = ops;
    this.#watchPartial();
    this.#tty = this.#ttyState();
    this.streamOps = {
      open: (stream) => this.#attach(stream),
      dup: (stream) => this.#attach(stream),
      read: (stream, buffer, offset, length) => this.#read(stream, buffer, offset, length),
      write: (stream, buffer, offset, length) => this.#write(stream, buffer, offset, length),
      fsync: () => this.#fsync(),
      poll: () => this.#poll(),
      ioctl: (_stream, request, argument) => this.#ioctl(request, argument),
    };
  }

  get isatty(): boolean {
    return this.#ops.isatty?.() ?? false;
  }

  /**
   * Replace what the device does. Readers that wait ask the new handler; bytes that the old one
   * delivered and nobody read are dropped, bytes it was given are still its own. Writers that
   * wait for it go on: it may never answer.
   */
  setOps(ops: DeviceOps): void {
    this.#sync();
    if (this.#pulling !== undefined) this.#ops.abandonPull?.();
    this.#ops = ops;
    this.#watchPartial();
    this.#ready = undefined;
    this.#failure = undefined;
    this.#pulling = undefined;
    this.#wake(this.#readers);
    const flight = this.#flight;
    if (flight === undefined) return;
    flight.outcome ??= { accepted: flight.bytes.length };
    this.#next(flight);
  }

  /** Wake everybody who waits here: their calls find the descriptor closed. */
  shutDown(): void {
    this.#pulling = {};
    this.#wake(this.#readers);
    this.#wake(this.#writers);
  }

  #ioctl(request: number, argument: number): number {
    const heap = this.#host.HEAPU8;
    if (request !== FIONREAD || heap === undefined) throw this.#errno(ERRNO.ENOTTY);
    this.#poll(); // fetches what there is
    if (typeof this.#ready === "string") this.#ready = encodeLine(this.#ready);
    new DataView(heap.buffer).setInt32(argument >>> 0, this.#ready?.length ?? 0, true);
    return 0;
  }

  /** What Emscripten's ioctl() asks of a terminal. */
  #ttyState(): TtyState {
    const plain = plainControl(() => this.#ops.terminalSize?.() ?? DEFAULT_SIZE);
    const control = (): TerminalControl => this.#ops.terminal ?? plain;
    const asked = <T>(call: () => T): T => {
      try {
        return call();
      } catch (error) {
        throw this.#failed(error);
      }
    };
    const flushInput = (): void => {
      this.#ready = undefined;
      control().flushInput?.();
    };
    return {
      ops: {
        ioctl_tcgets: () =>
          asked(() => {
            const { iflag, oflag, cflag, lflag, cc } = control().getAttributes();
            return { c_iflag: iflag, c_oflag: oflag, c_cflag: cflag, c_lflag: lflag, c_cc: [...cc] };
          }),
        ioctl_tcsets: (_tty, action, { c_iflag, c_oflag, c_cflag, c_lflag, c_cc }) =>
          asked(() => {
            if (action === TCSETSF) flushInput();
            control().setAttributes({
              iflag: c_iflag,
              oflag: c_oflag,
              cflag: c_cflag,
              lflag: c_lflag,
              cc: c_cc.map((character) => character & 0xff),
            });
            return 0;
          }),
        ioctl_tiocgwinsz: () =>
          asked(() => {
            const [rows, columns] = control().getTerminalSize();
            return [Number(rows), Number(columns)];
          }),
      },
      flushInput,
    };
  }

  pushHeld(bytes: Uint8Array): boolean {
    if (this.#flight !== undefined) {
      this.#queue.push(bytes);
      return false;
    }
    const flight: Flight = { bytes, detached: true };
    this.#flight = flight;
    this.#queue.push(bytes);
    this.#next(flight);
    return this.#flight === undefined && this.#lateFailure === undefined;
  }

  #sync(): void {
    this.#io.held?.endTurn();
    const { onError } = this.#ops;
    try {
      const result = this.#ops.sync?.();
      if (isPromise(result)) result.then(undefined, onError ?? (() => undefined));
    } catch (error) {
      onError?.(error);
    }
  }

  /** What sync() makes visible is a write: it fails like one, and a promise holds up the next one. */
  #fsync(): number {
    this.#io.forgetFailure();
    this.#io.held?.endTurn();
    this.#throwLate();
    const ops = this.#ops;
    let result: unknown;
    try {
      result = ops.fsync === undefined ? ops.sync?.() : ops.fsync();
    } catch (error) {
      throw this.#failed(error);
    }
    this.#holdUp(result, ops);
    return 0;
  }

  /** The next write comes after the promise. */
  #holdUp(result: unknown, ops: DeviceOps): void {
    if (!isPromise(result)) return;
    const flight: Flight = { bytes: new Uint8Array(0), detached: true };
    this.#flight ??= flight;
    result.then(
      () => this.#next(flight),
      (error: unknown) => {
        if (ops === this.#ops) this.#failLater(error);
        this.#next(flight);
      },
    );
  }

  #watchPartial(): void {
    const ops = this.#ops;
    this.#partial = false;
    ops.whenPartial?.(() => {
      if (ops !== this.#ops) return;
      this.#partial = true;
      this.#io.notePartial(this);
    });
  }

  showPartial(): void {
    if (!this.#partial || this.#flight !== undefined) return; // after the flight: see #next()
    this.#partial = false;
    const ops = this.#ops;
    try {
      this.#holdUp(ops.sync?.(), ops);
    } catch (error) {
      this.#failLater(error);
    }
  }

  #attach(stream: FSStream): void {
    stream.seekable = false;
    stream.direct = this.streamOps;
    this.#nodes.add(stream.node);
    // A getter, as setStdout() may change the answer while the descriptor is open.
    Object.defineProperty(stream, "tty", {
      configurable: true,
      get: () => (this.isatty ? this.#tty : undefined),
    });
  }

  #wake(waiters: Set<number>): void {
    for (const key of [...waiters]) this.#io.notify(key);
    for (const node of this.#nodes) node.notifyListeners(0);
  }

  #errno(code: number, cause?: unknown): object {
    if (cause !== undefined) this.#io.noteFailure(code, cause);
    return Object.assign(new this.#host.FS.ErrnoError(code), { cause });
  }

  #failed(error: unknown): object {
    if (isInterrupt(error) && this.#io.interrupt !== undefined) {
      this.#io.interrupt();
      return this.#errno(ERRNO.EINTR); // so that Python looks, and raises it again
    }
    const code = errnoOf(error, -1);
    if (code === -1) this.#ops.onError?.(error);
    return this.#errno(code === -1 ? ERRNO.EIO : code, error);
  }

  /** Announces `op` and gives the EAGAIN to throw. */
  #wait(stream: FSStream, op: PendingOp): object {
    if (stream.fd !== null) this.#io.pend(stream.fd, op);
    return this.#errno(ERRNO.EAGAIN);
  }

  // ---- reading -------------------------------------------------------------------------------

  #read(stream: FSStream, buffer: HeapView, offset: number, length: number): number {
    this.#io.forgetFailure();
    if (stream.fd !== null) this.#io.takeResumed(stream.fd);
    if (length === 0) return 0;
    if (this.#ops.pull === undefined) throw this.#errno(ERRNO.EBADF);
    const blocking = (stream.flags & O_NONBLOCK) === 0;
    let mayStart = !this.#hasResult && this.#pulling === undefined;
    if (mayStart && (!blocking || this.#ops.pullSync === undefined)) {
      this.#startPull(length);
      mayStart = false;
    }
    if (this.#hasResult) {
      const failure = this.#failure;
      if (failure === undefined) return this.#take(buffer, offset, length);
      this.#failure = undefined;
      if (errnoOf(failure.error) !== ERRNO.EAGAIN) throw this.#failed(failure.error);
      throw blocking ? this.#wait(stream, retryLater) : this.#errno(ERRNO.EAGAIN);
    }
    if (!blocking) throw this.#errno(ERRNO.EAGAIN);
    throw this.#wait(stream, {
      timeoutMs: this.#ops.timeoutMs?.() ?? -1,
      begin: (key, canWait) => {
        this.#readers.add(key);
        // Only now is it known whether this reader can wait, which decides how to ask.
        if (mayStart) this.#startDeferred(key, length, canWait);
      },
      resume: (key, outcome) => {
        this.#readers.delete(key);
        if (outcome === NOTIFIED || this.#hasResult) return true;
        if (outcome === INTERRUPTED && this.#readers.size === 0 && this.#ops.abandonPull !== undefined) {
          this.#pulling = undefined;
          this.#ops.abandonPull();
        }
        return false;
      },
    });
  }

  get #hasResult(): boolean {
    // A signal key drops what was typed, fetched ahead by a poll() or not.
    if (this.#ready !== undefined && this.#epoch !== this.#readyEpoch) this.#ready = undefined;
    return this.#ready !== undefined || this.#failure !== undefined;
  }

  get #epoch(): number | undefined {
    return this.#ops.terminal?.epoch?.();
  }

  #take(stale: HeapView, offset: number, length: number): number {
    let chunk = this.#ready;
    if (chunk === undefined || chunk === null) {
      this.#ready = undefined;
      return 0;
    }
    // A handler that ran Python may have made the memory grow, which took the view's bytes away.
    const buffer = stale.length === 0 ? (this.#host.HEAPU8 ?? stale) : stale;
    if (typeof chunk === "string") {
      const written = this.#putLine(buffer, offset, length, chunk);
      if (written > 0) {
        this.#ready = undefined;
        return written;
      }
      chunk = encodeLine(chunk);
    }
    const count = Math.min(length, chunk.length);
    const target = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, count);
    target.set(count === chunk.length ? chunk : chunk.subarray(0, count));
    this.#ready = count === chunk.length ? undefined : chunk.subarray(count);
    return count;
  }

  /** Write a line into the reader's buffer of `length` bytes; how many, or 0 when it may not fit. */
  #putLine(buffer: HeapView, offset: number, length: number, line: string): number {
    if (line.length * MOST_BYTES_A_UNIT >= length) return 0;
    // A new view takes as long as the line's bytes.
    const kept = this.#room;
    let room = kept.view;
    if (kept.of !== buffer || kept.offset !== offset || room.length !== length) {
      room = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
      this.#room = { of: buffer, offset, view: room };
    }
    const { written } = encoder.encodeInto(line, room);
    if (written > 0 && room[written - 1] === NEWLINE) return written;
    room[written] = NEWLINE;
    return written + 1;
  }

  #store(chunk: Chunk): void {
    this.#ready = chunk !== null && typeof chunk !== "string" && chunk.length === 0 ? null : chunk;
    this.#readyEpoch = this.#epoch;
  }

  #startPull(max: number): void {
    this.#io.showPartial(); // what asks for the input
    let result: Chunk | Promise<Chunk> | undefined;
    try {
      result = this.#ops.pull?.(max);
    } catch (error) {
      this.#failure = { error };
      return;
    }
    if (result === undefined || typeof result === "string" || !isPromise(result)) {
      this.#store(result ?? null);
      return;
    }
    const token = {};
    this.#pulling = token;
    result.then(
      (chunk) => this.#pulled(token, () => this.#store(chunk)),
      (error: unknown) => {
        if (errnoOf(error) === ERRNO.EAGAIN) {
          setTimeout(() => this.#pulled(token, () => undefined), RETRY_MS);
        } else {
          this.#pulled(token, () => {
            this.#failure = { error };
          });
        }
      },
    );
  }

  #pulled(token: object, keep: () => void): void {
    if (token !== this.#pulling) return; // the handler was replaced, or the device closed
    this.#pulling = undefined;
    keep();
    this.#wake(this.#readers);
  }

  #startDeferred(key: number, max: number, canWait: boolean): void {
    if (canWait) {
      this.#startPull(max);
      if (this.#pulling === undefined) this.#io.notify(key);
      return;
    }
    this.#io.showPartial();
    for (;;) {
      try {
        const chunk = this.#ops.pullSync?.(max);
        if (chunk !== undefined) this.#store(chunk);
      } catch (error) {
        if (errnoOf(error) === ERRNO.EAGAIN && blockFor(RETRY_MS)) continue;
        this.#failure = { error };
      }
      return;
    }
  }

  // ---- writing -------------------------------------------------------------------------------

  #write(stream: FSStream, buffer: HeapView, offset: number, length: number): number {
    this.#io.forgetFailure();
    const resumed = stream.fd === null ? undefined : this.#io.takeResumed(stream.fd);
    const mine = resumed instanceof WaitingWrite && resumed.device === this ? resumed : undefined;
    if (mine?.result !== undefined) {
      const count = this.#report(mine.result);
      if (count > 0) return count; // a handler that took nothing is asked again
    }
    if (this.#ops.push === undefined) throw this.#errno(ERRNO.EBADF);
    this.#throwLate();
    if (length === 0) return 0;
    const blocking = (stream.flags & O_NONBLOCK) === 0;
    if (this.#flight !== undefined) {
      if (mine?.queueIt === true) {
        this.#queue.push(copyOf(buffer, offset, length));
        return length;
      }
      if (!blocking) throw this.#errno(ERRNO.EAGAIN);
      throw this.#wait(stream, new WaitingWrite(this, this.#writers, undefined));
    }
    const lent = this.#lent;
    let bytes: Uint8Array | undefined;
    let result: number | Promise<number>;
    try {
      if (lent !== undefined && this.#ops.pushLent !== undefined && length <= LENT_BYTES) {
        for (let i = 0; i < length; i++) lent[i] = buffer[offset + i] as number;
        this.#lent = undefined;
        result = this.#ops.pushLent(lent, length);
      } else {
        bytes = copyOf(buffer, offset, length);
        result = this.#ops.push(bytes);
      }
    } catch (error) {
      if (errnoOf(error) !== ERRNO.EAGAIN) throw this.#failed(error);
      result = 0;
    } finally {
      this.#lent = lent;
    }
    if (!isPromise(result)) {
      if (result === length) {
        if (bytes === undefined && stream.fd !== null && !this.isatty) this.#io.held?.noteWrite(stream.fd, this);
        return result;
      }
      const outcome = checkCount(result, length);
      if (!("accepted" in outcome) || outcome.accepted > 0) return this.#report(outcome);
      throw blocking ? this.#wait(stream, retryLater) : this.#errno(ERRNO.EAGAIN);
    }
    const flight = this.#launch(bytes ?? (lent as Uint8Array).slice(0, length), result, !blocking);
    if (!blocking) return length;
    throw this.#wait(stream, new WaitingWrite(this, this.#writers, flight));
  }

  /** Nobody is there to hear of a failure: the next write is told. */
  #failLater(error: unknown): void {
    if (isInterrupt(error) && this.#io.interrupt !== undefined) this.#io.interrupt();
    else this.#lateFailure = { error };
  }

  #throwLate(): void {
    if (this.#lateFailure === undefined) return;
    const { error } = this.#lateFailure;
    this.#lateFailure = undefined;
    throw this.#failed(error);
  }

  #report(outcome: { accepted: number } | Failure): number {
    if ("accepted" in outcome) return outcome.accepted;
    throw this.#failed(outcome.error);
  }

  #launch(bytes: Uint8Array, result: Promise<number>, detached: boolean): Flight {
    const flight: Flight = { bytes, detached };
    this.#flight = flight;
    result.then(
      (accepted) => this.#landed(flight, checkCount(accepted, bytes.length)),
      (error: unknown) => this.#landed(flight, { error }),
    );
    return flight;
  }

  #landed(flight: Flight, outcome: { accepted: number } | Failure): void {
    if (flight !== this.#flight) return; // the handler was replaced
    flight.outcome = outcome;
    let retry = false;
    if ("accepted" in outcome) {
      const { accepted } = outcome;
      retry = accepted === 0;
      if (flight.detached && accepted < flight.bytes.length) {
        this.#queue.unshift(flight.bytes.subarray(accepted));
      }
    } else if (errnoOf(outcome.error) === ERRNO.EAGAIN) {
      retry = true;
      flight.outcome = { accepted: 0 };
      if (flight.detached) this.#queue.unshift(flight.bytes);
    } else if (flight.detached) {
      this.#failLater(outcome.error);
    }
    // The flight stays in place during the pause, so that nobody overtakes it.
    if (retry) setTimeout(() => this.#next(flight), RETRY_MS);
    else this.#next(flight);
  }

  /** Write on what was queued, then let the waiting writers go on. */
  #next(flight: Flight): void {
    let bytes: Uint8Array | undefined;
    // It is another's turn when the handler was replaced, in a pause or by itself.
    while (this.#flight === flight && (bytes = this.#queue.shift()) !== undefined) {
      let result: number | Promise<number>;
      try {
        result = this.#ops.push?.(bytes) ?? bytes.length;
      } catch (error) {
        if (errnoOf(error) !== ERRNO.EAGAIN) {
          this.#failLater(error);
          continue;
        }
        result = 0;
      }
      if (isPromise(result)) {
        this.#launch(bytes, result, true);
        break;
      }
      const outcome = checkCount(result, bytes.length);
      if (!("accepted" in outcome)) {
        this.#failLater(outcome.error);
        continue;
      }
      if (outcome.accepted < bytes.length) this.#queue.unshift(bytes.subarray(outcome.accepted));
      if (outcome.accepted === 0) {
        setTimeout(() => this.#next(flight), RETRY_MS);
        return;
      }
    }
    if (this.#flight === flight) this.#flight = undefined;
    if (this.#partial && this.#flight === undefined) this.#io.notePartial(this);
    this.#wake(this.#writers);
  }

  /** What looks like the end of file may be a terminal at which nothing was typed yet. */
  #waitForKeys(): void {
    const { terminal } = this.#ops;
    if (terminal === undefined) return;
    if (this.#awaited !== terminal) {
      const typed = terminal.whenTyped?.();
      if (typed === undefined) return;
      this.#awaited = terminal;
      void typed.then(() => {
        if (this.#awaited === terminal) this.#awaited = undefined;
        this.#wake(this.#readers);
      });
    }
    this.#ready = undefined;
  }

  #poll(): number {
    if (this.#ops.pull !== undefined && !this.#hasResult && this.#pulling === undefined) {
      this.#startPull(PEEK_BYTES);
    }
    if (this.#ready === null) this.#waitForKeys();
    const readable = this.#ops.pull === undefined || this.#hasResult;
    return (readable ? POLLIN : 0) | (this.#flight === undefined ? POLLOUT : 0);
  }
}

const encoder = new TextEncoder();

/** A line's bytes; a newline is added where there is none. */
export function encodeLine(text: string): Uint8Array {
  return encoder.encode(text.endsWith("\n") ? text : `${text}\n`);
}

function copyOf(buffer: HeapView, offset: number, length: number): Uint8Array {
  if (length <= 128) {
    // A view to take a slice of costs as much as the slice.
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) copy[i] = buffer[offset + i] as number;
    return copy;
  }
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length).slice();
}

/** A push must say how many bytes it took. */
function checkCount(count: unknown, length: number): { accepted: number } | Failure {
  if (typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= length) {
    return { accepted: count };
  }
  return {
    error: new TypeError(
      `a write handler must return how many of the ${length} bytes it took, not ${String(count)}`,
    ),
  };
}

/** An open descriptor without a name in the file system. */
export interface AnonymousStream {
  readonly fd: number;
  readonly device: CharDevice;
}

/** Open a descriptor on `ops`; it may be duplicated, `ops.close` runs when the last one closes. */
export function openStream(
  host: DeviceHost,
  io: WaitingIo,
  ops: DeviceOps,
  flags: number = O_RDWR,
): AnonymousStream {
  const { FS } = host;
  const device = new CharDevice(host, io, ops);
  const node = anonymousNode(FS, S_IFCHR | 0o600);
  const stream = openAnonymous(FS, node, flags, device.streamOps, () => {
    device.shutDown();
    ops.close?.();
  });
  device.streamOps.open?.(stream);
  return { fd: stream.fd ?? -1, device };
}
