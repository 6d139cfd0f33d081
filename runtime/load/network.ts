/*
 * Option network of loadPyodide(): the file that has the way outside is fetched when it is asked for.
 * Called by load.ts.
 */

import type { RelayOptions } from "../../polyfills/sockets/relay/link.ts";
import type { HostOptions } from "../../polyfills/sockets/host/transport.ts";
import type { Transport } from "../../polyfills/sockets/transport.ts";
import { importModule, nodeFiles } from "./assets.ts";
import type { FileName } from "./files.ts";

/** Where the sockets of programs may go. */
export type NetworkOption =
  /** Node's own network (Deno's, Bun's), to connect and to listen: what Python on that machine could do. */
  | "host"
  /** The same, with less allowed. */
  | { host: HostOptions }
  /** What a relay allows (docs/relay.md), for pages and workers; servers are reached inside only. */
  | RelayOptions;

/**
 * The transport that the option names; undefined: none.
 * @throws TypeError when there is no such network here.
 */
export async function openNetwork(option: NetworkOption | undefined, at: (name: FileName) => string): Promise<Transport | undefined> {
  if (option === undefined) return undefined;
  const options = option === "host" ? {} : "host" in option ? option.host : option;
  const isRelay = "relay" in options;
  if (!isRelay && nodeFiles() === undefined) {
    throw new TypeError('option network: "host" is the network of Node, Deno and Bun; a page needs { relay: "wss://..." } (docs/relay.md)');
  }
  const made = (await importModule(at(isRelay ? "network-relay.mjs" : "network-host.mjs"))) as {
    createTransport(options: HostOptions | RelayOptions): Transport;
  };
  return made.createTransport(options);
}
