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

import { constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { isatty, ReadStream } from "node:tty";

/** What the core's `stdin` option takes. */
export interface Reader {
  read(buffer: Uint8Array): number | Promise<number>;
  readonly isatty: boolean;
  /** Forget what was read from the terminal and not asked for. */
  flush?(): void;
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

/** Whether the terminal itself is gone. */
function hungUp(stream: Socket): boolean {
  return stream.errored !== null || !isatty(0);
}

/**
 * A handler that reads standard input.
 * @param isCooked of a terminal: whether it is in cooked mode, where Ctrl-D means something.
 */
export function makeReader(isCooked: () => boolean = () => true): Reader {
  const terminal = isatty(0);
  if (!terminal && !isPipe(0)) {
    // Files, /dev/null: always ready.
    return { read: (buffer) => readSync(0, buffer), isatty: false };
  }
  let stream: Socket | undefined;
  let failure: Error | undefined;
  const open = (): Socket => {
    // Opened at the first read, so that a program that reads nothing takes nothing from the pipe.
    const made = terminal
      ? new ReadStream(0)
      : new Socket({ fd: ownDescription(0, constants.O_RDONLY), readable: true, writable: false });
    made.on("error", (error) => (failure = error));
    return made;
  };
  const take = (buffer: Uint8Array): number | undefined => {
    if (stream === undefined || buffer.length === 0) return buffer.length === 0 ? 0 : undefined;
    const size = Math.min(buffer.length, stream.readableLength);
    const chunk = size > 0 ? (stream.read(size) as Buffer | null) : null;
    if (chunk !== null) {
      buffer.set(chunk);
      return chunk.length;
    }
    if (failure !== undefined) throw failure;
    if (!stream.readableEnded && !stream.destroyed) return undefined;
    // Ctrl-D at a terminal ends one read, not all: the stream has ended, the terminal has not.
    if (!terminal || hungUp(stream)) return 0;
    stream = undefined;
    return isCooked() ? 0 : undefined;
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
    isatty: terminal,
    flush: () => void stream?.read(),
    read(buffer) {
      stream ??= open();
      const taken = take(buffer);
      if (taken !== undefined) return taken;
      return (async () => {
        for (;;) {
          await wait((stream ??= open()));
          const size = take(buffer);
          if (size !== undefined) return size;
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
