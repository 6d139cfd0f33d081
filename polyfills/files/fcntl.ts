// fcntl.ts - the flags of descriptors and of open files, and tcflush(); the JavaScript half of fcntl.c.
//
// The mark belongs to the descriptor, not to the open file: a duplicate is a stream object of its
// own and begins without it, as POSIX wants. Imported by runtime/.

import { ERRNO, FD_CLOEXEC, O_CLOEXEC, O_NONBLOCK, TCIFLUSH, TCIOFLUSH, TCOFLUSH } from "../numbers.ts";
import { errnoOf } from "./errno.ts";
import type { FSStream, WasmHost } from "./fs.ts";

/** The wasm imports of fcntl.c. */
export interface FcntlImports {
  fd_flags(fd: number, value: number): number;
  fd_nonblocking(fd: number, on: number): number;
  fd_duplicate(fd: number, least: number): number;
  tty_flush(fd: number, queue: number): number;
}

const marked = new WeakSet<FSStream>();

/** Mark a new descriptor when the flags it was opened with say so. */
export function markCloseOnExec(stream: FSStream, flags: number): void {
  if ((flags & O_CLOEXEC) !== 0) marked.add(stream);
}

/** The imports; `host` is read at call time only. */
export function fcntlImports(host: Pick<WasmHost, "FS">): FcntlImports {
  return {
    fd_flags(fd, value) {
      const stream = host.FS.getStream(fd);
      if (stream === null || stream === undefined) return -ERRNO.EBADF;
      if (value > 0) marked.add(stream);
      else if (value === 0) marked.delete(stream);
      return marked.has(stream) ? FD_CLOEXEC : 0;
    },
    fd_nonblocking(fd, on) {
      const stream = host.FS.getStream(fd);
      if (stream === null || stream === undefined) return -ERRNO.EBADF;
      stream.flags = on !== 0 ? stream.flags | O_NONBLOCK : stream.flags & ~O_NONBLOCK;
      return 0;
    },
    fd_duplicate(fd, least) {
      const { FS } = host;
      const stream = FS.getStream(fd);
      if (stream === null || stream === undefined) return -ERRNO.EBADF;
      if (least < 0 || least >= FS.MAX_OPEN_FDS) return -ERRNO.EINVAL;
      for (let free = least; free < FS.MAX_OPEN_FDS; free++) {
        if (!FS.streams[free]) return FS.dupStream(stream, free).fd as number;
      }
      return -ERRNO.EMFILE;
    },
    tty_flush(fd, queue) {
      const stream = host.FS.getStream(fd);
      if (stream === null || stream === undefined) return -ERRNO.EBADF;
      if (stream.tty === undefined) return -ERRNO.ENOTTY;
      if (queue < TCIFLUSH || queue > TCIOFLUSH) return -ERRNO.EINVAL;
      try {
        if (queue !== TCOFLUSH) stream.tty.flushInput?.();
      } catch (error) {
        return -errnoOf(error);
      }
      return 0;
    },
  };
}
