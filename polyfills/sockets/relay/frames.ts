// frames.ts - packets of Wisp and of our extension to it.
//
// The same as sospeso/relay/frames.py, which says what they mean. Used by link.ts and the streams.

import { AF_INET, AF_INET6 } from "../../numbers.ts";
import type { InetAddress } from "../address.ts";

export const CONNECT = 0x01;
export const DATA = 0x02;
export const CONTINUE = 0x03;
export const CLOSE = 0x04;
export const INFO = 0x05;
export const CREDIT = 0xa1;
export const OPENED = 0xa2;
export const END = 0xa3;
export const RESOLVE = 0xa4;

/** Why a stream closes. */
export const VOLUNTARY = 0x02;
export const NETWORK = 0x03;
export const INVALID = 0x41;
export const UNREACHABLE = 0x42;
export const NO_ANSWER = 0x43;
export const REFUSED = 0x44;
export const IDLE = 0x47;
export const BLOCKED = 0x48;
export const THROTTLED = 0x49;

export const TCP = 1;
export const UDP = 2;
export const EXTENSION_UDP = 0x01;
export const EXTENSION_STREAMS = 0xa0;

/** How a RESOLVE ended. */
export const FOUND = 0;
export const UNKNOWN = 1;
export const TRY_AGAIN = 2;
export const NOT_ALLOWED = 3;

/** One packet. */
export interface Packet {
  readonly kind: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

const HEADER = 5;
const ADDRESS = 17;

export function decode(message: ArrayBuffer): Packet | undefined {
  if (message.byteLength < HEADER) return undefined;
  const view = new DataView(message);
  return { kind: view.getUint8(0), stream: view.getUint32(1, true), payload: new Uint8Array(message, HEADER) };
}

export function encode(kind: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEADER + payload.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, stream, true);
  message.set(payload, HEADER);
  return message;
}

/** The u32 of CONTINUE and CREDIT. */
export function number({ payload }: Packet): number {
  return payload.length < 4 ? 0 : new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** The payload of CONNECT. */
export function connectPayload(kind: number, host: string, port: number): Uint8Array {
  const name = new TextEncoder().encode(host);
  const payload = new Uint8Array(3 + name.length);
  payload.set([kind, port & 0xff, port >> 8]);
  payload.set(name, 3);
  return payload;
}

/** The payload of our INFO: version 2.0, datagrams, and streams with room for `window` bytes. */
export function infoPayload(window: number): Uint8Array {
  return Uint8Array.of(2, 0, EXTENSION_UDP, 0, 0, 0, 0, EXTENSION_STREAMS, 4, 0, 0, 0, ...u32(window));
}

/** What an INFO offers: extension -> its payload. */
export function extensions({ payload }: Packet): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  for (let at = 2; at + HEADER <= payload.length; ) {
    const size = view.getUint32(at + 1, true);
    found.set(view.getUint8(at), payload.subarray(at + HEADER, at + HEADER + size));
    at += HEADER + size;
  }
  return found;
}

/** An address in 17 bytes. */
export function addressAt(payload: Uint8Array, at: number, port = 0): InetAddress {
  const four = payload[at] === 4;
  const host = payload.slice(at + 1, at + (four ? 5 : ADDRESS));
  return { family: four ? AF_INET : AF_INET6, host, port, flow: 0, scope: 0 };
}

/** The two names that OPENED has: the peer's and the relay's own. */
export function openedNames({ payload }: Packet): { remote: InetAddress; local: InetAddress } | undefined {
  if (payload.length < 2 * (ADDRESS + 2)) return undefined;
  const port = (at: number): number => (payload[at] as number) | ((payload[at + 1] as number) << 8);
  return {
    remote: addressAt(payload, 0, port(ADDRESS)),
    local: addressAt(payload, ADDRESS + 2, port(2 * ADDRESS + 2)),
  };
}

/** The addresses that RESOLVE found, after its first byte. */
export function addresses(payload: Uint8Array): InetAddress[] {
  const found: InetAddress[] = [];
  for (let at = 1; at + ADDRESS <= payload.length; at += ADDRESS) found.push(addressAt(payload, at));
  return found;
}
