// poll.ts - which descriptors are ready, and waking who waits until one is.
//
// The JavaScript half of poll() and select() (poll.c): asks each stream's own poll(), and registers
// a waiting call with the nodes of all its descriptors. Also opens pipes, whose system call is in
// poll.c as well. Imported by runtime/.
//
// Invariants
//  1. Each key given out by poll_watch is given back by one poll_unwatch, which removes every
//     listener it added.
//  2. A change between poll_check and the wait is not lost: the key remembers it.

import { listen } from "../files/anonymous.ts";
import { errnoOf } from "../files/errno.ts";
import { pathAt, type WasmHost } from "../files/fs.ts";
import { makeNamedPipe, openPipe } from "../files/pipe.ts";
import type { PendingOps, WaitKeys } from "../files/pending.ts";
import { POLLERR, POLLFD_EVENTS, POLLFD_REVENTS, POLLFD_SIZE, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from "../numbers.ts";

/** The wasm imports of poll.c. */
export interface PollImports {
  poll_check(fds: number, count: number): number;
  poll_watch(fds: number, count: number): number;
  poll_unwatch(key: number): void;
  pipe_open(fds: number, flags: number): number;
  pipe_name(directory: number, path: number): number;
  files_watch(fds: number, count: number): number;
}

/** Conditions that are reported whether asked for or not. */
const ALWAYS = POLLERR | POLLHUP | POLLNVAL;

/** What poll() says of a descriptor, of the events asked for. */
export function readiness(host: Pick<WasmHost, "FS">, fd: number, events: number): number {
  const stream = host.FS.getStream(fd);
  if (stream === null || stream === undefined) return POLLNVAL;
  // A file without an answer of its own (a regular one) never waits.
  const ready = stream.stream_ops?.poll?.(stream) ?? POLLIN | POLLOUT;
  return ready & (events | ALWAYS);
}

/**
 * The imports; `host` is read at call time only.
 * @param schedule starts the page loop's next step, for the files that it watches.
 */
export function pollImports(host: WasmHost, io: PendingOps, keys: WaitKeys, schedule: () => void): PollImports {
  const watched = new Map<number, (() => void)[]>();
  let loopFiles: (() => void)[] = [];
  const view = (): DataView => new DataView(host.HEAPU8.buffer);
  return {
    poll_check(fds, count) {
      let ready = 0;
      for (let i = 0, at = fds >>> 0; i < count; i++, at += POLLFD_SIZE) {
        const fd = view().getInt32(at, true);
        // POSIX: a negative descriptor is skipped.
        const revents = fd < 0 ? 0 : readiness(host, fd, view().getInt16(at + POLLFD_EVENTS, true));
        view().setInt16(at + POLLFD_REVENTS, revents, true);
        if (revents !== 0) ready++;
      }
      return ready;
    },
    poll_watch(fds, count) {
      const key = keys.newKey() >>> 0;
      const stops: (() => void)[] = [];
      for (let i = 0, at = fds >>> 0; i < count; i++, at += POLLFD_SIZE) {
        const stream = host.FS.getStream(view().getInt32(at, true));
        if (stream?.node !== undefined) stops.push(listen(stream.node, () => keys.notify(key, true)));
      }
      watched.set(key, stops);
      return key;
    },
    poll_unwatch(key) {
      const id = key >>> 0;
      for (const stop of watched.get(id) ?? []) stop();
      watched.delete(id);
      keys.forget(id);
    },
    files_watch(fds, count) {
      for (const stop of loopFiles) stop();
      loopFiles = [];
      let ready = false;
      for (let i = 0, at = fds >>> 0; i < count; i++, at += POLLFD_SIZE) {
        const fd = view().getInt32(at, true);
        const events = view().getInt16(at + POLLFD_EVENTS, true);
        ready ||= readiness(host, fd, events) !== 0;
        const node = host.FS.getStream(fd)?.node;
        if (node !== undefined) {
          loopFiles.push(listen(node, () => { if (readiness(host, fd, events) !== 0) schedule(); }));
        }
      }
      return ready ? 1 : 0;
    },
    pipe_name(directory, path) {
      try {
        makeNamedPipe(host, io, pathAt(host, directory, path));
        return 0;
      } catch (error) {
        return -errnoOf(error);
      }
    },
    pipe_open(fds, flags) {
      try {
        const [reader, writer] = openPipe(host, io, flags);
        view().setInt32(fds >>> 0, reader, true);
        view().setInt32((fds >>> 0) + 4, writer, true);
        return 0;
      } catch (error) {
        return -errnoOf(error);
      }
    },
  };
}
