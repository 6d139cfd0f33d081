// pipe.ts - os.pipe(): bytes from one descriptor to another, with a limit.
//
// Emscripten's own pipes never block: reading an empty one fails, writing has no limit. These wait
// as on Linux. The system call is in poll.c, which also waits for them in poll().
//
// Invariants
//  1. A read of an empty pipe waits while there is a writer, and is the end of the file when not.
//  2. Up to PIPE_BUF bytes are written whole or not at all.

import { anonymousNode, openAnonymous, untilChanged } from "./anonymous.ts";
import { ByteQueue } from "./byte_queue.ts";
import { ERRNO } from "./errno.ts";
import { markCloseOnExec } from "./fcntl.ts";
import {
  type FSNode,
  type FSStream,
  type HeapView,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  S_IFIFO,
  type WasmHost,
} from "./fs.ts";
import type { WaitingIo } from "./waiting_io.ts";

/** Linux's numbers: bytes a pipe holds, and bytes that are written in one piece. */
const CAPACITY = 65536;
const PIPE_BUF = 4096;

/**
 * Open a pipe: the descriptors of its reading and its writing end.
 * @param flags of pipe2(): O_NONBLOCK, O_CLOEXEC.
 */
export function openPipe(host: Pick<WasmHost, "FS">, io: WaitingIo, flags: number): [number, number] {
  const { FS } = host;
  const queue = new ByteQueue(CAPACITY);
  const node: FSNode = anonymousNode(FS, S_IFIFO | 0o600);
  let reading = true;
  let writing = true;
  const fail = (code: number): never => {
    throw new FS.ErrnoError(code);
  };
  const waitOn = (stream: FSStream): never => {
    if ((stream.flags & O_NONBLOCK) === 0 && stream.fd !== null) io.pend(stream.fd, untilChanged(io, node));
    return fail(ERRNO.EAGAIN);
  };
  const nonblocking = flags & O_NONBLOCK;
  const reader = openAnonymous(
    FS,
    node,
    O_RDONLY | nonblocking,
    {
      read(stream: FSStream, buffer: HeapView, offset: number, length: number): number {
        if (length === 0) return 0;
        if (queue.length === 0) return writing ? waitOn(stream) : 0;
        const count = queue.read(new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length));
        node.notifyListeners(POLLOUT);
        return count;
      },
      poll: () => (queue.length > 0 ? POLLIN : 0) | (writing ? 0 : POLLHUP),
    },
    () => {
      reading = false;
      queue.clear();
      node.notifyListeners(POLLERR);
    },
  );
  const writer = openAnonymous(
    FS,
    node,
    O_WRONLY | nonblocking,
    {
      write(stream: FSStream, buffer: HeapView, offset: number, length: number): number {
        if (!reading) return fail(ERRNO.EPIPE);
        if (length === 0) return 0;
        if (queue.space < Math.min(length, PIPE_BUF)) return waitOn(stream);
        const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
        const count = queue.write(bytes);
        if (count < length && (stream.flags & O_NONBLOCK) === 0 && stream.fd !== null) io.expectMore(stream.fd);
        node.notifyListeners(POLLIN);
        return count;
      },
      poll: () => (queue.space >= PIPE_BUF || !reading ? POLLOUT : 0) | (reading ? 0 : POLLERR),
    },
    () => {
      writing = false;
      node.notifyListeners(POLLHUP);
    },
  );
  for (const stream of [reader, writer]) markCloseOnExec(stream, flags);
  return [reader.fd as number, writer.fd as number];
}
