/*
 * Text between JavaScript strings and wasm memory. Short strings are copied unit
 * by unit, which beats every decoder below some dozens of units; long ones go
 * through TextDecoder and TextEncoder. Lone surrogates survive both ways. Used by
 * the bridge and by the deep conversions.
 */

/** Below this many units a loop is faster than a call of a decoder (measured, V8). */
const SHORT = 32;
/** The same for Latin-1, which must be widened before it can be decoded. */
const SHORT_LATIN1 = 96;
/** Arguments per call of String.fromCharCode; engines bound their number. */
const CHUNK = 4096;

const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Where text is turned into UTF-16: making an array for each string would take longer than decoding it. */
const scratch = new Uint16Array(8192);

function unitsFor(length: number): Uint16Array {
  return length <= scratch.length ? scratch.subarray(0, length) : new Uint16Array(length);
}

/** Text of `length` bytes that are all below 0x80. */
export function readAscii(u8: Uint8Array, address: number, length: number): string {
  return length <= SHORT ? readShort(u8, address, length) : utf8.decode(u8.subarray(address, address + length));
}

/** Text of Latin-1 bytes. */
export function readLatin1(u8: Uint8Array, address: number, length: number): string {
  if (length <= SHORT_LATIN1) return readShort(u8, address, length);
  // "latin1" means windows-1252 to TextDecoder, so widen and decode as UTF-16.
  const units = unitsFor(length);
  units.set(u8.subarray(address, address + length));
  return utf16.decode(units);
}

/** Text of UCS-2 units at an even address; lone surrogates are kept. */
export function readUcs2(u8: Uint8Array, address: number, length: number): string {
  if (length <= SHORT) return readShortUcs2(u8, address, length);
  const units = new Uint16Array(u8.buffer, address, length);
  try {
    return utf16.decode(units);
  } catch {
    return fromUnits(units); // a lone surrogate
  }
}

/** Text of code points, 4 bytes each. */
export function readUcs4(u32: Uint32Array, address: number, length: number): string {
  if (length <= SHORT / 2) return readShortUcs4(u32, address >>> 2, length);
  const units = 2 * length <= scratch.length ? scratch : new Uint16Array(2 * length);
  const start = address >>> 2;
  let end = 0;
  for (let at = start; at < start + length; at++) {
    const point = u32[at] as number;
    if (point > 0xffff) {
      units[end++] = 0xd7c0 + (point >> 10);
      units[end++] = 0xdc00 + (point & 0x3ff);
    } else {
      units[end++] = point;
    }
  }
  const text = units.subarray(0, end);
  try {
    return utf16.decode(text);
  } catch {
    return fromUnits(text);
  }
}

function readShortUcs2(u8: Uint8Array, start: number, length: number): string {
  const units: number[] = [];
  for (let at = start; at < start + 2 * length; at += 2) {
    units.push((u8[at] as number) | ((u8[at + 1] as number) << 8));
  }
  return String.fromCharCode(...units);
}

function readShortUcs4(u32: Uint32Array, start: number, length: number): string {
  const units: number[] = [];
  for (let at = start; at < start + length; at++) {
    const point = u32[at] as number;
    if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
    else units.push(point);
  }
  return String.fromCharCode(...units);
}

function readShort(u8: Uint8Array, start: number, length: number): string {
  const end = start + length;
  let text = "";
  let at = start;
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      u8[at] as number,
      u8[at + 1] as number,
      u8[at + 2] as number,
      u8[at + 3] as number,
      u8[at + 4] as number,
      u8[at + 5] as number,
      u8[at + 6] as number,
      u8[at + 7] as number,
    );
  }
  for (; at < end; at++) text += String.fromCharCode(u8[at] as number);
  return text;
}

function fromUnits(units: Uint16Array): string {
  let text = "";
  for (let start = 0; start < units.length; start += CHUNK) {
    text += String.fromCharCode(...units.subarray(start, start + CHUNK));
  }
  return text;
}

/** What writeText() wrote: bytes per unit (1 or 2) and whether all of it is below 0x80. */
export interface Written {
  width: 1 | 2;
  ascii: boolean;
}

/**
 * Write a string as Latin-1 if it fits, else as UTF-16. There must be room for
 * 2 bytes a unit at the (even) address, and 3 for a string longer than SHORT.
 */
export function writeText(u8: Uint8Array, address: number, text: string, into: Written): void {
  const { length } = text;
  if (length > SHORT && looksAscii(text)) {
    const { read, written } = encoder.encodeInto(text, u8.subarray(address, address + 3 * length));
    if (read === length && written === length) {
      into.width = 1;
      into.ascii = true;
      return;
    }
  }
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    if (seen > 0xff) break;
    u8[address + i] = unit;
  }
  if (seen <= 0xff) {
    into.width = 1;
    into.ascii = seen < 0x80;
    return;
  }
  const units = new Uint16Array(u8.buffer, address, length);
  for (let i = 0; i < length; i++) units[i] = text.charCodeAt(i);
  into.width = 2;
  into.ascii = false;
}

/** Bytes writeText() may need. */
export function roomFor(text: string): number {
  return text.length > SHORT ? 3 * text.length : 2 * text.length;
}

/** A guess from both ends, so that other text is not encoded in vain. */
function looksAscii(text: string): boolean {
  const last = text.length - 1;
  for (let i = 0; i < 8; i++) if ((text.charCodeAt(i) | text.charCodeAt(last - i)) > 0x7f) return false;
  return true;
}
