// The three standard streams of a Node process, as read and write handlers for the core.
// Why not process.stdin/stdout: a write to a pipe must not be lost at exit, must not block the
// event loop when the reader is slow (that is the point of this project), and a pipe that has room
// should be written without a switch. Called by cli.ts.
//
// Invariants:
//  1. A handler does the work synchronously when it can; only then does it return a number.
//  2. A promise settles after the bytes are with the kernel (write) or in the buffer (read), so that
//     process.exit() right after Python's last flush loses nothing.
//  3. Nothing here keeps the process alive except an operation that is under way.

import { spawnSync } from "node:child_process";
import { constants, existsSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { isatty, ReadStream } from "node:tty";

import { ICANON } from "../../polyfills/numbers.ts";
import { COOKED, type TerminalAttributes } from "../../polyfills/tty/control.ts";
import { Typed } from "../../polyfills/tty/typed.ts";
import type { NodeTerminal } from "./terminal.ts";

/** What the core's `stdin` option takes. */
export interface Reader {
  read(buffer: Uint8Array): number | Promise<number>;
  readonly isatty: boolean;
}

/** Standard input that is a terminal. */
export interface TerminalReader extends Reader {
  /** Forget what was typed. */
  flush(): void;
  /** Another number after each flush(). */
  readonly epoch: number;
  /** As in TerminalControl. */
  whenTyped(): Promise<unknown> | undefined;
}

/** What the core's `stdout` and `stderr` options take. */
export interface Writer {
  write(bytes: Uint8Array): number | Promise<number>;
  readonly isatty: boolean;
}

/** Longest piece handed to the kernel by one waiting write. */
const PIECE = 64 * 1024;

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function isPipe(fd: number): boolean {
  const status = fstatSync(fd);
  return status.isFIFO() || status.isSocket();
}

/**
 * The same pipe through an open file description of our own that does not block. Setting
 * O_NONBLOCK on the inherited one would change it for every process that shares it.
 */
function ownDescription(fd: number, flags: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, flags | constants.O_NONBLOCK);
  } catch {
    return fd; // a socket, or not Linux: libuv sets O_NONBLOCK on the shared one, as Node does
  }
}

/**
 * A handler that writes to a file descriptor.
 * @param fd 1 or 2; files, terminals, pipes and sockets all work.
 */
export function makeWriter(fd: number): Writer {
  const terminal = isatty(fd);
  if (!isPipe(fd)) {
    // Files and terminals take what they are given; a terminal that another program has made
    // non-blocking says EAGAIN, and then there is only asking again.
    const write = (bytes: Uint8Array): number | Promise<number> => {
      try {
        return writeSync(fd, bytes);
      } catch (error) {
        if (errorCode(error) !== "EAGAIN") throw error;
        const copy = bytes.slice(0, PIECE);
        return new Promise((resolve) => setTimeout(resolve, 5)).then(() => write(copy));
      }
    };
    return { write, isatty: terminal };
  }
  const own = ownDescription(fd, constants.O_WRONLY);
  const socket = new Socket({ fd: own, readable: false, writable: true });
  socket.on("error", () => {}); // every write hears of its own error
  return {
    isatty: false,
    write(bytes) {
      try {
        return writeSync(own, bytes);
      } catch (error) {
        if (errorCode(error) !== "EAGAIN") throw error;
      }
      const copy = Buffer.from(bytes.subarray(0, PIECE));
      return new Promise((resolve, reject) => {
        socket.write(copy, (error) => {
          if (error) reject(error);
          else resolve(copy.length);
        });
      });
    },
  };
}

/**
 * A handler that reads standard input.
 * @param terminal its settings, where it is one and they can be had.
 */
export function makeReader(terminal?: NodeTerminal): Reader | TerminalReader {
  if (isatty(0)) return terminalReader(terminal);
  if (!isPipe(0)) {
    // Files, /dev/null: always ready.
    return { read: (buffer) => readSync(0, buffer), isatty: false };
  }
  let stream: Socket | undefined;
  let failure: Error | undefined;
  const open = (): Socket => {
    // Opened at the first read, so that a program that reads nothing takes nothing from the pipe.
    const fd = ownDescription(0, constants.O_RDONLY);
    const made = new Socket({ fd, readable: true, writable: false });
    made.on("error", (error) => (failure = error));
    return made;
  };
  const take = (from: Socket, buffer: Uint8Array): number | undefined => {
    const size = Math.min(buffer.length, from.readableLength);
    const chunk = size > 0 ? (from.read(size) as Buffer | null) : null;
    if (chunk !== null) {
      buffer.set(chunk);
      return chunk.length;
    }
    if (failure !== undefined) throw failure;
    return from.readableEnded || from.destroyed ? 0 : undefined;
  };
  const wait = (from: Socket): Promise<void> =>
    new Promise((resolve) => {
      const events = ["readable", "end", "close", "error"] as const;
      const done = (): void => {
        for (const event of events) from.off(event, done);
        from.unref();
        resolve();
      };
      from.ref();
      for (const event of events) from.on(event, done);
      from.read(0); // starts reading if the stream has not
    });
  return {
    isatty: false,
    read(buffer) {
      const from = (stream ??= open());
      const taken = take(from, buffer);
      if (taken !== undefined) return taken;
      return (async () => {
        for (;;) {
          await wait(from);
          const size = take(from, buffer);
          if (size !== undefined) return size;
        }
      })();
    },
  };
}

/** Standard input's terminal through an open file description that does not block; undefined where there is none. */
function ownTerminal(): number | undefined {
  // Where there is no /proc, /dev/fd/0 is the description that other processes share: only the name will do.
  const name = (): string => spawnSync("tty", { stdio: [0, "pipe", "ignore"], encoding: "utf8" }).stdout.trim();
  try {
    const path = existsSync("/proc/self/fd/0") ? "/proc/self/fd/0" : name();
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/**
 * Reads the terminal as the kernel hands it out: a line, or keys. Nothing is read ahead, so that Ctrl-C and
 * tcflush() drop what they should, and what the program leaves is there for the shell.
 */
function terminalReader(terminal: NodeTerminal | undefined): TerminalReader {
  const attributes = (): TerminalAttributes => terminal?.getAttributes() ?? COOKED;
  const typed = new Typed(attributes);
  const buffer = new Uint8Array(PIECE);
  const own = ownTerminal();
  let gone = false;
  /** A read gave nothing: it was Ctrl-D in cooked mode, or the terminal is gone. */
  const nothing = (): boolean => {
    gone = !isatty(0);
    const isEnd = gone || (attributes().lflag & ICANON) !== 0;
    if (isEnd) typed.put(buffer.slice(0, 0));
    else typed.look();
    return isEnd;
  };
  /** Take one delivery from the kernel, if there is one. */
  const fetch = (): boolean => {
    if (own === undefined || gone) return false;
    try {
      const count = readSync(own, buffer);
      if (count === 0) return nothing();
      typed.put(buffer.slice(0, count));
      return true;
    } catch (error) {
      if (errorCode(error) === "EAGAIN") return false;
      if (isatty(0)) throw error;
      return nothing();
    }
  };
  /** Have the next delivery put; gives what ends that. */
  const listen = (): (() => void) => {
    // A new one for each wait: one that is kept reads ahead, and has ended for ever after Ctrl-D.
    const stream = new ReadStream(0);
    const end = (): void => void stream.destroy();
    stream.once("data", (bytes: Buffer) => {
      end();
      typed.put(Uint8Array.from(bytes));
    });
    stream.once("end", nothing);
    stream.on("error", nothing);
    return end;
  };
  if (terminal !== undefined) {
    // Outside of cooked mode the kernel would make a NUL of a Ctrl-D that was typed ahead.
    terminal.onUncook = () => {
      while (fetch() && !gone);
    };
    terminal.onChange = () => typed.look();
  }
  /** Whether a read has what it wants. */
  const ready = (length: number): boolean => {
    if (typed.isEmpty) fetch();
    while (!gone && typed.patience(length) > 0) if (!fetch()) return gone;
    return true;
  };
  return {
    isatty: true,
    get epoch() {
      return typed.epoch;
    },
    whenTyped() {
      if (gone || (attributes().lflag & ICANON) !== 0) return undefined;
      const end = listen();
      return typed.wait(Infinity).then(end);
    },
    flush() {
      const drop = (): void => {
        while (fetch() && !gone);
        typed.clear();
      };
      if (terminal === undefined) drop();
      else terminal.asKeys(drop);
    },
    read(into) {
      if (into.length === 0) return 0;
      if (ready(into.length)) return typed.take(into);
      return (async () => {
        for (;;) {
          const end = listen();
          const look = await typed.wait(typed.patience(into.length));
          end();
          if (!look || ready(into.length)) return typed.take(into);
        }
      })();
    },
  };
}

/** Everything that is left on standard input, for a program that comes from there. */
export async function readAll(reader: Reader): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(PIECE);
    const size = await reader.read(buffer);
    if (size === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(buffer.subarray(0, size));
  }
}
