// socket.ts - what all sockets have: a name, options, a descriptor that is a file.
//
// The base of StreamSocket (stream.ts) and DatagramSocket (datagram.ts), and the wait protocol
// between them and sockets.c. Made by sockets.ts.
//
// Invariants
//  1. Whatever changes what poll() would say calls changed(), which wakes all who wait for this
//     socket; they look again.
//  2. An operation never waits itself: it returns -EWAIT, and sockets.c waits and calls again.
//  3. close() runs once, when the last descriptor is closed; nothing of the socket is found after it.
//  4. While it `isPending` a step that takes no time on Linux (bind(), connect() of a datagram socket)
//     goes on outside; poll() says nothing then, and sockets.c waits even for sockets that do not block.

import { anonymousNode } from "../files/anonymous.ts";
import type { EmscriptenFS, FSNode } from "../files/fs.ts";
import {
  AF_INET6,
  AF_UNIX,
  ERRNO,
  EWAIT,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  IPV6_V6ONLY,
  LINGER_SIZE,
  SOL_SOCKET,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_LINGER,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_TYPE,
  S_IFSOCK,
  TIMEVAL_SIZE,
} from "../numbers.ts";
import type { Address, InetAddress } from "./address.ts";
import type { Ancillary } from "./ancillary.ts";
import type { Endpoint, Network, Protocol } from "./network.ts";
import type { Transport } from "./transport.ts";

/** Their numbers. */
export const PROTOCOLS: Record<Protocol, number> = { tcp: IPPROTO_TCP, udp: IPPROTO_UDP, udplite: IPPROTO_UDPLITE };

/** Linux's default buffer, and the least that setsockopt() can make of it. */
export const DEFAULT_BUFFER = 212992;
const SMALLEST_BUFFER = 2304;

/** What a receive gave besides its bytes. */
export interface Received {
  /** Bytes, or a negative errno. */
  count: number;
  from?: Address | undefined;
  /** MSG_TRUNC when the rest of a datagram was lost. */
  flags?: number;
  /** What came along; it is the receiver's to take or to discard. */
  ancillary?: Ancillary | undefined;
}

/** One open socket. */
export abstract class Socket implements Endpoint {
  readonly node: FSNode;
  readonly network: Network;
  readonly family: number;
  abstract readonly type: number;
  abstract readonly protocol: Protocol;
  isPending = false;
  /** How the step that was pending ended: 0 or a negative errno. */
  protected outcome = 0;
  /** Why the last call failed, where an errno does not say enough. */
  reason: Error | undefined;
  /** Goes up with each option that is set. */
  optionsSet = 0;
  local: Address | undefined;
  remote: Address | undefined;
  /** errno to report once (SO_ERROR). */
  error = 0;
  isOpen = true;
  receiveBuffer = DEFAULT_BUFFER;
  readonly #options = new Map<string, Uint8Array>();

  constructor(FS: EmscriptenFS, network: Network, family: number) {
    this.node = anonymousNode(FS, S_IFSOCK | 0o777);
    this.network = network;
    this.family = family;
  }

  get isListening(): boolean {
    return false;
  }

  get onlyV6(): boolean {
    return this.#flag(IPPROTO_IPV6, IPV6_V6ONLY);
  }

  get reuseAddress(): boolean {
    return this.#flag(SOL_SOCKET, SO_REUSEADDR);
  }

  get reusePort(): boolean {
    return this.#flag(SOL_SOCKET, SO_REUSEPORT);
  }

  /** What poll() says. */
  abstract poll(): number;
  abstract listen(backlog: number): number;
  /** `again`: this call continues one that waited. */
  abstract connect(address: Address | undefined, again: boolean): number;
  abstract accept(): Socket | number;

  /** Undo accept(): the connection is the next one again. */
  takeBack(_accepted: Socket): void {}

  /** Bytes taken, or a negative errno; `ancillary` is taken with the first of them. */
  abstract send(bytes: Uint8Array, flags: number, to: Address | undefined, ancillary?: Ancillary): number;
  abstract receive(target: Uint8Array, flags: number): Received;
  /** SHUT_RD, SHUT_WR or SHUT_RDWR. */
  abstract shutdown(how: number): number;
  /** Bytes that a read would give now (FIONREAD). */
  abstract readonly available: number;
  protected abstract closed(): void;
  protected abstract releaseOutside(): void;

  /** `again`: this call continues one that waited. */
  bind(address: Address, again: boolean): number {
    if (this.isPending) return -EWAIT;
    if (again) return this.outcome;
    const { transport } = this.network;
    if (transport === undefined || address.family === AF_UNIX || address.family !== this.family || this.local !== undefined) {
      return this.network.bind(this, address);
    }
    if (address.port !== 0 && this.network.taken(this, address)) return -ERRNO.EADDRINUSE;
    const coming = this.bindOutside(transport, address);
    if (coming === undefined) return this.network.bind(this, address);
    this.pend(coming, (name) => this.network.bind(this, name, true));
    return -EWAIT;
  }

  protected abstract bindOutside(transport: Transport, address: InetAddress): Promise<InetAddress | number> | undefined;

  /** A step goes on outside. */
  protected pend(coming: Promise<InetAddress | number>, then: (found: InetAddress) => number): void {
    this.isPending = true;
    void coming.then((found) => {
      this.isPending = false;
      if (!this.isOpen) return;
      this.outcome = typeof found === "number" ? found : then(found);
      this.changed();
    });
  }

  close(): void {
    this.isOpen = false;
    this.closed();
    this.network.release(this);
    this.releaseOutside();
    this.changed();
  }

  /** Something happened that poll() would tell. */
  changed(events = 0): void {
    this.node.notifyListeners(events);
  }

  /** The pending error, once. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return error;
  }

  getOption(level: number, name: number): Uint8Array | number {
    if (level === SOL_SOCKET) {
      switch (name) {
        case SO_TYPE:
          return int(this.type);
        case SO_ERROR:
          return int(this.takeError());
        case SO_ACCEPTCONN:
          return int(this.isListening ? 1 : 0);
        case SO_DOMAIN:
          return int(this.family);
        case SO_PROTOCOL:
          return int(this.family === AF_UNIX ? 0 : PROTOCOLS[this.protocol]);
        case SO_SNDBUF:
        case SO_RCVBUF:
          return this.#options.get(`${level}:${name}`) ?? int(DEFAULT_BUFFER);
      }
    }
    return this.#options.get(`${level}:${name}`) ?? int(0);
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    if (level === SOL_SOCKET) {
      if ([SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN].includes(name)) return -ERRNO.ENOPROTOOPT;
      if (value.length < 4) return -ERRNO.EINVAL;
      if (name === SO_SNDBUF || name === SO_RCVBUF) {
        // As Linux: the kernel's share doubles what was asked for.
        const wanted = Math.min(Math.max(2 * intOf(value), SMALLEST_BUFFER), 2 ** 30);
        if (name === SO_RCVBUF) this.receiveBuffer = wanted;
        this.#options.set(`${level}:${name}`, int(wanted));
        return 0;
      }
    }
    if (level === IPPROTO_IPV6 && this.family !== AF_INET6) return -ERRNO.ENOPROTOOPT;
    this.#options.set(`${level}:${name}`, value.slice());
    this.optionsSet += 1;
    this.optionSet();
    return 0;
  }

  /** An option has another value. */
  protected optionSet(): void {}

  /** Milliseconds that SO_RCVTIMEO or SO_SNDTIMEO allow, or -1. */
  timeoutMs(option: number): number {
    const value = this.#options.get(`${SOL_SOCKET}:${option}`);
    if (value === undefined || value.length < TIMEVAL_SIZE) return -1;
    const view = new DataView(value.buffer, value.byteOffset);
    const ms = Number(view.getBigInt64(0, true)) * 1e3 + Number(view.getBigInt64(8, true)) / 1e3;
    return ms > 0 ? ms : -1;
  }

  /** SO_LINGER with no time: closing breaks the connection. */
  protected get breaksAtClose(): boolean {
    const value = this.#options.get(`${SOL_SOCKET}:${SO_LINGER}`);
    return value !== undefined && value.length >= LINGER_SIZE && value[0] !== 0 && value.subarray(4, 8).every((b) => b === 0);
  }

  /** An option that is a number; undefined when it was never set. */
  number(level: number, name: number): number | undefined {
    const value = this.#options.get(`${level}:${name}`);
    return value === undefined || value.length < 4 ? undefined : intOf(value);
  }

  #flag(level: number, name: number): boolean {
    const value = this.#options.get(`${level}:${name}`);
    return value !== undefined && value.some((byte) => byte !== 0);
  }
}

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

function intOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}
