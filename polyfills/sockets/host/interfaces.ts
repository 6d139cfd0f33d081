// interfaces.ts - addresses as Node wants them.
//
// Python names the interface of a link-local address by a number, Node by its name. Used by tcp.ts
// and udp.ts.

import { networkInterfaces } from "node:os";

import { AF_INET6 } from "../../numbers.ts";
import type { InetAddress } from "../address.ts";
import { textOf } from "../text.ts";

/** The text of an address, with its interface. */
export function hostText(address: InetAddress): string {
  const text = textOf(address);
  if (address.family !== AF_INET6 || address.scope === 0) return text;
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some((one) => one.family === "IPv6" && one.scopeid === address.scope)) return `${text}%${name}`;
  }
  return `${text}%${address.scope}`;
}
