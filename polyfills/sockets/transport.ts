// transport.ts - the seam to networks beyond this runtime.
//
// Sockets find each other on the loopback inside first (network.ts). What is not there goes to the
// runtime's transport, if it was given one: Node's sockets (host/), or a relay (relay/). Transports
// are files of their own in dist/, which runtime/load/load.ts fetches when option network asks for
// one. TLS is above this: it reads and writes a socket like any other.
//
// Invariants
//  1. A transport never waits and never calls into Python: what it is asked comes back later, as a
//     call of the socket that asked or as a promise.
//  2. A connection to outside is a pair of sockets inside, as any connection: the program has one
//     end, the transport the other ("far"), and carries the bytes (junction.ts).
//  3. A socket that was closed meanwhile is told nothing: its far end is closed, too, which the
//     transport sees.

import type { FSNode } from "../files/fs.ts";
import type { Address, InetAddress } from "./address.ts";

/** What a transport needs of any socket inside (socket.ts). */
export interface InnerSocket {
  /** Its listeners are told of all that changes. */
  readonly node: FSNode;
  readonly family: number;
  /** SOCK_STREAM or SOCK_DGRAM. */
  readonly type: number;
  readonly isOpen: boolean;
  readonly local: Address | undefined;
  readonly onlyV6: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  /** Goes up with each option that is set. */
  readonly optionsSet: number;
  number(level: number, name: number): number | undefined;
  setOption(level: number, name: number, value: Uint8Array): number;
}

/** And of one for connections (stream.ts). */
export interface InnerStream extends InnerSocket {
  readonly isListening: boolean;
  readonly available: number;
  /** The other end, as long as somebody has it. */
  readonly peer: InnerStream | undefined;
  sibling(): InnerStream;
  opened(far: InnerStream, local: InetAddress, remote: InetAddress): void;
  refused(far: InnerStream, errno: number, reason?: Error): void;
  admit(far: InnerStream, peer: InetAddress, own: InetAddress): void;
  send(bytes: Uint8Array, flags: number, to: undefined): number;
  receive(target: Uint8Array, flags: number): { count: number };
  shutdown(how: number): number;
  breakOff(errno: number): void;
  close(): void;
}

/** And of one for datagrams (datagram.ts). */
export interface InnerDatagrams extends InnerSocket {
  deliver(bytes: Uint8Array, from: InetAddress): void;
  failed(errno: number, reason?: Error): void;
}

/** A way to addresses beyond this runtime. */
export interface Transport {
  /**
   * Give a socket a name outside, too, so that others can reach it there.
   * @returns the name that it got (port 0 is a port that is free) or a negative errno; undefined
   *   where programs are not reached from outside: then the name is known inside only.
   */
  bind(socket: InnerStream | InnerDatagrams, address: InetAddress): Promise<InetAddress | number> | undefined;
  /** A socket that has a name outside accepts connections from now on: server.admit(). */
  listen(server: InnerStream): void;
  /** Open a connection: near.join(far, ...) or near.refuse() tell how it went. */
  connect(near: InnerStream, far: InnerStream, address: InetAddress): void;
  /** connect() of a datagram socket. @returns the name that it has now, or a negative errno. */
  join(socket: InnerDatagrams, to: InetAddress): Promise<InetAddress | number>;
  /** Send a datagram. @returns 0, or a negative errno. */
  send(socket: InnerDatagrams, bytes: Uint8Array, to: InetAddress): number;
  /** The socket is closed: nothing of it is left outside. */
  release(socket: InnerStream | InnerDatagrams): void;
  /**
   * The addresses of a host.
   * @param family AF_INET, AF_INET6 or AF_UNSPEC.
   * @throws with a code: ENOTFOUND, ENODATA, EAI_AGAIN, EAI_FAIL; EACCES and ENETUNREACH of a relay.
   */
  resolve(name: string, family: number): Promise<readonly InetAddress[]>;
  /** The name of an address. @throws as resolve(). */
  nameOf(address: InetAddress): Promise<string>;
  /** The runtime ends: so does everything that is open. */
  end(): void;
}
