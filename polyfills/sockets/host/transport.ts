// transport.ts - Node's network (Bun's, Deno's) for a runtime's sockets: dist/network-host.mjs.
//
// runtime/load/load.ts imports it when option network asks for the host's network.

import { lookup, lookupService } from "node:dns/promises";

import { AF_INET, AF_INET6, SOCK_STREAM } from "../../numbers.ts";
import { anyAddress, type InetAddress, isAny, loopback } from "../address.ts";
import { addressOf, textOf } from "../text.ts";
import type { InnerDatagrams, InnerStream, Transport } from "../transport.ts";
import { HostTcp } from "./tcp.ts";
import { HostUdp } from "./udp.ts";

/** What programs may do on the host's network. */
export interface HostOptions {
  /**
   * Whether they can be reached from outside; default true. A list of "port" and "address:port" lets them be
   * reached at these alone, whatever address a server inside is bound to; without an address at 127.0.0.1.
   */
  listen?: boolean | readonly string[];
}

const living = new Set<HostTransport>();
const LOOK_AGAIN_MS = 5;

/**
 * Wait until what programs have sent is the kernel's, so that this process can end as others do: theirs goes out after them.
 * @param ms how long at most: a peer may not read.
 */
export async function allSent(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while ([...living].some((one) => one.isBusy) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

class HostTransport implements Transport {
  readonly #tcp = new HostTcp();
  readonly #udp = new HostUdp();
  readonly #listen: true | ReadonlyMap<number, InetAddress>;

  /** @throws TypeError when an entry of `listen` is no address. */
  constructor({ listen = true }: HostOptions) {
    living.add(this);
    this.#listen = listen === true ? true : new Map((listen === false ? [] : listen).map((text) => parseListen(text)));
  }

  bind(socket: InnerStream | InnerDatagrams, address: InetAddress): Promise<InetAddress | number> | undefined {
    const allowed = this.#listen === true ? address : this.#listen.get(address.port);
    if (isStream(socket)) return allowed && this.#tcp.bind(socket, inFamily(allowed, address));
    // A socket for datagrams has to be bound before it can get answers.
    const at = allowed ?? (address.port === 0 ? address : undefined);
    return at && this.#udp.bind(socket, inFamily(at, address));
  }

  listen(server: InnerStream): void {
    this.#tcp.listen(server);
  }

  connect(near: InnerStream, far: InnerStream, address: InetAddress): void {
    this.#tcp.connect(near, far, address);
  }

  join(socket: InnerDatagrams, to: InetAddress): Promise<InetAddress | number> {
    return this.#udp.join(socket, to);
  }

  send(socket: InnerDatagrams, bytes: Uint8Array, to: InetAddress): number {
    return this.#udp.send(socket, bytes, to);
  }

  release(socket: InnerStream | InnerDatagrams): void {
    if (isStream(socket)) this.#tcp.release(socket);
    else this.#udp.release(socket);
  }

  async resolve(name: string, family: number): Promise<readonly InetAddress[]> {
    const wanted = family === AF_INET ? 4 : family === AF_INET6 ? 6 : 0;
    const found = await lookup(name, { all: true, family: wanted, order: "verbatim" });
    return found.map(({ address }) => addressOf(address, 0));
  }

  async nameOf(address: InetAddress): Promise<string> {
    const text = textOf(address);
    const { hostname } = await lookupService(text, 0);
    // Where there is no name Node gives the number, as getnameinfo() does unless it is told not to.
    if (hostname === text) throw Object.assign(new Error(`${text} has no name`), { code: "ENOTFOUND" });
    return hostname;
  }

  get isBusy(): boolean {
    return this.#tcp.isBusy || this.#udp.isBusy;
  }

  end(): void {
    living.delete(this);
    this.#tcp.end();
    this.#udp.end();
  }
}

function isStream(socket: InnerStream | InnerDatagrams): socket is InnerStream {
  return socket.type === SOCK_STREAM;
}

/** The address of a family that is meant: 127.0.0.1 of a socket for IPv6 is ::1. */
function inFamily(wanted: InetAddress, { family }: InetAddress): InetAddress {
  return wanted.family === family ? wanted : isAny(wanted) ? anyAddress(family, wanted.port) : loopback(family, wanted.port);
}

function parseListen(text: string): [number, InetAddress] {
  const [, host = "127.0.0.1", digits] = /^(?:(.*):)?(\d{1,5})$/.exec(String(text)) ?? [];
  const port = Number(digits ?? NaN);
  try {
    if (port > 0 && port < 65536) return [port, addressOf(host.replace(/^\[(.*)\]$/, "$1"), port)];
  } catch {
    // told below
  }
  throw new TypeError(`option network: ${JSON.stringify(text)} is no port to listen on; give "8000" or "0.0.0.0:8000"`);
}

/** The network of the host that this runs on. */
export function createTransport(options: HostOptions): Transport {
  return new HostTransport(options);
}
