// epoll.ts - epoll: a descriptor that stands for many, and says which of them are ready.
//
// The JavaScript half of epoll.c. What a set watches is registered once with the nodes of its
// files, so that a wait is as cheap for a thousand idle connections as for one. Imported by runtime/.
//
// Invariants
//  1. A set listens to exactly the files it has entries of; closing the set ends that.
//  2. An entry whose descriptor was closed is forgotten when it is next looked at, and before its
//     number is used for another file.
//  3. An edge-triggered entry is reported once for each change of its file.
//  4. No set watches itself by way of others: readiness and news of changes pass along what watches what.

import { anonymousNode, listen, openAnonymous } from "../files/anonymous.ts";
import { errnoOf } from "../files/errno.ts";
import { markCloseOnExec } from "../files/fcntl.ts";
import type { FSNode, FSStream, WasmHost } from "../files/fs.ts";
import {
  EPOLLET,
  EPOLLONESHOT,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLL_EVENT_DATA,
  EPOLL_EVENT_SIZE,
  ERRNO,
  O_RDWR,
  POLLERR,
  POLLHUP,
  POLLIN,
} from "../numbers.ts";

/** The wasm imports of epoll.c; they return a negative errno when they fail. */
export interface EpollImports {
  epoll_open(flags: number): number;
  epoll_change(set: number, operation: number, fd: number, event: number): number;
  epoll_check(set: number, events: number, room: number): number;
}

/** How deep sets may be nested (EP_MAX_NESTS of Linux's fs/eventpoll.c). */
const DEEPEST = 4;

/** The bits that are conditions, not options. */
const CONDITIONS = 0xffff;

interface Entry {
  readonly fd: number;
  /** One of the descriptors of the open file that is watched. */
  stream: FSStream;
  readonly stop: () => void;
  events: number;
  data: bigint;
  /** The file has changed since it was last reported. */
  fresh: boolean;
}

/**
 * What one epoll descriptor watches. As on Linux an entry belongs to an open file and the descriptor by which it was
 * given: it lives as long as any descriptor of that file is open.
 */
class EpollSet {
  readonly node: FSNode;
  readonly #host: WasmHost;
  readonly #entries = new Set<Entry>();

  readonly #setOf: (node: FSNode) => EpollSet | undefined;

  constructor(host: WasmHost, setOf: (node: FSNode) => EpollSet | undefined) {
    this.#host = host;
    this.#setOf = setOf;
    this.node = anonymousNode(host.FS, 0o600);
  }

  change(operation: number, fd: number, events: number, data: bigint): number {
    const stream = this.#host.FS.getStream(fd);
    if (stream === null || stream === undefined) return -ERRNO.EBADF;
    if (stream.node === this.node) return -ERRNO.EINVAL;
    // A regular file never waits, and Linux refuses it.
    if (stream.stream_ops?.poll === undefined) return -ERRNO.EPERM;
    const entry = [...this.#entries].find((one) => one.fd === fd && one.stream.shared === stream.shared);
    if (operation === EPOLL_CTL_ADD) {
      if (entry !== undefined) return -ERRNO.EEXIST;
      const inner = this.#setOf(stream.node);
      if (inner !== undefined && (inner.#watches(this) || inner.#depth() >= DEEPEST)) return -ERRNO.ELOOP;
      const made: Entry = {
        fd, stream, events, data, fresh: true,
        stop: listen(stream.node, (came) => {
          // What else has come (room, where only bytes are waited for) is nothing new to an edge.
          if (came === 0 || (came & (made.events | POLLERR | POLLHUP)) !== 0) made.fresh = true;
          this.node.notifyListeners(0);
        }),
      };
      this.#entries.add(made);
    } else if (entry === undefined) {
      return -ERRNO.ENOENT;
    } else if (operation === EPOLL_CTL_MOD) {
      Object.assign(entry, { events, data, fresh: true });
    } else if (operation === EPOLL_CTL_DEL) {
      this.#forget(entry);
      return 0;
    } else {
      return -ERRNO.EINVAL;
    }
    this.node.notifyListeners(0);
    return 0;
  }

  /** Report at most `room` ready entries; those reported go to the end, so that all get a turn. */
  take(room: number, report: (events: number, data: bigint) => void): number {
    let count = 0;
    for (const entry of [...this.#entries]) {
      if (count === room) break;
      const ready = this.#isOpen(entry) ? this.#ready(entry) : 0;
      if (ready === 0) continue;
      report(ready, entry.data);
      count++;
      entry.fresh = false;
      if (entry.events & EPOLLONESHOT) entry.events = 0;
      this.#entries.delete(entry);
      this.#entries.add(entry);
    }
    return count;
  }

  isReady(): boolean {
    for (const entry of [...this.#entries]) {
      if (this.#isOpen(entry) && this.#ready(entry) !== 0) return true;
    }
    return false;
  }

  close(): void {
    for (const entry of [...this.#entries]) this.#forget(entry);
  }

  /** Whether this set watches another one, itself or by way of others. */
  #watches(set: EpollSet): boolean {
    return this.#inner().some((inner) => inner === set || inner.#watches(set));
  }

  /** How many sets are nested here, this one included. */
  #depth(): number {
    return 1 + Math.max(0, ...this.#inner().map((inner) => inner.#depth()));
  }

  #inner(): EpollSet[] {
    const found = [...this.#entries].map((entry) => this.#setOf(entry.stream.node));
    return found.filter((set) => set !== undefined);
  }

  #ready(entry: Entry): number {
    if (entry.events === 0 || ((entry.events & EPOLLET) !== 0 && !entry.fresh)) return 0;
    const ready = entry.stream.stream_ops.poll?.(entry.stream) ?? 0;
    return ready & ((entry.events & CONDITIONS) | POLLERR | POLLHUP);
  }

  /** Whether any descriptor of the file is open; otherwise the entry is forgotten. */
  #isOpen(entry: Entry): boolean {
    const { FS } = this.#host;
    const { stream } = entry;
    if (stream.fd !== null && FS.getStream(stream.fd) === stream) return true;
    const other = FS.streams.find((one) => one?.shared === stream.shared);
    if (other) {
      entry.stream = other;
      return true;
    }
    this.#forget(entry);
    return false;
  }

  #forget(entry: Entry): void {
    entry.stop();
    this.#entries.delete(entry);
  }
}

/** The imports; `host` is read at call time only. */
export function epollImports(host: WasmHost): EpollImports {
  const sets = new WeakMap<FSNode, EpollSet>();
  const using = (fd: number, run: (set: EpollSet) => number): number => {
    const stream = host.FS.getStream(fd);
    if (stream === null || stream === undefined) return -ERRNO.EBADF;
    const set = sets.get(stream.node);
    return set === undefined ? -ERRNO.EINVAL : run(set);
  };
  return {
    epoll_open(flags) {
      try {
        const set = new EpollSet(host, (node) => sets.get(node));
        const ops = { poll: () => (set.isReady() ? POLLIN : 0) };
        const stream = openAnonymous(host.FS, set.node, O_RDWR, ops, () => set.close());
        sets.set(set.node, set);
        markCloseOnExec(stream, flags);
        return stream.fd as number;
      } catch (error) {
        return -errnoOf(error);
      }
    },
    epoll_change: (fd, operation, target, event) =>
      using(fd, (set) => {
        if (event === 0) return set.change(operation, target, 0, 0n);
        const view = new DataView(host.HEAPU8.buffer, event >>> 0, EPOLL_EVENT_SIZE);
        return set.change(operation, target, view.getInt32(0, true), view.getBigUint64(EPOLL_EVENT_DATA, true));
      }),
    epoll_check: (fd, events, room) =>
      using(fd, (set) => {
        let at = events >>> 0;
        const view = new DataView(host.HEAPU8.buffer);
        return set.take(room, (ready, data) => {
          view.setUint32(at, ready, true);
          view.setBigUint64(at + EPOLL_EVENT_DATA, data, true);
          at += EPOLL_EVENT_SIZE;
        });
      }),
  };
}
