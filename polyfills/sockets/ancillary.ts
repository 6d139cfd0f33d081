// ancillary.ts - what sendmsg() and recvmsg() carry beside the bytes: open files, and IPv6's hop
// limit and traffic class.
//
// Reads and writes the control messages (struct cmsghdr: length, level, type) in memory. Used by sockets.ts, which
// hands the result to the sockets.
//
// Invariants
//  1. A file on its way is open: it has been duplicated, without a number, and is closed by
//     whoever drops it (discard()) or gets a number from take().
//  2. What has no room in the receiver's buffer is cut as Linux does it, and said with MSG_CTRUNC.

import { markCloseOnExec } from "../files/fcntl.ts";
import type { EmscriptenFS, FSStream } from "../files/fs.ts";
import {
  AF_INET6,
  AF_UNIX,
  CMSG_HEADER_SIZE,
  ERRNO,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_TCLASS,
  MSG_CTRUNC,
  O_CLOEXEC,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SOL_SOCKET,
} from "../numbers.ts";

/** Linux's limit of files in one message. */
const MOST_FILES = 253;

/** What goes along with a message. */
export interface Ancillary {
  /** Open files. */
  readonly files?: readonly FSStream[];
  readonly hopLimit?: number;
  readonly trafficClass?: number;
}

/** Does a message carry anything but bytes? */
export function isEmpty(ancillary: Ancillary): boolean {
  return Object.keys(ancillary).length === 0;
}

/** Read `length` bytes of control messages for a socket of `family`; a number is a negative errno. */
export function readAncillary(
  FS: EmscriptenFS,
  heap: Uint8Array,
  pointer: number,
  length: number,
  family: number,
): Ancillary | number {
  const view = new DataView(heap.buffer, heap.byteOffset + pointer, length);
  const found: { files?: FSStream[]; hopLimit?: number; trafficClass?: number } = {};
  const numbers: number[] = [];
  for (let at = 0; at + CMSG_HEADER_SIZE <= length; ) {
    const size = view.getUint32(at, true);
    const level = view.getInt32(at + 4, true);
    const type = view.getInt32(at + 8, true);
    if (size < CMSG_HEADER_SIZE || at + size > length) return -ERRNO.EINVAL;
    const data = at + CMSG_HEADER_SIZE;
    const count = size - CMSG_HEADER_SIZE;
    if (level === SOL_SOCKET && family === AF_UNIX && type === SCM_RIGHTS) {
      for (let i = 0; i + 4 <= count; i += 4) numbers.push(view.getInt32(data + i, true));
    } else if (level === SOL_SOCKET) {
      // Credentials are everybody's own here.
      if (type !== SCM_RIGHTS && type !== SCM_CREDENTIALS) return -ERRNO.EINVAL;
    } else if (level === IPPROTO_IPV6 && family === AF_INET6) {
      if ((type !== IPV6_HOPLIMIT && type !== IPV6_TCLASS) || count !== 4) return -ERRNO.EINVAL;
      const value = view.getInt32(data, true);
      if (value < -1 || value > 255) return -ERRNO.EINVAL;
      if (value >= 0) found[type === IPV6_HOPLIMIT ? "hopLimit" : "trafficClass"] = value;
    }
    at += align(size);
  }
  if (numbers.length > MOST_FILES) return -ERRNO.EINVAL;
  const streams = numbers.map((fd) => FS.getStream(fd));
  if (streams.some((stream) => stream === null || stream === undefined)) return -ERRNO.EBADF;
  if (streams.length > 0) found.files = (streams as FSStream[]).map((stream) => unnumbered(FS, stream));
  return found;
}

/** Close the files of a message that nobody took. */
export function discard(ancillary: Ancillary | undefined): void {
  for (const stream of ancillary?.files ?? []) stream.stream_ops?.close?.(stream);
}

/**
 * Write control messages, cut to the length at `lengthPointer`, and the length used there.
 * The files get numbers; those without room are closed.
 * @returns MSG_CTRUNC when something had no room, else 0.
 */
export function writeAncillary(
  FS: EmscriptenFS,
  heap: Uint8Array,
  pointer: number,
  lengthPointer: number,
  ancillary: Ancillary,
  closeOnExec: boolean,
): number {
  const lengths = new DataView(heap.buffer, heap.byteOffset + lengthPointer, 4);
  const room = pointer === 0 ? 0 : lengths.getUint32(0, true);
  const view = new DataView(heap.buffer, heap.byteOffset + pointer, room);
  let at = 0;
  let cut = 0;
  const header = (size: number, level: number, type: number): void => {
    view.setUint32(at, size, true);
    view.setInt32(at + 4, level, true);
    view.setInt32(at + 8, type, true);
  };
  const { files = [] } = ancillary;
  if (files.length > 0) {
    const fits = Math.min(files.length, Math.max(0, Math.floor((room - CMSG_HEADER_SIZE) / 4)));
    if (fits > 0) header(CMSG_HEADER_SIZE + 4 * fits, SOL_SOCKET, SCM_RIGHTS);
    for (let i = 0; i < fits; i++) {
      // Not a duplicate: the file on its way becomes this one.
      const stream = FS.createStream(files[i] as FSStream);
      if (closeOnExec) markCloseOnExec(stream, O_CLOEXEC);
      view.setInt32(at + CMSG_HEADER_SIZE + 4 * i, stream.fd as number, true);
    }
    discard({ files: files.slice(fits) });
    if (fits < files.length) cut = MSG_CTRUNC;
    if (fits > 0) at = Math.min(room, at + align(CMSG_HEADER_SIZE + 4 * fits));
  }
  for (const [type, value] of [[IPV6_HOPLIMIT, ancillary.hopLimit], [IPV6_TCLASS, ancillary.trafficClass]] as const) {
    if (value === undefined) continue;
    const size = Math.min(CMSG_HEADER_SIZE + 4, room - at);
    if (size < CMSG_HEADER_SIZE + 4) cut = MSG_CTRUNC;
    if (size < CMSG_HEADER_SIZE) continue;
    header(size, IPPROTO_IPV6, type);
    for (let i = 0; i < size - CMSG_HEADER_SIZE; i++) view.setUint8(at + CMSG_HEADER_SIZE + i, (value >> (8 * i)) & 0xff);
    at += size;
  }
  lengths.setUint32(0, at, true);
  return cut;
}

/** A duplicate that has no number. */
function unnumbered(FS: EmscriptenFS, stream: FSStream): FSStream {
  const made = FS.dupStream(stream);
  FS.streams[made.fd as number] = null;
  return made;
}

function align(size: number): number {
  return (size + 3) & ~3;
}
