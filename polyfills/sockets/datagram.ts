// datagram.ts - UDP and Unix datagram sockets on the loopback network.
//
// Made by sockets.ts and by socketpair().
//
// Invariants
//  1. A datagram arrives whole or not at all; what a receiver has no room for is lost (UDP) or
//     waits at the sender (Unix).

import type { EmscriptenFS } from "../files/fs.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ERRNO,
  EWAIT,
  IPPROTO_IPV6,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  SHUT_RD,
  SHUT_WR,
  SOCK_DGRAM,
  SOL_SOCKET,
  SO_BROADCAST,
} from "../numbers.ts";
import { type Address, anyAddress, type InetAddress, isAny, loopback, mapped, sameHost, unmapped } from "./address.ts";
import { type Ancillary, discard } from "./ancillary.ts";
import type { Endpoint, Network } from "./network.ts";
import { DEFAULT_BUFFER, type Received, Socket } from "./socket.ts";
import type { Transport } from "./transport.ts";

/** Most bytes of a UDP datagram (65535 less the headers). */
const LARGEST = { [AF_INET]: 65507, [AF_INET6]: 65527 } as const;
/** Linux's default. */
const HOP_LIMIT = 64;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Address | undefined;
  readonly ancillary: Ancillary | undefined;
}

/** A socket of datagrams. */
export class DatagramSocket extends Socket {
  readonly type = SOCK_DGRAM;
  readonly protocol: "udp" | "udplite";
  #queue: Datagram[] = [];
  #queued = 0;
  /** The other one of a socketpair(). */
  #partner: DatagramSocket | undefined;
  #readShut = false;
  #writeShut = false;
  /** The other end of a socketpair() was closed, and no send() has said so yet. */
  #partnerLeft = false;
  /** Unix senders that wait for room here. */
  readonly #waiting = new Set<DatagramSocket>();
  /** The receiver that had no room for what was sent last. */
  #full: DatagramSocket | undefined;

  constructor(FS: EmscriptenFS, network: Network, family: number, protocol: "udp" | "udplite" = "udp") {
    super(FS, network, family);
    this.protocol = protocol;
  }

  get available(): number {
    return this.#queue[0]?.bytes.length ?? 0;
  }

  poll(): number {
    if (this.isPending) return 0;
    let ready = POLLOUT;
    if (this.#queue.length > 0 || this.#readShut) ready |= POLLIN;
    if (this.error !== 0) ready |= POLLIN | POLLERR;
    if (this.#readShut && this.#writeShut) ready |= POLLHUP;
    // As send() sees it: a sender that is told to go on while send() says "wait" would never stop.
    for (const receiver of [this.#partner, this.#full]) {
      if (receiver?.isOpen && !receiver.#hasRoom) ready &= ~POLLOUT;
    }
    return ready;
  }

  listen(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  accept(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  connect(address: Address | undefined, again: boolean): number {
    if (this.isPending) return -EWAIT;
    if (again) return this.outcome;
    const { transport } = this.network;
    if (address === undefined) {
      this.remote = undefined;
      return 0;
    }
    if (address.family !== this.family) return -ERRNO.EAFNOSUPPORT;
    const found = this.network.find(this, address, isDatagram);
    if (typeof found === "number" && transport !== undefined && address.family !== AF_UNIX) {
      this.pend(transport.join(this, unmapped(address)), (local) => {
        this.remote = address;
        this.network.rename(this, this.family === AF_INET6 ? mapped(local) : local);
        return 0;
      });
      return -EWAIT;
    }
    // Nobody there: Unix says so at once, UDP when the first datagram comes back.
    if (typeof found === "number" && (found !== -ERRNO.ECONNREFUSED || address.family === AF_UNIX)) return found;
    const failed = this.network.bindAnywhere(this);
    if (failed !== 0) return failed;
    this.remote = address.family !== AF_UNIX && isAny(address) ? loopback(address.family, address.port) : address;
    return 0;
  }

  /** Make two sockets the ends of a socketpair(). */
  static pair(one: DatagramSocket, other: DatagramSocket): void {
    one.#partner = other;
    other.#partner = one;
  }

  send(bytes: Uint8Array, flags: number, to: Address | undefined, ancillary?: Ancillary): number {
    if (flags & MSG_OOB) return -ERRNO.EOPNOTSUPP;
    if (this.error !== 0) return -this.takeError();
    if (this.#writeShut) return -ERRNO.EPIPE;
    const address = to ?? this.remote;
    if (address === undefined && this.#partner === undefined) {
      if (this.#partnerLeft) {
        this.#partnerLeft = false; // it is said once
        return -ERRNO.ECONNREFUSED;
      }
      return this.family === AF_UNIX ? -ERRNO.ENOTCONN : -ERRNO.EDESTADDRREQ;
    }
    if (this.family !== AF_UNIX && bytes.length > LARGEST[this.family as typeof AF_INET]) return -ERRNO.EMSGSIZE;
    if (this.family === AF_UNIX && bytes.length > DEFAULT_BUFFER) return -ERRNO.EMSGSIZE;
    let target: DatagramSocket | number | undefined = this.#partner;
    if (address !== undefined) {
      if (address.family !== this.family) return -ERRNO.EAFNOSUPPORT;
      if (address.family === AF_INET && address.host.every((byte) => byte === 255)) {
        return this.#broadcast() ? bytes.length : -ERRNO.EACCES;
      }
      if (address.family !== AF_UNIX && address.port === 0) return -ERRNO.EINVAL;
      target = this.network.find(this, address, isDatagram);
      const { transport } = this.network;
      if (typeof target === "number" && transport !== undefined && address.family !== AF_UNIX) {
        // The port that it gets is known soon; the datagram waits for it there.
        if (this.local === undefined && !this.isPending) this.bind(anyAddress(address.family), false);
        return transport.send(this, bytes, unmapped(address)) || bytes.length;
      }
    }
    if (target === undefined || (typeof target !== "number" && !target.isOpen)) target = -ERRNO.ECONNREFUSED;
    const failed = this.network.bindAnywhere(this);
    if (failed !== 0) return failed;
    if (typeof target === "number") {
      if (target !== -ERRNO.ECONNREFUSED || this.family === AF_UNIX) return target;
      // The answer "nobody listens" reaches a connected socket only, at its next call.
      if (this.remote !== undefined && to === undefined) {
        this.error = ERRNO.ECONNREFUSED;
        this.changed();
      }
      return bytes.length;
    }
    const receiver = target;
    if (receiver.#readShut) return this.family === AF_UNIX ? -ERRNO.EPIPE : bytes.length;
    if (receiver.remote !== undefined && !receiver.#isFrom(this)) {
      return this.family === AF_UNIX ? -ERRNO.EPERM : bytes.length;
    }
    if (!receiver.#hasRoom) {
      if (this.family !== AF_UNIX) return bytes.length; // lost
      receiver.#waiting.add(this);
      this.#full = receiver;
      return -EWAIT;
    }
    this.#full = undefined;
    receiver.#deliver(bytes, this.#nameFor(receiver), this.family === AF_INET6 ? this.#hops(ancillary) : ancillary);
    return bytes.length;
  }

  receive(target: Uint8Array, flags: number): Received {
    if (flags & MSG_OOB) return { count: -ERRNO.EOPNOTSUPP };
    if (this.error !== 0) return { count: -this.takeError() };
    const datagram = flags & MSG_PEEK ? this.#queue[0] : this.#queue.shift();
    if (datagram === undefined) return this.#readShut ? { count: 0 } : { count: -EWAIT };
    const { bytes, from } = datagram;
    const ancillary = this.#wanted(datagram.ancillary, (flags & MSG_PEEK) !== 0);
    const count = Math.min(bytes.length, target.length);
    target.set(bytes.subarray(0, count));
    if (!(flags & MSG_PEEK)) {
      this.#queued -= bytes.length;
      for (const sender of this.#waiting) sender.changed(POLLOUT);
      this.#waiting.clear();
      this.#partner?.changed(POLLOUT);
    }
    const cut = bytes.length > count;
    return { count: cut && flags & MSG_TRUNC ? bytes.length : count, from, flags: cut ? MSG_TRUNC : 0, ancillary };
  }

  shutdown(how: number): number {
    if (this.remote === undefined && this.#partner === undefined) return -ERRNO.ENOTCONN;
    if (how !== SHUT_WR) this.#readShut = true;
    if (how !== SHUT_RD) this.#writeShut = true;
    this.changed();
    return 0;
  }

  /** A datagram from outside. */
  deliver(bytes: Uint8Array, from: InetAddress): void {
    const { remote } = this;
    const sender = this.family === AF_INET6 ? mapped(from) : from;
    if (remote !== undefined && remote.family !== AF_UNIX && !(remote.port === from.port && sameHost(remote, sender))) return;
    if (!this.#readShut && this.#hasRoom) this.#deliver(bytes, sender, undefined);
  }

  /** What became of a datagram that was sent, told by the next call. */
  failed(errno: number, reason?: Error): void {
    this.error = errno;
    this.reason = reason;
    this.changed();
  }

  protected bindOutside(transport: Transport, address: InetAddress): Promise<InetAddress | number> | undefined {
    return transport.bind(this, address);
  }

  protected releaseOutside(): void {
    this.network.transport?.release(this);
  }

  protected closed(): void {
    for (const datagram of this.#queue) discard(datagram.ancillary);
    this.#queue = [];
    if (this.#partner !== undefined) {
      this.#partner.#partner = undefined;
      this.#partner.#partnerLeft = true;
      this.#partner.changed();
    }
    for (const sender of this.#waiting) sender.changed();
  }

  get #hasRoom(): boolean {
    return this.#queued < this.receiveBuffer && this.#queue.length < 1024;
  }

  #deliver(bytes: Uint8Array, from: Address | undefined, ancillary: Ancillary | undefined): void {
    this.#queue.push({ bytes: bytes.slice(), from, ancillary });
    this.#queued += bytes.length;
    this.changed(POLLIN);
  }

  /** The hop limit and the traffic class of a datagram: its own, else the socket's. */
  #hops(ancillary: Ancillary | undefined): Ancillary {
    const limit = this.number(IPPROTO_IPV6, IPV6_UNICAST_HOPS) ?? -1;
    return {
      hopLimit: ancillary?.hopLimit ?? (limit < 0 ? HOP_LIMIT : limit),
      trafficClass: ancillary?.trafficClass ?? Math.max(0, this.number(IPPROTO_IPV6, IPV6_TCLASS) ?? 0),
    };
  }

  /** What of it this receiver has asked for. */
  #wanted(ancillary: Ancillary | undefined, peeks: boolean): Ancillary | undefined {
    if (ancillary === undefined) return undefined;
    if (this.family !== AF_INET6) return peeks ? undefined : ancillary;
    const { hopLimit, trafficClass } = ancillary;
    return {
      ...(this.number(IPPROTO_IPV6, IPV6_RECVHOPLIMIT) ? { hopLimit: hopLimit as number } : {}),
      ...(this.number(IPPROTO_IPV6, IPV6_RECVTCLASS) ? { trafficClass: trafficClass as number } : {}),
    };
  }

  #broadcast(): boolean {
    const value = this.getOption(SOL_SOCKET, SO_BROADCAST);
    return typeof value !== "number" && value.some((byte) => byte !== 0);
  }

  #isFrom(sender: DatagramSocket): boolean {
    const { remote } = this;
    const local = sender.local;
    if (remote === undefined || local === undefined) return false;
    if (remote.family === AF_UNIX || local.family === AF_UNIX) {
      return remote.family === AF_UNIX && local.family === AF_UNIX && remote.path === local.path;
    }
    return remote.port === local.port;
  }

  /** What a receiver sees as the sender's address. */
  #nameFor(receiver: DatagramSocket): Address | undefined {
    const { local } = this;
    if (local === undefined || local.family === AF_UNIX) return local;
    const own = isAny(local) ? loopback(local.family, local.port) : local;
    return receiver.family === AF_INET6 ? mapped(own) : own;
  }
}

function isDatagram(socket: Endpoint): socket is DatagramSocket {
  return socket instanceof DatagramSocket;
}
