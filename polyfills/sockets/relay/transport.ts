// transport.ts - a relay's network for a runtime's sockets: dist/network-relay.mjs.
//
// runtime/load/load.ts imports it when option network names a relay. Programs connect; nobody connects to
// them: servers listen inside only.
//
// Invariants
//  1. A program connects to an address, the relay's list may be of names: whoever looked a name up reaches
//     its address by that name.

import { AF_INET, AF_INET6, ERRNO } from "../../numbers.ts";
import { anyAddress, type InetAddress } from "../address.ts";
import { textOf } from "../text.ts";
import type { InnerDatagrams, InnerStream, Transport } from "../transport.ts";
import { addresses, FOUND, NOT_ALLOWED, type Packet, RESOLVE, TRY_AGAIN } from "./frames.ts";
import { type Abilities, Link, type RelayOptions } from "./link.ts";
import { RelayStream } from "./tcp.ts";
import { RelayDatagrams } from "./udp.ts";

/** What RESOLVE asks for. */
const WANTED: Record<number, number> = { [AF_INET]: 4, [AF_INET6]: 6 };
const NAME = 0x80;
/** Plain Wisp tells no addresses: names get some of a range that is nobody's (RFC 2544). */
const MADE_UP = [198, 18];
const FIRST_PORT = 32768;

class RelayTransport implements Transport {
  readonly #link: Link;
  /** Names that were looked up, by the text of their addresses. */
  readonly #names = new Map<string, string>();
  readonly #made = new Map<string, InetAddress>();
  readonly #datagrams = new Map<InnerDatagrams, Map<string, RelayDatagrams>>();

  constructor(options: RelayOptions) {
    this.#link = new Link(options);
  }

  bind(): undefined {
    return undefined;
  }

  listen(): void {}

  connect(near: InnerStream, far: InnerStream, address: InetAddress): void {
    this.#link.ready().then(
      (abilities) => {
        if (far.isOpen) new RelayStream(this.#link, abilities, near, far, this.#hostOf(address), address);
      },
      (error: Error) => near.refused(far, ERRNO.ENETUNREACH, error),
    );
  }

  async join(socket: InnerDatagrams): Promise<InetAddress> {
    const { local } = socket;
    if (local !== undefined && "port" in local) return local;
    return anyAddress(socket.family as InetAddress["family"], FIRST_PORT + Math.floor(Math.random() * FIRST_PORT));
  }

  send(socket: InnerDatagrams, bytes: Uint8Array, to: InetAddress): number {
    const data = bytes.slice();
    this.#link.ready().then(
      ({ udp }) => {
        if (!socket.isOpen) return;
        if (udp) this.#streamOf(socket, to).send(data);
        else socket.failed(ERRNO.ENETUNREACH, new Error("this relay carries no datagrams (UDP)"));
      },
      (error: Error) => socket.failed(ERRNO.ENETUNREACH, error),
    );
    return 0;
  }

  release(socket: InnerStream | InnerDatagrams): void {
    const streams = this.#datagrams.get(socket as InnerDatagrams);
    this.#datagrams.delete(socket as InnerDatagrams);
    for (const stream of streams?.values() ?? []) stream.close();
  }

  async resolve(name: string, family: number): Promise<readonly InetAddress[]> {
    const { streams } = await this.#ready();
    if (!streams) return [this.#makeUp(name, family)];
    const payload = await this.#ask(WANTED[family] ?? 0, name);
    const found = addresses(payload);
    for (const address of found) this.#names.set(textOf(address), name);
    return found;
  }

  async nameOf(address: InetAddress): Promise<string> {
    const text = textOf(address);
    const { streams } = await this.#ready();
    if (!streams) {
      const known = this.#names.get(text);
      if (known === undefined) throw failure("ENOTFOUND", `${text} has no name`);
      return known;
    }
    return new TextDecoder().decode((await this.#ask(NAME, text)).subarray(1));
  }

  end(): void {
    this.#link.end();
  }

  async #ready(): Promise<Abilities> {
    try {
      return await this.#link.ready();
    } catch (error) {
      throw failure("ENETUNREACH", String(error));
    }
  }

  #hostOf(address: InetAddress): string {
    const text = textOf(address);
    return this.#names.get(text) ?? text;
  }

  #streamOf(socket: InnerDatagrams, to: InetAddress): RelayDatagrams {
    let streams = this.#datagrams.get(socket);
    if (streams === undefined) this.#datagrams.set(socket, (streams = new Map()));
    const key = `${textOf(to)} ${to.port}`;
    let stream = streams.get(key);
    if (stream === undefined) {
      stream = new RelayDatagrams(this.#link, socket, this.#hostOf(to), to, () => streams.delete(key));
      streams.set(key, stream);
    }
    return stream;
  }

  /** The relay's answer to a question about names, without errors. */
  #ask(what: number, text: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const id = this.#link.add({
        packet: ({ kind, payload }: Packet) => {
          if (kind !== RESOLVE) return;
          this.#link.remove(id);
          if (payload[0] === FOUND) resolve(payload);
          else if (payload[0] === TRY_AGAIN) reject(failure("EAI_AGAIN", text));
          else if (payload[0] === NOT_ALLOWED) reject(failure("EACCES", text));
          else reject(failure("ENOTFOUND", text));
        },
        lost: (reason) => reject(failure("ENETUNREACH", reason.message)),
      });
      this.#link.send(RESOLVE, id, Uint8Array.of(what, ...new TextEncoder().encode(text)));
    });
  }

  #makeUp(name: string, family: number): InetAddress {
    if (family === AF_INET6) throw failure("ENODATA", name);
    let address = this.#made.get(name);
    if (address === undefined) {
      const number = this.#made.size + 1;
      address = { ...anyAddress(AF_INET), host: Uint8Array.of(...MADE_UP, (number >> 8) & 0xff, number & 0xff) };
      this.#made.set(name, address);
      this.#names.set(textOf(address), name);
    }
    return address;
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The network behind a relay. @throws TypeError when its address cannot be used. */
export function createTransport(options: RelayOptions): Transport {
  return new RelayTransport(options);
}
