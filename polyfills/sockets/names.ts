// names.ts - names of hosts outside, asked of the transport while C waits.
//
// The JavaScript half of resolve.c, which knows localhost and numeric addresses by itself. Imported by
// runtime/.
//
// Invariants
//  1. Each key of name_ask is given back by one name_answer, with an answer or without.

import type { WasmHost } from "../files/fs.ts";
import type { WaitKeys } from "../files/pending.ts";
import { AF_INET, EAI_AGAIN, EAI_BLOCKED, EAI_FAIL, EAI_NODATA, EAI_NONAME, EAI_NO_RELAY, NAME_RECORD } from "../numbers.ts";
import type { InetAddress } from "./address.ts";
import type { Transport } from "./transport.ts";

/** The wasm imports of resolve.c. */
export interface NameImports {
  /** Whether there is a way outside. */
  net_outside(): number;
  /** A key to wait for. The addresses of a name in `family`; with `reverse` the name of an address. */
  name_ask(bytes: number, length: number, family: number, reverse: number): number;
  /** Bytes written: records of NAME_RECORD bytes (family, address), or a name; or an EAI number. */
  name_answer(key: number, buffer: number, room: number): number;
}

/** What a resolver's error means to getaddrinfo(). */
const CODES: Record<string, number> = {
  ENOTFOUND: EAI_NONAME,
  ENODATA: EAI_NODATA,
  EAI_AGAIN,
  ETIMEOUT: EAI_AGAIN,
  EACCES: EAI_BLOCKED,
  ENETUNREACH: EAI_NO_RELAY,
};

/** The imports; `host` is read at call time only. */
export function nameImports(host: WasmHost, keys: WaitKeys, transport: Transport | undefined): NameImports {
  const answers = new Map<number, Uint8Array | number | undefined>();
  return {
    net_outside: () => (transport === undefined ? 0 : 1),
    name_ask(pointer, length, family, reverse) {
      const key = keys.newKey() >>> 0;
      const bytes = host.HEAPU8.slice(pointer >>> 0, (pointer >>> 0) + length);
      answers.set(key, undefined);
      const settle = (answer: Uint8Array | number): void => {
        if (!answers.has(key)) return; // interrupted
        answers.set(key, answer);
        keys.notify(key, true);
      };
      const ask = async (): Promise<Uint8Array> => {
        const outside = transport as Transport;
        if (reverse === 0) return records(await outside.resolve(new TextDecoder().decode(bytes), family));
        const address = { family: family as typeof AF_INET, host: bytes, port: 0, flow: 0, scope: 0 };
        return new TextEncoder().encode(await outside.nameOf(address));
      };
      ask().then(settle, (error: { code?: string }) => settle(CODES[error.code ?? ""] ?? EAI_FAIL));
      return key;
    },
    name_answer(key, buffer, room) {
      const answer = answers.get(key >>> 0);
      answers.delete(key >>> 0);
      keys.forget(key >>> 0);
      if (answer === undefined) return EAI_AGAIN;
      if (typeof answer === "number") return answer;
      const count = Math.min(answer.length, room);
      host.HEAPU8.set(answer.subarray(0, count), buffer >>> 0);
      return count;
    },
  };
}

function records(addresses: readonly InetAddress[]): Uint8Array {
  const bytes = new Uint8Array(NAME_RECORD * addresses.length);
  addresses.forEach(({ family, host }, i) => bytes.set([family, ...host], NAME_RECORD * i));
  return bytes;
}
