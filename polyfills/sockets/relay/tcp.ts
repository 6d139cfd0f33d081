// tcp.ts - one TCP connection through the relay.
//
// Made by transport.ts for a socket that connects.
//
// Invariants
//  1. With credits, no more bytes are sent than the relay has room for, and it is told of room here when
//     bytes have found theirs in the program's socket.
//  2. The number of the stream is given back once both sides know its end.

import { ERRNO } from "../../numbers.ts";
import { anyAddress, type InetAddress } from "../address.ts";
import { Junction, type Line } from "../junction.ts";
import { refusalOf } from "./errors.ts";
import {
  CLOSE,
  CONNECT,
  connectPayload,
  CONTINUE,
  CREDIT,
  DATA,
  END,
  NETWORK,
  number,
  OPENED,
  openedNames,
  type Packet,
  TCP,
  u32,
  VOLUNTARY,
} from "./frames.ts";
import { type Abilities, type Link, type Receiver, WINDOW } from "./link.ts";
import type { InnerStream } from "../transport.ts";

/** Bytes that have found room before the relay is told. */
const WORTH_TELLING = WINDOW / 4;

/** One connection. */
export class RelayStream implements Receiver, Line {
  readonly #link: Link;
  readonly #abilities: Abilities;
  readonly #near: InnerStream;
  readonly #far: InnerStream;
  readonly #address: InetAddress;
  readonly #target: string;
  readonly #id: number;
  #junction: Junction | undefined;
  /** Bytes that may be sent, or packets. */
  #ahead: number;
  #taken = 0;
  #isGone = false;

  /** @param host a name, or the address as text. */
  constructor(link: Link, abilities: Abilities, near: InnerStream, far: InnerStream, host: string, address: InetAddress) {
    this.#link = link;
    this.#abilities = abilities;
    this.#near = near;
    this.#far = far;
    this.#address = address;
    this.#target = `${host.includes(":") ? `[${host}]` : host}:${address.port}`;
    this.#ahead = abilities.ahead;
    this.#id = link.add(this);
    link.send(CONNECT, this.#id, connectPayload(TCP, host, address.port));
    if (!abilities.streams) {
      // Plain Wisp tells nobody that a connection is open: it is, until something else is heard.
      this.#opened({ remote: address, local: anyAddress(address.family) });
      return;
    }
    const { listeners, entry } = far.node.addListener(() => {
      if (!far.isOpen && this.#junction === undefined) this.#close(VOLUNTARY); // the program has closed its end meanwhile
    });
    this.#stopListening = () => void listeners.delete(entry);
  }

  #stopListening = (): void => undefined;

  // ---- what the relay says ----

  packet(packet: Packet): void {
    switch (packet.kind) {
      case OPENED: {
        const names = openedNames(packet);
        if (names !== undefined && this.#junction === undefined) this.#opened(names);
        return;
      }
      case DATA:
        return this.#junction?.received(packet.payload);
      case CREDIT:
        this.#ahead += number(packet);
        return this.#junction?.pump();
      case CONTINUE:
        this.#ahead = number(packet);
        return this.#junction?.pump();
      case END:
        return this.#junction?.ended();
      case CLOSE:
        return this.#closed(packet.payload[0] ?? NETWORK);
    }
  }

  lost(reason: Error): void {
    this.#isGone = true;
    this.#stopListening();
    if (this.#junction === undefined) this.#near.refused(this.#far, ERRNO.ENETUNREACH, reason);
    else this.#junction.broke(ERRNO.ECONNRESET);
  }

  #opened({ remote, local }: { remote: InetAddress; local: InetAddress }): void {
    this.#stopListening();
    this.#near.opened(this.#far, local, { ...remote, port: this.#address.port });
    this.#junction = new Junction(this.#far, this);
    this.#junction.pump();
  }

  #closed(code: number): void {
    this.#gone();
    const junction = this.#junction;
    const { errno, reason } = refusalOf(code, this.#target);
    if (junction === undefined) {
      this.#near.refused(this.#far, code === NETWORK ? ERRNO.EHOSTUNREACH : errno, reason);
    } else if (code === VOLUNTARY && !this.#abilities.streams) {
      junction.ended();
    } else {
      junction.broke(errno);
    }
  }

  #gone(): void {
    this.#isGone = true;
    this.#stopListening();
    this.#link.remove(this.#id);
  }

  #close(code: number): void {
    if (this.#isGone) return;
    this.#gone();
    this.#link.send(CLOSE, this.#id, Uint8Array.of(code));
  }

  // ---- what the junction asks of its line ----

  get room(): number {
    if (this.#isGone) return this.#abilities.streams ? 0 : Infinity; // nobody is there to take it
    return this.#abilities.streams ? this.#ahead : this.#ahead > 0 ? Infinity : 0;
  }

  write(bytes: Uint8Array): void {
    this.#ahead -= this.#abilities.streams ? bytes.length : 1;
    if (!this.#isGone) this.#link.send(DATA, this.#id, bytes);
  }

  end(isClosed: boolean): void {
    if (this.#abilities.streams) this.#link.send(END, this.#id);
    else if (isClosed) this.#close(VOLUNTARY); // plain Wisp has no half-close
  }

  reset(): void {
    this.#close(NETWORK);
  }

  taken(count: number): void {
    this.#taken += count;
    if (!this.#abilities.streams || this.#isGone || this.#taken < WORTH_TELLING) return;
    this.#link.send(CREDIT, this.#id, u32(this.#taken));
    this.#taken = 0;
  }

  pause(): void {}

  resume(): void {}

  setOptions(): void {}

  done(): void {
    if (this.#abilities.streams) this.#gone();
    else this.#close(VOLUNTARY);
  }
}
