// text.ts - internet addresses as text and back.
//
// Node and the relay tell addresses as text, sockets have bytes. Used by the transports (host/, relay/).

import { AF_INET, AF_INET6 } from "../numbers.ts";
import type { InetAddress } from "./address.ts";

/** "192.0.2.1", "2001:db8::1"; without port and scope. */
export function textOf({ family, host }: Pick<InetAddress, "family" | "host">): string {
  if (family === AF_INET) return host.join(".");
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((host[i] as number) << 8) | (host[i + 1] as number)).toString(16));
  // The longest run of zeros is "::"; the text of a URL does that.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** An address from text; a scope after "%" is cut off. @throws TypeError when it is none. */
export function addressOf(text: string, port: number): InetAddress {
  const [plain = ""] = text.split("%");
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(plain);
  if (four !== null) {
    return { family: AF_INET, host: Uint8Array.from(four.slice(1).map(Number)), port, flow: 0, scope: 0 };
  }
  const host = new Uint8Array(16);
  const groups = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split(":");
  const gap = groups.indexOf("");
  const filled = groups.filter((group) => group !== "");
  const before = gap < 0 ? filled.length : gap;
  filled.forEach((group, i) => {
    const at = 2 * (i < before ? i : 8 - filled.length + i);
    const value = parseInt(group, 16);
    host.set([value >> 8, value & 0xff], at);
  });
  return { family: AF_INET6, host, port, flow: 0, scope: 0 };
}
