// address.ts - socket addresses: as C has them in memory, and as the loopback network finds them.
//
// Used by sockets.ts (reading and writing struct sockaddr) and network.ts (comparing).

import { AF_INET, AF_INET6, AF_UNIX, ERRNO, SOCKADDR_IN6_SIZE, SOCKADDR_IN_SIZE, UNIX_PATH_MAX } from "../numbers.ts";

/** An IPv4 or IPv6 address with a port. */
export interface InetAddress {
  readonly family: typeof AF_INET | typeof AF_INET6;
  /** 4 or 16 bytes. */
  readonly host: Uint8Array;
  readonly port: number;
  readonly flow: number;
  readonly scope: number;
}

/** A path, one byte a character; "" is no name, a leading NUL the abstract namespace. */
export interface UnixAddress {
  readonly family: typeof AF_UNIX;
  readonly path: string;
}

export type Address = InetAddress | UnixAddress;

/** Read a sockaddr of `length` bytes; a number is a negative errno. */
export function readAddress(heap: Uint8Array, pointer: number, length: number): Address | number {
  if (length < 2) return -ERRNO.EINVAL;
  const view = new DataView(heap.buffer, heap.byteOffset + pointer, length);
  const family = view.getUint16(0, true);
  if (family === AF_UNIX) {
    const bytes = heap.subarray(pointer + 2, pointer + Math.min(length, 2 + UNIX_PATH_MAX));
    const abstract = bytes.length > 1 && bytes[0] === 0;
    const end = abstract ? -1 : bytes.indexOf(0);
    return { family, path: String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end))) };
  }
  if (family === AF_INET) {
    if (length < SOCKADDR_IN_SIZE) return -ERRNO.EINVAL;
    return { family, host: heap.slice(pointer + 4, pointer + 8), port: view.getUint16(2), flow: 0, scope: 0 };
  }
  if (family === AF_INET6) {
    if (length < SOCKADDR_IN6_SIZE - 4) return -ERRNO.EINVAL;
    return {
      family,
      host: heap.slice(pointer + 8, pointer + 24),
      port: view.getUint16(2),
      flow: view.getUint32(4),
      scope: length >= SOCKADDR_IN6_SIZE ? view.getUint32(24, true) : 0,
    };
  }
  return -ERRNO.EAFNOSUPPORT;
}

/** Write a sockaddr, cut to the length that is at `lengthPointer`, and its true length there. */
export function writeAddress(heap: Uint8Array, pointer: number, lengthPointer: number, address: Address): void {
  if (pointer === 0 || lengthPointer === 0) return;
  const bytes = encode(address);
  const lengths = new DataView(heap.buffer, heap.byteOffset + lengthPointer, 4);
  const room = lengths.getUint32(0, true);
  heap.set(bytes.subarray(0, Math.min(room, bytes.length)), pointer);
  lengths.setUint32(0, bytes.length, true);
}

function encode(address: Address): Uint8Array {
  if (address.family === AF_UNIX) {
    const { path } = address;
    // A path ends in a NUL; no name has no path at all, an abstract one is as long as it is.
    const named = path !== "" && path.charCodeAt(0) !== 0;
    const bytes = new Uint8Array(2 + path.length + (named ? 1 : 0));
    bytes[0] = AF_UNIX;
    for (let i = 0; i < path.length; i++) bytes[2 + i] = path.charCodeAt(i);
    return bytes;
  }
  const bytes = new Uint8Array(address.family === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, address.family, true);
  view.setUint16(2, address.port);
  if (address.family === AF_INET) {
    bytes.set(address.host, 4);
  } else {
    view.setUint32(4, address.flow);
    bytes.set(address.host, 8);
    view.setUint32(24, address.scope, true);
  }
  return bytes;
}

/** The wildcard of a family, with a port. */
export function anyAddress(family: typeof AF_INET | typeof AF_INET6, port = 0): InetAddress {
  return { family, host: new Uint8Array(family === AF_INET ? 4 : 16), port, flow: 0, scope: 0 };
}

/** This machine itself, with a port. */
export function loopback(family: typeof AF_INET | typeof AF_INET6, port: number): InetAddress {
  const made = anyAddress(family, port);
  made.host.set(family === AF_INET ? [127, 0, 0, 1] : [1], family === AF_INET ? 0 : 15);
  return made;
}

export function isAny(address: InetAddress): boolean {
  return address.host.every((byte) => byte === 0);
}

/** Is it an address of this machine (127.0.0.0/8, ::1, or either wildcard)? */
export function isLocal(address: InetAddress): boolean {
  const { host } = address;
  if (isAny(address)) return true;
  if (address.family === AF_INET) return host[0] === 127;
  return host[15] === 1 && host.subarray(0, 15).every((byte) => byte === 0);
}

/** ::ffff:a.b.c.d as a.b.c.d; any other address as it is. */
export function unmapped(address: InetAddress): InetAddress {
  const { host } = address;
  if (address.family === AF_INET || host[10] !== 255 || host[11] !== 255) return address;
  if (!host.subarray(0, 10).every((byte) => byte === 0)) return address;
  return { ...address, family: AF_INET, host: host.slice(12) };
}

/** a.b.c.d as ::ffff:a.b.c.d, which is how an IPv6 socket names an IPv4 peer. */
export function mapped(address: InetAddress): InetAddress {
  if (address.family === AF_INET6) return address;
  const made = anyAddress(AF_INET6, address.port);
  made.host.set([255, 255, ...address.host], 10);
  return made;
}

export function sameHost(a: InetAddress, b: InetAddress): boolean {
  return a.family === b.family && a.host.every((byte, i) => byte === b.host[i]);
}
