// udp.ts - datagrams through the relay: one stream for each socket and peer.
//
// Made by transport.ts for a socket that sends.

import { ERRNO } from "../../numbers.ts";
import type { InetAddress } from "../address.ts";
import { refusalOf } from "./errors.ts";
import { CLOSE, CONNECT, connectPayload, DATA, NETWORK, type Packet, UDP, VOLUNTARY } from "./frames.ts";
import type { Link, Receiver } from "./link.ts";
import type { InnerDatagrams } from "../transport.ts";

/** The datagrams between a socket and one peer. */
export class RelayDatagrams implements Receiver {
  readonly #link: Link;
  readonly #socket: InnerDatagrams;
  readonly #peer: InetAddress;
  readonly #target: string;
  readonly #id: number;
  readonly #isGone: () => void;

  constructor(link: Link, socket: InnerDatagrams, host: string, peer: InetAddress, isGone: () => void) {
    this.#link = link;
    this.#socket = socket;
    this.#peer = peer;
    this.#target = `${host}:${peer.port}`;
    this.#isGone = isGone;
    this.#id = link.add(this);
    link.send(CONNECT, this.#id, connectPayload(UDP, host, peer.port));
  }

  send(bytes: Uint8Array): void {
    this.#link.send(DATA, this.#id, bytes);
  }

  close(): void {
    this.#link.remove(this.#id);
    this.#link.send(CLOSE, this.#id, Uint8Array.of(VOLUNTARY));
  }

  packet(packet: Packet): void {
    if (packet.kind === DATA) {
      this.#socket.deliver(packet.payload, this.#peer);
    } else if (packet.kind === CLOSE) {
      this.#link.remove(this.#id);
      this.#isGone();
      const { errno, reason } = refusalOf(packet.payload[0] ?? NETWORK, this.#target);
      this.#socket.failed(errno, reason);
    }
  }

  lost(reason: Error): void {
    this.#isGone();
    this.#socket.failed(ERRNO.ENETUNREACH, reason);
  }
}
