// stream.ts - connections: TCP and Unix stream sockets on the loopback network.
//
// A connection is two of these that know each other; what one sends is in the other's queue at
// once. Made by sockets.ts, by accept() and by socketpair(). One to outside is such a pair, too: its
// far end is a transport's (transport.ts).
//
// Invariants
//  1. `peer` is mutual, and undefined once either side has closed.
//  2. A connection waiting in a backlog is already open: its client may send and even close.
//  3. What was received before the peer closed or broke the connection can still be read.
//  4. Files on their way belong to the bytes they were sent with: no read goes past the end of those.

import { ByteQueue } from "../files/byte_queue.ts";
import type { EmscriptenFS } from "../files/fs.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ERRNO,
  EWAIT,
  MSG_OOB,
  MSG_PEEK,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  SHUT_RD,
  SHUT_WR,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_OOBINLINE,
} from "../numbers.ts";
import { type Address, type InetAddress, isAny, loopback, mapped, unmapped } from "./address.ts";
import { type Ancillary, discard } from "./ancillary.ts";
import type { Endpoint, Network } from "./network.ts";
import { DEFAULT_BUFFER, type Received, Socket } from "./socket.ts";
import type { Transport } from "./transport.ts";

/** Linux's limit of a backlog (net.core.somaxconn). */
const SOMAXCONN = 4096;

type State = "fresh" | "listening" | "connecting" | "connected";

/** One end of a connection, or the server's socket that makes them. */
export class StreamSocket extends Socket {
  readonly type = SOCK_STREAM;
  readonly protocol = "tcp";
  readonly #FS: EmscriptenFS;
  #state: State = "fresh";
  #peer: StreamSocket | undefined;
  #incoming = new ByteQueue(DEFAULT_BUFFER);
  /** Bytes that were ever taken out of it, and put in. */
  #taken = 0;
  #given = 0;
  /** What came along, with the bytes from `start` to `end`. */
  #alongside: { start: number; end: number; ancillary: Ancillary }[] = [];
  /** The peer sends no more. */
  #ended = false;
  /** The urgent byte, when it is not among the others. */
  #urgent: number | undefined;
  /** The peer is gone, and this side knows. */
  #broken = false;
  #readShut = false;
  #writeShut = false;
  /** A server's connections that nobody accepted yet, and clients for whom there is no room. */
  #backlog: StreamSocket[] = [];
  #backlogSize = 0;
  #knocking: StreamSocket[] = [];
  /** The server in whose backlog there was no room. */
  #knocksAt: StreamSocket | undefined;
  /** The end of a connection to outside that is being opened. */
  #far: StreamSocket | undefined;

  constructor(FS: EmscriptenFS, network: Network, family: number) {
    super(FS, network, family);
    this.#FS = FS;
  }

  override get isListening(): boolean {
    return this.#state === "listening";
  }

  get available(): number {
    return this.#incoming.length;
  }

  /** The other end, as long as somebody has it. */
  get peer(): StreamSocket | undefined {
    return this.#peer;
  }

  poll(): number {
    if (this.isPending) return 0;
    switch (this.#state) {
      case "listening":
        return this.#backlog.length > 0 ? POLLIN : 0;
      case "connecting":
        return 0;
      case "fresh":
        return this.error !== 0 ? POLLIN | POLLOUT | POLLERR | POLLHUP : POLLOUT | POLLHUP;
    }
    let ready = 0;
    if (this.#incoming.length > 0 || this.#ended || this.#readShut) ready |= POLLIN;
    if (this.#ended || this.#readShut) ready |= POLLRDHUP;
    if (this.#urgent !== undefined) ready |= POLLPRI;
    const peer = this.#peer;
    // As Linux: writable is when a third of the room is free.
    if (this.#writeShut || peer === undefined || 3 * peer.#incoming.space >= peer.#incoming.capacity) ready |= POLLOUT;
    if (this.#writeShut && this.#ended) ready |= POLLHUP;
    if (this.error !== 0) ready |= POLLIN | POLLERR | POLLHUP;
    return ready;
  }

  listen(backlog: number): number {
    if (this.#state !== "fresh" && this.#state !== "listening") return -ERRNO.EINVAL;
    if (this.local === undefined) {
      if (this.family === AF_UNIX) return -ERRNO.EINVAL;
      const failed = this.network.bindAnywhere(this);
      if (failed !== 0) return failed;
    }
    this.#state = "listening";
    // Linux queues one more than it is told.
    this.#backlogSize = (backlog < 0 ? SOMAXCONN : Math.min(backlog, SOMAXCONN)) + 1;
    this.network.transport?.listen(this);
    return 0;
  }

  connect(address: Address | undefined, again: boolean): number {
    if (this.#state === "connected") return again ? 0 : -ERRNO.EISCONN;
    if (this.#state === "listening") return -ERRNO.EISCONN;
    if (this.#state === "connecting") return again ? -EWAIT : -ERRNO.EALREADY;
    if (again && this.error !== 0) return -this.takeError();
    if (address === undefined) return 0; // AF_UNSPEC: there is nothing to undo
    if (address.family !== this.family) return -ERRNO.EAFNOSUPPORT;
    const server = this.network.find(this, address, isServer);
    if (typeof server === "number") {
      const { transport } = this.network;
      if (transport === undefined || address.family === AF_UNIX) return server;
      this.remote = concrete(address);
      this.#state = "connecting";
      this.#far = this.sibling();
      transport.connect(this, this.#far, unmapped(this.remote as InetAddress));
      return -EWAIT;
    }
    return this.#reach(server, address);
  }

  /** connect(), but never to outside. */
  connectInside(address: InetAddress): number {
    const server = this.network.find(this, address, isServer);
    return typeof server === "number" ? server : this.#reach(server, address);
  }

  #reach(server: StreamSocket, address: Address): number {
    const failed = this.network.bindAnywhere(this);
    if (failed !== 0) return failed;
    this.remote = concrete(address);
    this.#concretise(this.remote);
    return this.#enter(server);
  }

  /** Join a server, or wait until it has room. */
  #enter(server: StreamSocket): number {
    if (server.#backlog.length < server.#backlogSize) {
      this.#join(server);
      return 0;
    }
    this.#state = "connecting";
    this.#knocksAt = server;
    server.#knocking.push(this);
    return -EWAIT;
  }

  /** A socket of the same kind, for a transport's end of a connection. */
  sibling(): StreamSocket {
    return new StreamSocket(this.#FS, this.network, this.family);
  }

  /** The connection to outside is open: `far` is its end there; the names are those of this end. */
  opened(far: StreamSocket, local: InetAddress, remote: InetAddress): void {
    if (this.#far !== far) return;
    this.#far = undefined;
    const six = this.family === AF_INET6;
    this.local = six ? mapped(local) : local;
    this.remote = six ? mapped(remote) : remote;
    this.#incoming.capacity = this.receiveBuffer;
    StreamSocket.pair(this, far);
    this.changed();
  }

  /** There is no connection to outside. */
  refused(far: StreamSocket, errno: number, reason?: Error): void {
    if (this.#far !== far) return;
    this.#far = undefined;
    this.#state = "fresh";
    this.remote = undefined;
    this.error = errno;
    this.reason = reason;
    this.changed();
  }

  /** Somebody from outside is here: `far` is the end of a transport, which has this peer's name. */
  admit(far: StreamSocket, peer: InetAddress, own: InetAddress): void {
    far.local = peer;
    far.remote = own;
    far.#enter(this);
  }

  /** A client bound to the wildcard has the address it reaches its peer by. */
  #concretise(peer: Address): void {
    const { local } = this;
    if (local === undefined || local.family === AF_UNIX || peer.family === AF_UNIX || !isAny(local)) return;
    const own = loopback(peer.family, local.port);
    // The table finds it by port; its host may change in place.
    local.host.set(own.host.length === local.host.length ? peer.host : own.host);
  }

  /** Open the connection to a server that has room for it. */
  #join(server: StreamSocket): void {
    const accepted = new StreamSocket(this.#FS, this.network, server.family);
    const dual = server.family === AF_INET6 && this.family === AF_INET;
    const own = this.remote as Address;
    const peer = this.local ?? { family: AF_UNIX, path: "" };
    accepted.local = dual && own.family !== AF_UNIX ? mapped(own) : server.family === AF_UNIX ? server.local : own;
    accepted.remote = dual && peer.family !== AF_UNIX ? mapped({ ...peer, host: peer.host.slice() }) : peer;
    accepted.#incoming.capacity = server.receiveBuffer;
    this.#incoming.capacity = this.receiveBuffer;
    StreamSocket.pair(this, accepted);
    this.#knocksAt = undefined;
    server.#backlog.push(accepted);
    server.changed();
    this.changed();
  }

  /** Make two sockets the ends of one connection. */
  static pair(one: StreamSocket, other: StreamSocket): void {
    one.#peer = other;
    other.#peer = one;
    one.#state = other.#state = "connected";
  }

  accept(): StreamSocket | number {
    if (this.#state !== "listening") return -ERRNO.EINVAL;
    const accepted = this.#backlog.shift();
    if (accepted === undefined) return -EWAIT;
    const next = this.#knocking.shift();
    if (next !== undefined) next.#join(this);
    return accepted;
  }

  override takeBack(accepted: StreamSocket): void {
    this.#backlog.unshift(accepted);
    this.changed();
  }

  send(bytes: Uint8Array, flags: number, to: Address | undefined, ancillary?: Ancillary): number {
    if (flags & MSG_OOB && this.family === AF_UNIX) return -ERRNO.EOPNOTSUPP;
    if (this.#state === "connecting") return -EWAIT;
    if (this.error !== 0) return -this.takeError();
    if (this.#writeShut) return -ERRNO.EPIPE;
    if (this.#state !== "connected") return this.#state === "fresh" && this.remote !== undefined ? -ERRNO.EPIPE : -ERRNO.ENOTCONN;
    if (to !== undefined && this.family === AF_UNIX) return -ERRNO.EISCONN;
    if (bytes.length === 0) return 0;
    const peer = this.#peer;
    if (peer === undefined) return this.#sendToNobody(bytes.length);
    if (peer.#readShut) return this.family === AF_UNIX ? -ERRNO.EPIPE : bytes.length; // TCP takes and drops it
    if (flags & MSG_OOB && bytes.length === 1) return peer.#takeUrgent(bytes);
    // The last byte is the urgent one, and goes by itself.
    const count = peer.#incoming.write(flags & MSG_OOB ? bytes.subarray(0, -1) : bytes);
    if (count === 0) return -EWAIT;
    const start = peer.#given;
    peer.#given += count;
    if (ancillary !== undefined) peer.#alongside.push({ start, end: peer.#given, ancillary });
    peer.changed(POLLIN);
    return count;
  }

  receive(target: Uint8Array, flags: number): Received {
    if (flags & MSG_OOB) return { count: this.#giveUrgent(target, flags) };
    if (this.#state === "connecting") return { count: -EWAIT };
    if (this.#state === "listening" || (this.#state === "fresh" && this.error === 0)) {
      return { count: this.family === AF_UNIX ? -ERRNO.EINVAL : -ERRNO.ENOTCONN };
    }
    if (this.#incoming.length > 0) {
      if (flags & MSG_PEEK) return { count: this.#incoming.peek(target), from: this.#sender };
      const along = target.length === 0 ? undefined : this.#alongside[0];
      const count = this.#incoming.read(along === undefined ? target : target.subarray(0, along.end - this.#taken));
      this.#taken += count;
      this.#peer?.changed(POLLOUT);
      if (along === undefined || along.start >= this.#taken) return { count, from: this.#sender };
      this.#alongside.shift();
      return { count, from: this.#sender, ancillary: along.ancillary };
    }
    if (this.error === ERRNO.EPIPE) return { count: 0 }; // for the next send
    if (this.error !== 0) return { count: -this.takeError() };
    if (target.length === 0 || this.#ended || this.#readShut) return { count: 0, from: this.#sender };
    return { count: -EWAIT };
  }

  /** TCP's urgent byte has arrived: beside the others, or among them when SO_OOBINLINE says so. */
  #takeUrgent(byte: Uint8Array): number {
    if (this.number(SOL_SOCKET, SO_OOBINLINE)) {
      if (this.#incoming.write(byte) === 0) return -EWAIT;
      this.#given += 1;
    } else {
      this.#urgent = byte[0];
    }
    this.changed();
    return 1;
  }

  #giveUrgent(target: Uint8Array, flags: number): number {
    const urgent = this.#urgent;
    if (this.family === AF_UNIX) return -ERRNO.EOPNOTSUPP;
    if (urgent === undefined || this.number(SOL_SOCKET, SO_OOBINLINE)) return -ERRNO.EINVAL;
    if (target.length === 0) return 0;
    target[0] = urgent;
    if (!(flags & MSG_PEEK)) this.#urgent = undefined;
    return 1;
  }

  /**
   * The peer is gone. A Unix socket knows; on TCP the bytes are sent, and the answer breaks the
   * connection for the next call.
   */
  #sendToNobody(count: number): number {
    if (this.family === AF_UNIX || this.#broken) return -ERRNO.EPIPE;
    this.#broken = true;
    this.error = ERRNO.EPIPE;
    this.changed();
    return count;
  }

  /** recvfrom() tells no address on TCP, and the peer's name on Unix sockets that have one. */
  get #sender(): Address | undefined {
    return this.family === AF_UNIX && this.remote?.family === AF_UNIX && this.remote.path !== "" ? this.remote : undefined;
  }

  shutdown(how: number): number {
    if (this.#state === "listening") {
      if (how !== SHUT_WR) this.#refuseAll();
      return 0;
    }
    if (this.#state !== "connected") return -ERRNO.ENOTCONN;
    if (how !== SHUT_WR) this.#readShut = true;
    if (how !== SHUT_RD) this.#endWriting();
    this.changed();
    this.#peer?.changed();
    return 0;
  }

  #endWriting(): void {
    if (this.#writeShut) return;
    this.#writeShut = true;
    if (this.#peer !== undefined) this.#peer.#ended = true;
  }

  /** No server any more: break what nobody accepted, refuse what waits. */
  #refuseAll(): void {
    this.#state = "fresh";
    for (const accepted of this.#backlog.splice(0)) accepted.breakOff();
    for (const client of this.#knocking.splice(0)) {
      client.#state = "fresh";
      client.#knocksAt = undefined;
      client.error = ERRNO.ECONNREFUSED;
      client.changed();
    }
    this.changed();
  }

  /** End a connection with a reset. */
  breakOff(errno: number = ERRNO.ECONNRESET): void {
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer === undefined) return;
    peer.#peer = undefined;
    peer.#ended = true;
    peer.#broken = true;
    peer.error = errno;
    peer.changed();
  }

  /** Options of a connection to outside are its far end's business. */
  protected override optionSet(): void {
    this.#peer?.changed();
  }

  protected bindOutside(transport: Transport, address: InetAddress): Promise<InetAddress | number> | undefined {
    return transport.bind(this, address);
  }

  protected releaseOutside(): void {
    this.network.transport?.release(this);
  }

  protected closed(): void {
    if (this.#state === "listening") this.#refuseAll();
    const far = this.#far;
    this.#far = undefined;
    far?.close();
    const at = this.#knocksAt;
    if (at !== undefined) at.#knocking = at.#knocking.filter((client) => client !== this);
    const unread = this.#incoming.length > 0 && !this.#readShut;
    if (unread || this.breaksAtClose) {
      this.breakOff();
    } else {
      this.#endWriting();
      const peer = this.#peer;
      this.#peer = undefined;
      if (peer !== undefined) {
        peer.#peer = undefined;
        peer.changed();
      }
    }
    this.#incoming.clear();
    for (const { ancillary } of this.#alongside.splice(0)) discard(ancillary);
  }
}

/** The address a connection has: the wildcard as a destination is this machine. */
function concrete(address: Address): Address {
  return address.family !== AF_UNIX && isAny(address) ? loopback(address.family, address.port) : address;
}

function isServer(socket: Endpoint): socket is StreamSocket {
  return socket instanceof StreamSocket && socket.isListening;
}
