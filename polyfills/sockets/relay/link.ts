// link.ts - the WebSocket to a relay: opened when it is needed, again when it was lost.
//
// Speaks Wisp 2 with our extension to `sospeso relay`, and plain Wisp of either version to servers that
// know no more. Streams (tcp.ts, udp.ts) get their packets from it.
//
// Invariants
//  1. A stream's number is in `receivers` until its end is known; it is not given out twice.
//  2. Whatever ends the WebSocket ends all its streams, with the reason.

import { CONTINUE, decode, encode, EXTENSION_STREAMS, EXTENSION_UDP, extensions, INFO, infoPayload, number, type Packet } from "./frames.ts";

/** Where the relay is, and what it lets in. */
export interface RelayOptions {
  /** Its address (wss://relay.example.org/, or relative to the page). */
  relay: string | URL;
  /** A token for it, or what gets one whenever a WebSocket is opened. */
  token?: string | (() => string | Promise<string>);
}

/** Bytes that the relay may send ahead in each stream. */
export const WINDOW = 1 << 20;
const PROTOCOL = "wisp-v2";
const TOKEN = "sospeso.token.";
const CLOSED_BY_POLICY = 1008;

/** What a stream is told. */
export interface Receiver {
  packet(packet: Packet): void;
  /** The WebSocket has gone. */
  lost(reason: Error): void;
}

/** What the relay at the other end can do. */
export interface Abilities {
  /** Our extension: credits, half-close, addresses, names. */
  readonly streams: boolean;
  /** Bytes that may be sent ahead in a stream, or packets in plain Wisp. */
  readonly ahead: number;
  readonly udp: boolean;
}

/** The WebSocket of one runtime. */
export class Link {
  readonly address: string;
  readonly #token: RelayOptions["token"];
  readonly #receivers = new Map<number, Receiver>();
  #socket: WebSocket | undefined;
  #coming: Promise<Abilities> | undefined;
  #abilities: Abilities | undefined;
  #next = 1;
  #isOver = false;

  /** @throws TypeError when the address cannot be a relay's for this page. */
  constructor(options: RelayOptions) {
    this.address = relayAddress(options.relay);
    this.#token = options.token;
  }

  /** What the relay can do, if it is there already. */
  get abilities(): Abilities | undefined {
    return this.#abilities;
  }

  /** The relay, when it has answered. @throws Error with the cause and the cure. */
  ready(): Promise<Abilities> {
    return (this.#coming ??= this.#open());
  }

  /** A new stream. */
  add(receiver: Receiver): number {
    const stream = this.#next;
    this.#next = stream === 0xffff_ffff ? 1 : stream + 1;
    this.#receivers.set(stream, receiver);
    return stream;
  }

  remove(stream: number): void {
    this.#receivers.delete(stream);
  }

  send(kind: number, stream: number, payload?: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(kind, stream, payload));
  }

  end(): void {
    this.#isOver = true;
    this.#socket?.close();
    this.#lose(new Error("this runtime was destroyed"));
  }

  async #open(): Promise<Abilities> {
    try {
      const abilities = await this.#connect();
      this.#abilities = abilities;
      return abilities;
    } catch (error) {
      this.#coming = undefined; // the next who needs it tries again
      throw error;
    }
  }

  async #connect(): Promise<Abilities> {
    const WebSocketClass = (globalThis as { WebSocket?: typeof WebSocket }).WebSocket;
    if (WebSocketClass === undefined) {
      throw new Error("a relay is reached over a WebSocket, which this JavaScript engine does not have: Node has it from 22 on");
    }
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    if (this.#isOver) throw new Error("this runtime was destroyed");
    const protocols = token === undefined ? [PROTOCOL] : [PROTOCOL, TOKEN + token];
    return new Promise((resolve, reject) => {
      let socket: WebSocket;
      try {
        socket = new WebSocketClass(this.address, protocols);
      } catch (error) {
        reject(new Error(`cannot open ${this.address}: ${String(error)}`, { cause: error }));
        return;
      }
      this.#socket = socket;
      socket.binaryType = "arraybuffer";
      let offered: Map<number, Uint8Array> | undefined;
      let isOpen = false;
      socket.onmessage = ({ data }) => {
        const packet = data instanceof ArrayBuffer ? decode(data) : undefined;
        if (packet === undefined) return;
        if (packet.stream !== 0) return this.#receivers.get(packet.stream)?.packet(packet);
        if (packet.kind === INFO && offered === undefined) {
          offered = extensions(packet);
          socket.send(encode(INFO, 0, infoPayload(WINDOW)));
        } else if (packet.kind === CONTINUE && !isOpen) {
          isOpen = true;
          const window = offered?.get(EXTENSION_STREAMS);
          resolve({
            streams: window !== undefined,
            ahead: window === undefined ? number(packet) : number({ ...packet, payload: window }),
            udp: offered === undefined || offered.has(EXTENSION_UDP),
          });
        }
      };
      socket.onclose = ({ code, reason }) => {
        const why = this.#whyClosed(isOpen, code, reason);
        reject(why);
        if (this.#socket === socket) this.#lose(why);
      };
    });
  }

  #whyClosed(wasOpen: boolean, code: number, reason: string): Error {
    const told = reason === "" ? "" : `: ${reason}`;
    if (!wasOpen) {
      return new Error(
        `there is no relay for this page at ${this.address} (${code}${told}). It does not run, it does not know this page's ` +
          "origin (--origin), or the token is missing, expired or another relay's (option network: { relay, token }); " +
          "the relay's log says which",
      );
    }
    if (code === CLOSED_BY_POLICY) return new Error(`the relay has closed the connection${told}: a limit of the token`);
    return new Error(`the connection to the relay ${this.address} was lost (${code}${told})`);
  }

  #lose(reason: Error): void {
    this.#socket = undefined;
    this.#coming = undefined;
    this.#abilities = undefined;
    const receivers = [...this.#receivers.values()];
    this.#receivers.clear();
    for (const receiver of receivers) receiver.lost(reason);
  }
}

/** The WebSocket's address. @throws TypeError */
function relayAddress(given: string | URL): string {
  const { location } = globalThis as { location?: { href: string; protocol: string } };
  const url = new URL(given, location?.href);
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new TypeError(`option network: the address of a relay begins with wss:, not ${url.protocol}`);
  }
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (location?.protocol === "https:" && url.protocol === "ws:" && !isHere) {
    throw new TypeError(
      `option network: this page came over https, and browsers block ${url.href} as mixed content. Give the relay TLS ` +
        "(docs/relay.md has it behind nginx) and a wss: address",
    );
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/"; // Wisp's addresses end so
  return url.href;
}
