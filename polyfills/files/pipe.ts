// pipe.ts - os.pipe() and os.mkfifo(): bytes from one descriptor to another, with a limit.
//
// Emscripten's own pipes never block: reading an empty one fails, writing has no limit; pipes with
// a name it has none. These wait as on Linux. The system calls are in poll.c, which also waits for
// them in poll().
//
// Invariants
//  1. A read of an empty pipe waits while there is a writer, and is the end of the file when not.
//  2. Up to PIPE_BUF bytes are written whole or not at all. A pipe is full when its pages are, as on Linux: one byte
//     that is read makes no room as long as others of its page are there.
//  3. Opening a named pipe never waits for the other end, as open() cannot: the first read or write
//     does.

import {
  ERRNO,
  FIONREAD,
  O_ACCMODE,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  PIPE_BUF,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  S_IFIFO,
  S_IFMT,
} from "../numbers.ts";
import { anonymousNode, openAnonymous, untilChanged } from "./anonymous.ts";
import { ByteQueue } from "./byte_queue.ts";
import { markCloseOnExec } from "./fcntl.ts";
import type { EmscriptenFS, FSNode, FSStream, HeapView, StreamOps, WasmHost } from "./fs.ts";
import type { PendingOps } from "./pending.ts";

/** Pages of PIPE_BUF bytes that a pipe of Linux has, and how many bytes these hold. */
const PAGES = 16;
const CAPACITY = PAGES * PIPE_BUF;

interface Page {
  /** Where the next byte would be put. */
  end: number;
  /** Bytes that nobody has read. */
  left: number;
}

/** One pipe, with or without a name: its bytes, and how many have each end open. */
class Pipe {
  readonly ops: StreamOps;
  readonly #host: WasmHost;
  readonly #io: PendingOps;
  readonly #node: FSNode;
  readonly #queue = new ByteQueue(CAPACITY);
  #pages: Page[] = [];
  #readers = 0;
  #writers = 0;
  /** An end of a named pipe was opened before the other one: its first call waits for that. */
  #lacksReader = false;
  #lacksWriter = false;

  constructor(host: WasmHost, io: PendingOps, node: FSNode) {
    this.#host = host;
    this.#io = io;
    this.#node = node;
    this.ops = {
      dup: (stream) => this.#count(stream, 1),
      close: (stream) => this.#count(stream, -1),
      read: (stream, buffer, offset, length) => this.#read(stream, bytesOf(buffer, offset, length)),
      write: (stream, buffer, offset, length) => this.#write(stream, bytesOf(buffer, offset, length)),
      poll: (stream) => this.#poll(stream),
      ioctl: (_stream, request, argument) => {
        if (request !== FIONREAD) return this.#fail(ERRNO.ENOTTY);
        new DataView(host.HEAPU8.buffer).setInt32(argument >>> 0, this.#queue.length, true);
        return 0;
      },
    };
  }

  /** One of os.pipe()'s two ends. */
  openEnd(flags: number): FSStream {
    const stream = openAnonymous(this.#host.FS, this.#node, flags, this.ops, () => {});
    this.#count(stream, 1);
    return stream;
  }

  /** open() of a named pipe, whose stream has just been made. */
  openNamed(stream: FSStream): void {
    const mode = stream.flags & O_ACCMODE;
    if (mode === O_WRONLY && this.#readers === 0 && (stream.flags & O_NONBLOCK) !== 0) this.#fail(ERRNO.ENXIO);
    stream.seekable = false;
    this.#count(stream, 1);
    if (this.#writers > 0) this.#lacksWriter = false;
    else if ((stream.flags & O_NONBLOCK) === 0) this.#lacksWriter = true;
    if (this.#readers > 0) this.#lacksReader = false;
    else this.#lacksReader = true;
    this.#node.notifyListeners(0);
  }

  #count(stream: FSStream, by: number): void {
    const mode = stream.flags & O_ACCMODE;
    if (mode !== O_WRONLY) this.#readers += by;
    if (mode !== O_RDONLY) this.#writers += by;
    if (by > 0) return;
    if (this.#readers === 0 && !this.#lacksReader) {
      this.#queue.clear();
      this.#pages = [];
    }
    this.#node.notifyListeners(0);
  }

  #read(stream: FSStream, target: Uint8Array): number {
    if (target.length === 0) return 0;
    if (this.#queue.length === 0) return this.#writers > 0 || this.#lacksWriter ? this.#waitOn(stream) : 0;
    const count = this.#queue.read(target);
    const wasFull = this.#pages.length === PAGES;
    let rest = count;
    while (rest > 0) {
      const page = this.#pages[0] as Page;
      const taken = Math.min(rest, page.left);
      page.left -= taken;
      rest -= taken;
      if (page.left === 0) this.#pages.shift();
    }
    if (wasFull && this.#pages.length < PAGES) this.#node.notifyListeners(POLLOUT);
    return count;
  }

  #write(stream: FSStream, bytes: Uint8Array): number {
    if (this.#readers === 0) return this.#lacksReader ? this.#waitOn(stream) : this.#fail(ERRNO.EPIPE);
    if (bytes.length === 0) return 0;
    const count = this.#takePages(bytes.length);
    if (count === 0) return this.#waitOn(stream);
    this.#queue.write(bytes.subarray(0, count));
    if (count < bytes.length && (stream.flags & O_NONBLOCK) === 0 && stream.fd !== null) this.#io.expectMore(stream.fd);
    this.#node.notifyListeners(POLLIN);
    return count;
  }

  /** Find places for so many bytes; for how many there are some. What does not fill a page may join the last one. */
  #takePages(length: number): number {
    let taken = 0;
    const last = this.#pages.at(-1);
    const odd = length % PIPE_BUF;
    if (last !== undefined && odd > 0 && last.end + odd <= PIPE_BUF) {
      last.end += odd;
      last.left += odd;
      taken = odd;
    }
    while (taken < length && this.#pages.length < PAGES) {
      const count = Math.min(PIPE_BUF, length - taken);
      this.#pages.push({ end: count, left: count });
      taken += count;
    }
    return taken;
  }

  #poll(stream: FSStream): number {
    const mode = stream.flags & O_ACCMODE;
    let ready = 0;
    if (mode !== O_WRONLY) {
      if (this.#queue.length > 0) ready |= POLLIN;
      if (this.#writers === 0 && !this.#lacksWriter) ready |= POLLHUP;
    }
    if (mode !== O_RDONLY) {
      if (this.#readers === 0) ready |= this.#lacksReader ? 0 : POLLOUT | POLLERR;
      else if (this.#pages.length < PAGES) ready |= POLLOUT;
    }
    return ready;
  }

  #waitOn(stream: FSStream): never {
    if ((stream.flags & O_NONBLOCK) === 0 && stream.fd !== null) this.#io.pend(stream.fd, untilChanged(this.#io, this.#node));
    return this.#fail(ERRNO.EAGAIN);
  }

  #fail(code: number): never {
    throw new this.#host.FS.ErrnoError(code);
  }
}

/**
 * Open a pipe: the descriptors of its reading and its writing end.
 * @param flags of pipe2(): O_NONBLOCK, O_CLOEXEC.
 */
export function openPipe(host: WasmHost, io: PendingOps, flags: number): [number, number] {
  const pipe = new Pipe(host, io, anonymousNode(host.FS, S_IFIFO | 0o600));
  const nonblocking = flags & O_NONBLOCK;
  const ends = [pipe.openEnd(O_RDONLY | nonblocking), pipe.openEnd(O_WRONLY | nonblocking)] as const;
  for (const stream of ends) markCloseOnExec(stream, flags);
  return [ends[0].fd as number, ends[1].fd as number];
}

/** File systems in which open(..., "w") leaves named pipes alone. */
const prepared = new WeakSet<EmscriptenFS>();

/**
 * Make a named pipe of a node that was just made as something else.
 * @throws FS.ErrnoError when there is none.
 */
export function makeNamedPipe(host: WasmHost, io: PendingOps, path: string): void {
  const { FS } = host;
  const { node } = FS.lookupPath(path, { follow: false });
  node.mode = S_IFIFO | (node.mode & 0o7777);
  const pipe = new Pipe(host, io, node);
  node.stream_ops = { ...pipe.ops, open: (stream) => pipe.openNamed(stream) };
  if (!prepared.has(FS)) {
    prepared.add(FS);
    const { truncate } = FS;
    // O_TRUNC means nothing to a pipe, but Emscripten fails.
    FS.truncate = (file, length) => {
      if (typeof file === "string" || (file.mode & S_IFMT) !== S_IFIFO) truncate.call(FS, file, length);
    };
  }
}

function bytesOf(buffer: HeapView, offset: number, length: number): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
}
