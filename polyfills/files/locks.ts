// locks.ts - who has a file locked by flock(), and who waits for it.
//
// The JavaScript half of locks.c. Imported by runtime/.
//
// Invariants
//  1. A lock belongs to an open file, which all duplicates of its descriptor share, and ends with the last of them.
//  2. To change a lock is to give it back first, as on Linux.

import type { WaitKeys } from "./pending.ts";
import { ERRNO, EWAIT, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN } from "../numbers.ts";
import type { EmscriptenFS, FSNode, WasmHost } from "./fs.ts";

/** The wasm imports of locks.c. */
export interface LockImports {
  file_lock(fd: number, operation: number, key: number): number;
  file_lock_end(key: number): void;
}

/** The imports; `host` is read at call time only. */
export function lockImports(host: WasmHost, keys: WaitKeys): LockImports {
  /** Of each file the open files that have it locked, and whether for themselves alone. */
  const locks = new WeakMap<FSNode, Map<object, boolean>>();
  const waiting = new Set<number>();
  let watched = false;
  const wake = (): void => {
    for (const key of waiting) keys.notify(key, true);
  };
  /** The end of an open file is the end of its lock. */
  const watchClose = (FS: EmscriptenFS): void => {
    if (watched) return;
    watched = true;
    const { close } = FS;
    FS.close = (stream) => {
      close.call(FS, stream);
      wake();
    };
  };
  return {
    file_lock(fd, operation, keyPtr) {
      const { FS } = host;
      const stream = FS.getStream(fd);
      if (stream === null || stream === undefined) return -ERRNO.EBADF;
      const wanted = operation & ~LOCK_NB;
      if (wanted !== LOCK_SH && wanted !== LOCK_EX && wanted !== LOCK_UN) return -ERRNO.EINVAL;
      let held = locks.get(stream.node);
      if (held === undefined) locks.set(stream.node, (held = new Map()));
      if (held.delete(stream.shared)) wake();
      if (wanted === LOCK_UN) return 0;
      for (const open of held.keys()) {
        if (!FS.streams.some((one) => one?.shared === open)) held.delete(open);
      }
      const taken = wanted === LOCK_EX ? held.size > 0 : [...held.values()].includes(true);
      if (!taken) {
        held.set(stream.shared, wanted === LOCK_EX);
        return 0;
      }
      if ((operation & LOCK_NB) !== 0) return -ERRNO.EAGAIN;
      watchClose(FS);
      const key = keys.newKey() >>> 0;
      waiting.add(key);
      new DataView(host.HEAPU8.buffer).setUint32(keyPtr >>> 0, key, true);
      return -EWAIT;
    },
    file_lock_end(key) {
      waiting.delete(key >>> 0);
      keys.forget(key >>> 0);
    },
  };
}
