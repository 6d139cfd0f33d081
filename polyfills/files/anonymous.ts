// anonymous.ts - files without a name: pipes, sockets, HTTP responses.
//
// A descriptor of Emscripten's FS needs a node and a stream; these make both for a file that
// exists only as long as somebody has it open. Used by device.ts, pipe.ts and polyfills/sockets.
//
// Invariants
//  1. However often a descriptor is duplicated, `closed` runs once, with the last one.
//  2. The node's listeners are the file's only wait queue: whoever changes what poll() would say
//     calls node.notifyListeners().

import { NOTIFIED } from "../../jspi/numbers.ts";
import type { EmscriptenFS, FSNode, FSStream, StreamOps } from "./fs.ts";
import type { PendingOp, PendingOps } from "./pending.ts";

/** A node without a name; `mode` has the file type and the permissions. */
export function anonymousNode(FS: EmscriptenFS, mode: number): FSNode {
  const node = new FS.FSNode(null, "anonymous", mode, 0);
  const made = new Date();
  node.node_ops = {
    getattr: () => ({
      dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0,
      atime: made, mtime: made, ctime: made, blksize: 4096, blocks: 0,
    }),
  };
  return node;
}

/**
 * Open a descriptor on a node.
 * @param flags access mode and O_NONBLOCK.
 * @param closed runs when the last duplicate is closed.
 */
export function openAnonymous(
  FS: EmscriptenFS,
  node: FSNode,
  flags: number,
  ops: StreamOps,
  closed: () => void,
): FSStream {
  let descriptors = 1;
  const stream_ops: StreamOps = {
    ...ops,
    dup(stream) {
      ops.dup?.(stream);
      descriptors += 1;
    },
    close(stream) {
      ops.close?.(stream);
      descriptors -= 1;
      if (descriptors === 0) closed();
    },
  };
  return FS.createStream({
    node, flags, path: `anonymous:[${node.id}]`, position: 0, seekable: false, stream_ops,
    ungotten: [], error: false,
  });
}

/**
 * Call back when what poll() says of the node may have changed; returns how to stop that.
 * @param callback gets the events that have newly come, or 0 for any.
 */
export function listen(node: FSNode, callback: (events: number) => void): () => void {
  const { listeners, entry } = node.addListener(callback);
  return () => void listeners.delete(entry);
}

/** A read or write that waits for its file's next change and is then made again. */
export function untilChanged(io: PendingOps, node: FSNode, timeoutMs = -1): PendingOp {
  let stop: (() => void) | undefined;
  return {
    timeoutMs,
    begin: (key) => (stop = listen(node, () => io.notify(key))),
    resume: (_key, outcome) => {
      stop?.();
      return outcome === NOTIFIED;
    },
  };
}
