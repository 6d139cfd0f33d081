// stdio.ts - stdin, stdout and stderr: which handler serves them, and how.
//
// The three standard streams are devices (device.ts). This turns the handlers that a page gives
// (a line at a time, a byte at a time, a buffer at a time; each may return a promise) into device
// operations, installs the devices as descriptors 0, 1 and 2 and lets setStdin(), setStdout() and
// setStderr() change them at any time. Names and meaning of the options are Pyodide's. Made by
// runtime/load/load.ts, used by runtime/api/api.ts.
//
// Invariants
//  1. The devices live as long as the runtime; only their operations are replaced.
//  2. A line handler gets whole lines: a UTF-8 sequence split between two writes is put together.

import { ERRNO, O_RDONLY, O_WRONLY } from "../numbers.ts";
import { CharDevice, type Chunk, type DeviceOps } from "./device.ts";
import type { TerminalControl } from "../tty/control.ts";
import type { WasmHost } from "../files/fs.ts";
import { nodeModules, nodeOutput, nodeStdin } from "./node_stdio.ts";
import {
  bufferInput,
  counted,
  type InputItem,
  isPromise,
  itemInput,
  ReturnedUndefined,
  untilNull,
} from "./stdin_handlers.ts";
import type { WaitingIo } from "./waiting_io.ts";

/** What a handler's `getTerminalSize()` returns: by names, as with Pyodide 314, or rows and columns. */
export type TerminalSize = { rows: number; columns: number } | [rows: number, columns: number] | undefined;

/** Options of `setStdin()`: at most one of `stdin`, `read` and `error`. */
export interface StdinOptions {
  /** The next line, or other item; "\n" is appended to text that lacks it. */
  stdin?: () => InputItem | Promise<InputItem>;
  /** Fill the buffer; return how many bytes, 0 at end of file. */
  read?: (buffer: Uint8Array) => number | Promise<number>;
  /** Every read fails with EIO. */
  error?: boolean;
  /** Whether `sys.stdin.isatty()`; default false. */
  isatty?: boolean;
  /** The size of the terminal; 24 rows and 80 columns without it, or when it returns undefined. */
  getTerminalSize?: () => TerminalSize;
  /** The terminal's settings, for termios. */
  terminal?: TerminalControl;
  /**
   * With `stdin`: an item that does not end with a newline is followed by end of file; default true. When
   * false, a read goes on over items until it has all it asked for, or null comes.
   */
  autoEOF?: boolean;
}

/** Options of `setStdout()` and `setStderr()`: at most one of `batched`, `raw` and `write`. */
export interface OutputOptions {
  /** Gets each line, without its newline. */
  batched?: (line: string) => unknown;
  /** Gets each byte. */
  raw?: (byte: number) => unknown;
  /** Gets a copy of the bytes; returns how many it took. */
  write?: (bytes: Uint8Array) => number | Promise<number>;
  /** With `write`: called by fsync(); a promise holds up the next write. */
  fsync?: () => unknown;
  /** Whether `isatty()`; default false; not with `batched`. */
  isatty?: boolean;
  /** The size of the terminal; 24 rows and 80 columns without it, or when it returns undefined. */
  getTerminalSize?: () => TerminalSize;
  /** The terminal's settings, for termios. */
  terminal?: TerminalControl;
}

/** What `loadPyodide` accepts as `stdin`. */
export type StdinOption = NonNullable<StdinOptions["stdin"]> | StdinOptions;
/** What `loadPyodide` accepts as `stdout` and `stderr`. */
export type OutputOption = NonNullable<OutputOptions["batched"]> | OutputOptions;

/** Operations of the three streams when nobody set a handler. */
export interface StdioDefaults {
  stdin: DeviceOps;
  stdout: DeviceOps;
  stderr: DeviceOps;
  /** Sees what is written to stdout and stderr, whichever handler gets it: the first bytes of an array it must not keep. */
  onOutput?(bytes: Uint8Array, length: number): void;
  /** Lets go of what keeps the host process alive. */
  release?(): void;
}

/** The part of `console` that is used. */
export type ConsoleLike = Pick<Console, "log" | "warn">;

/**
 * The standard streams of Node, or a page's console.
 * @param ask gives a page's program its input.
 */
export function defaultStdio(ask?: Ask, out: ConsoleLike = console): StdioDefaults {
  const node = nodeModules();
  if (node === undefined) return consoleStdio(out, ask);
  const stdin = nodeStdin(node);
  return {
    stdin,
    stdout: nodeOutput(node, 1),
    stderr: nodeOutput(node, 2),
    release: () => stdin.release(),
  };
}

/** Asks the person at the page for a line; null when that was cancelled. */
export type Ask = (question: string, signal: AbortSignal) => Promise<string | null>;

/** Output by line to the console; `ask` gives input, and where it is missing input is at its end. */
export function consoleStdio(
  out: ConsoleLike,
  ask?: Ask,
): StdioDefaults {
  let told = false;
  const question = new LastLine();
  let abandon = new AbortController();
  const answer = async (asking: Ask): Promise<Chunk> => {
    abandon = new AbortController();
    const { signal } = abandon;
    const line = await asking(question.text(), signal);
    if (!signal.aborted) question.forget(); // an interrupted program may ask again
    return line === null ? null : new TextEncoder().encode(`${line}\n`);
  };
  const nothing = (): null => {
    if (!told) {
      told = true;
      out.warn("sospeso: Python reads stdin, which has no handler, and gets end of file; " +
        "pass `stdin` to loadPyodide() or call setStdin()");
    }
    return null;
  };
  return {
    stdin: {
      pull: () => (ask === undefined ? nothing() : answer(ask)),
      // No dialog for a program that could not wait for it.
      pullSync: () => (ask === undefined ? nothing() : undefined),
      abandonPull: () => abandon.abort(),
    },
    stdout: lineOutput((line) => out.log(line)),
    stderr: lineOutput((line) => out.warn(line)),
    onOutput: (bytes, length) => question.note(bytes, length),
  };
}

/** What was written since the last newline: a program's question before it reads. */
class LastLine {
  #parts: Uint8Array[] = [];
  #size = 0;

  note(bytes: Uint8Array, length: number): void {
    if (!(length > 0)) return; // a handler that took nothing, or says nonsense
    const start = bytes.lastIndexOf(10, length - 1) + 1;
    if (start > 0 || this.#size > LONGEST_QUESTION) {
      this.#parts = [];
      this.#size = 0;
    }
    if (start === length) return;
    this.#parts.push(bytes.slice(start, length));
    this.#size += length - start;
  }

  text(): string {
    const decoder = new TextDecoder();
    return this.#parts.map((part) => decoder.decode(part, { stream: true })).join("");
  }

  forget(): void {
    this.#parts = [];
    this.#size = 0;
  }
}

/** Bytes. */
const LONGEST_QUESTION = 4096;

/** The three standard streams of one runtime. */
export class Stdio {
  readonly #host: Pick<WasmHost, "FS">;
  readonly #io: WaitingIo;
  readonly #defaults: StdioDefaults;
  readonly #console: ConsoleLike;
  readonly #stdin: CharDevice;
  readonly #stdout: CharDevice;
  readonly #stderr: CharDevice;

  /** `host.FS` is not touched before {@link install}. */
  constructor(
    host: Pick<WasmHost, "FS">,
    io: WaitingIo,
    defaults: StdioDefaults = defaultStdio(),
    out: ConsoleLike = console,
  ) {
    this.#host = host;
    this.#io = io;
    this.#defaults = defaults;
    this.#console = out;
    this.#stdin = new CharDevice(host, io, defaults.stdin);
    this.#stdout = new CharDevice(host, io, this.#watched(defaults.stdout));
    this.#stderr = new CharDevice(host, io, this.#watched(defaults.stderr));
  }

  /**
   * Make /dev/stdin, /dev/stdout, /dev/stderr and /dev/tty ours and open descriptors 0, 1 and 2.
   * Works in `preRun` (FS then leaves them alone) as well as later.
   */
  install(): void {
    const { FS } = this.#host;
    FS.initialized = true; // or FS.init() would make its own
    const streams = [
      ["/dev/stdin", this.#stdin, O_RDONLY],
      ["/dev/stdout", this.#stdout, O_WRONLY],
      ["/dev/stderr", this.#stderr, O_WRONLY],
    ] as const;
    for (const [fd, [path, device, flags]] of streams.entries()) {
      const old = FS.getStream(fd);
      if (old) FS.close(old);
      try {
        FS.unlink(path);
      } catch {
        // it was not there yet
      }
      const dev = FS.makedev(240, fd);
      FS.registerDevice(dev, { ...device.streamOps, close: () => this.#io.held?.endTurn() });
      FS.mkdev(path, 0o666, dev);
      const stream = FS.open(path, flags);
      if (stream.fd !== fd) {
        throw new Error(`${path} got descriptor ${stream.fd}, not ${fd}: install() came too late`);
      }
    }
    // getpass and pagers talk to the terminal itself; there is one when stdin is one.
    const stdin = this.#stdin;
    const input = stdin.streamOps;
    const output = this.#stderr.streamOps;
    FS.registerDevice(FS.makedev(5, 0), {
      ...input,
      open(stream) {
        if (!stdin.isatty) throw new FS.ErrnoError(ERRNO.ENXIO);
        input.open?.(stream);
        stream.direct = undefined; // two devices in one
      },
      dup(stream) {
        input.dup?.(stream);
        stream.direct = undefined;
      },
      write: (...args) => output.write?.(...args) ?? 0,
      fsync: (stream) => output.fsync?.(stream) ?? 0,
    });
  }

  /** Replace stdin's handler; without options the default comes back. TypeError on a bad mix. */
  setStdin(options?: StdinOption): void {
    const ops = this.#inputOps(typeof options === "function" ? { stdin: options } : options);
    this.#stdin.setOps(ops);
  }

  /** Replace stdout's handler; without options the default comes back. TypeError on a bad mix. */
  setStdout(options?: OutputOption): void {
    this.#stdout.setOps(this.#watched(this.#outputOps("setStdout", this.#defaults.stdout, options)));
  }

  /** Replace stderr's handler; without options the default comes back. TypeError on a bad mix. */
  setStderr(options?: OutputOption): void {
    this.#stderr.setOps(this.#watched(this.#outputOps("setStderr", this.#defaults.stderr, options)));
  }

  /** Show lines that have no newline yet, and let the host process end. */
  destroy(): void {
    this.#stdout.setOps({});
    this.#stderr.setOps({});
    this.#stdin.setOps({});
    this.#defaults.release?.();
  }

  /** The same operations, with the defaults' onOutput() told of each write. */
  #watched(ops: DeviceOps): DeviceOps {
    const { push, pushLent } = ops;
    const onOutput = this.#defaults.onOutput?.bind(this.#defaults);
    if (onOutput === undefined || push === undefined) return ops;
    const watched: DeviceOps = {
      ...ops,
      push: (bytes) => {
        const taken = push(bytes);
        onOutput(bytes, typeof taken === "number" ? taken : bytes.length);
        return taken;
      },
    };
    if (pushLent !== undefined) {
      watched.pushLent = (lent, length) => {
        const taken = pushLent(lent, length);
        onOutput(lent, typeof taken === "number" ? taken : length);
        return taken;
      };
    }
    return watched;
  }

  #onError(name: string): (error: unknown) => void {
    return (error) => {
      if (error instanceof ReturnedUndefined) this.#console.warn(error.message);
      else this.#console.warn(`sospeso: the ${name} handler failed, Python sees an I/O error:`, error);
    };
  }

  #inputOps(options: StdinOptions = {}): DeviceOps {
    const { stdin, read, error } = options;
    if (count(stdin, read, error === true ? error : undefined) > 1) {
      throw new TypeError("At most one of stdin, read, and error must be provided.");
    }
    if (options.autoEOF !== undefined && stdin === undefined) {
      throw new TypeError("The 'autoEOF' option can only be used with the 'stdin' option");
    }
    mustBeFunctions({ stdin, read });
    const common = { ...terminalOps(options), onError: this.#onError("stdin") };
    if (error === true) {
      return {
        ...common,
        pull() {
          throw Object.assign(new Error("stdin was set to fail"), { code: "EIO" });
        },
      };
    }
    if (stdin !== undefined) {
      // By name where it can be: see byteOutput().
      const asked = options as Required<Pick<StdinOptions, "stdin">>;
      const next = (): ReturnType<typeof stdin> => (asked.stdin === stdin ? asked.stdin() : stdin.call(options));
      return { ...common, pull: options.autoEOF === false ? untilNull(next) : itemInput(next) };
    }
    if (read !== undefined) {
      return { ...common, pull: bufferInput((buffer) => read.call(options, buffer)) };
    }
    return this.#defaults.stdin;
  }

  #outputOps(
    name: "setStdout" | "setStderr",
    standard: DeviceOps,
    option: OutputOption | undefined,
  ): DeviceOps {
    const options = typeof option === "function" ? { batched: option } : (option ?? {});
    const { batched, raw, write } = options;
    if (count(batched, raw, write) > 1) {
      throw new TypeError("At most one of 'raw', 'batched', and 'write' must be passed");
    }
    if (options.isatty === true && batched !== undefined) {
      throw new TypeError("Cannot set 'isatty' to true unless 'raw' or 'write' is provided");
    }
    mustBeFunctions({ batched, raw, write });
    const common: DeviceOps = {
      ...terminalOps(options),
      onError: this.#onError(name === "setStdout" ? "stdout" : "stderr"),
    };
    if (write !== undefined) {
      const ops: DeviceOps = { ...common, push: (bytes) => counted(write.call(options, bytes)) };
      const { fsync } = options;
      if (fsync !== undefined) ops.fsync = () => fsync.call(options);
      return ops;
    }
    if (raw !== undefined) return { ...common, ...byteOutput(options as ByteHandler) };
    if (batched !== undefined) {
      return { ...common, ...lineOutput((line) => batched.call(options, line)) };
    }
    return standard;
  }
}

/** What the options say of the terminal. */
function terminalOps(options: StdinOptions | OutputOptions): DeviceOps {
  const { getTerminalSize, terminal } = options;
  const ops: DeviceOps = { isatty: () => options.isatty ?? false, terminal };
  if (getTerminalSize !== undefined) {
    ops.terminalSize = () => {
      const size = getTerminalSize.call(options);
      return size === undefined || Array.isArray(size) ? size : [size.rows, size.columns];
    };
  }
  return ops;
}

function count(...handlers: readonly unknown[]): number {
  return handlers.filter((handler) => handler !== undefined).length;
}

/** @throws TypeError for a handler that cannot be called: it would fail at the first read or write. */
function mustBeFunctions(handlers: Record<string, unknown>): void {
  for (const [name, handler] of Object.entries(handlers)) {
    if (handler !== undefined && typeof handler !== "function") {
      throw new TypeError(`'${name}' must be a function, not ${handler === null ? "null" : typeof handler}`);
    }
  }
}

/** Options with a handler of bytes. */
interface ByteHandler {
  raw(byte: number): unknown;
}

/** A handler of bytes as a push. */
function byteOutput(options: ByteHandler): Pick<Required<DeviceOps>, "push" | "pushLent"> {
  const { raw } = options;
  // A call by name: V8 puts what is called so in place of the call, and takes three times as long for raw.call().
  const kept: ByteHandler = { raw: (byte) => raw.call(options, byte) };
  const push = (bytes: Uint8Array, length: number): number | Promise<number> => {
    const handler = options.raw === raw ? options : kept; // the page may use its object for something else
    let done = 0;
    try {
      while (done < length) {
        const result = handler.raw(bytes[done] as number);
        done++;
        if (result !== undefined && isPromise(result)) return goOn(result, done, bytes.slice(done, length));
      }
    } catch (error) {
      if (done === 0) throw error;
    }
    return done;
  };
  /** Wait for the handler of the byte before the rest. */
  const goOn = async (waitFor: unknown, before: number, rest: Uint8Array): Promise<number> => {
    try {
      await waitFor;
    } catch (error) {
      if (before === 1) throw error;
      return before - 1;
    }
    return rest.length === 0 ? before : afterwards(before, () => push(rest, rest.length));
  };
  return { push: (bytes) => push(bytes, bytes.length), pushLent: push };
}

/** Bytes taken when `before` of them were already: a failure now ends early, it is no error. */
async function afterwards(before: number, push: () => number | Promise<number>): Promise<number> {
  try {
    return before + (await push());
  } catch {
    return before;
  }
}

/** A handler of lines as a push; the last, unfinished line is kept until its newline or a sync. */
function lineOutput(handler: (line: string) => unknown): Pick<DeviceOps, "push" | "pushLent" | "sync" | "whenPartial"> {
  let open: Uint8Array[] = [];
  let notePartial: (() => void) | undefined;
  const keep = (bytes: Uint8Array): void => {
    open.push(bytes);
    if (open.length === 1) notePartial?.();
  };
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** The text of the unfinished line and these bytes. */
  const take = (bytes: Uint8Array): string => {
    let whole = bytes;
    if (open.length > 0) {
      open.push(bytes);
      whole = new Uint8Array(open.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of open) {
        whole.set(part, at);
        at += part.length;
      }
      open = [];
    }
    // NUL would end the line in a terminal widget; Pyodide drops it as well.
    return decoder.decode(whole).replaceAll("\0", "");
  };
  const push = (bytes: Uint8Array): number | Promise<number> => {
    const last = bytes.lastIndexOf(10);
    if (last < 0) {
      keep(bytes);
      return bytes.length;
    }
    const lines = take(bytes.subarray(0, last)).split("\n");
    return inTurn(
      lines.length,
      (index) => handler(lines[index] as string),
      (count) => {
        if (count === lines.length) {
          if (last + 1 < bytes.length) keep(bytes.subarray(last + 1));
          return bytes.length;
        }
        // A handler that failed at a later line: the lines before it were written.
        let written = 0;
        for (let line = 0; line < count; line++) written = bytes.indexOf(10, written) + 1;
        return written;
      },
    );
  };
  return {
    push,
    pushLent(lent, length) {
      const line = open.length === 0 ? wholeLine(lent, length) : undefined;
      if (line === undefined) return push(lent.slice(0, length));
      const result = handler(line);
      return isPromise(result) ? Promise.resolve(result).then(() => length) : length;
    },
    whenPartial: (callback) => (notePartial = callback),
    sync() {
      if (open.length === 0) return undefined;
      const last = open.at(-1) as Uint8Array;
      const whole = wholeCharacters(last);
      open[open.length - 1] = last.subarray(0, whole);
      const text = take(new Uint8Array(0));
      if (whole < last.length) open.push(last.subarray(whole)); // its rest is to come
      return text === "" ? undefined : handler(text);
    },
  };
}

/** The text of bytes that are one line of ASCII with its newline, as print() writes it; else undefined. */
function wholeLine(bytes: Uint8Array, length: number): string | undefined {
  const end = length - 1;
  if (end > LONGEST_QUICK_LINE || bytes[end] !== 10) return undefined;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === 10 || byte === 0 || byte >= 0x80) return undefined;
  }
  return String.fromCharCode.apply(null, bytes.subarray(0, end) as unknown as number[]);
}

/** How many bytes there are before a sequence of UTF-8 that lacks its end. */
function wholeCharacters(bytes: Uint8Array): number {
  const size = bytes.length;
  for (let back = 1; back <= 3 && back <= size; back++) {
    const byte = bytes[size - back] as number;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? size - back : size;
  }
  return size;
}

/** Beyond this many bytes a TextDecoder is quicker. */
const LONGEST_QUICK_LINE = 512;

/**
 * Call `step(0)` to `step(count - 1)` one after the other, waiting for promises, then give
 * `total(steps done)`. A failure after the first step ends early; in the first one it is thrown.
 */
function inTurn(
  count: number,
  step: (index: number) => unknown,
  total: (done: number) => number,
): number | Promise<number> {
  const goOn = async (index: number, waitFor: unknown): Promise<number> => {
    let done = index;
    try {
      await waitFor;
      for (done = index + 1; done < count; done++) await step(done);
    } catch (error) {
      if (done === 0) throw error;
    }
    return total(done);
  };
  let done = 0;
  try {
    for (; done < count; done++) {
      const result = step(done);
      if (isPromise(result)) return goOn(done, result);
    }
  } catch (error) {
    if (done === 0) throw error;
  }
  return total(done);
}
