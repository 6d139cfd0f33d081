// udp.ts - UDP sockets of Node (Bun, Deno) for sockets inside.
//
// The UDP half of the host's transport (transport.ts beside this). A socket inside gets one of Node
// when it is bound, connected to outside, or sends there.
//
// Invariants
//  1. What is sent before Node's socket is there, or while it changes its peer, waits in `queue`, in order.
//  2. A datagram that cannot be sent is lost, as on a real network; a refusal reaches a connected socket.

import { createSocket, type Socket as NodeSocket } from "node:dgram";

import { errnoOf } from "../../files/errno.ts";
import { AF_INET6, ERRNO, IPPROTO_IPV6, IPV6_UNICAST_HOPS, SOL_SOCKET, SO_BROADCAST } from "../../numbers.ts";
import { anyAddress, type InetAddress, sameHost } from "../address.ts";
import { addressOf } from "../text.ts";
import { hostText } from "./interfaces.ts";
import type { InnerDatagrams } from "../transport.ts";

/** Datagrams that wait, at most: a socket's buffer holds about as many. */
const LONGEST_QUEUE = 256;

interface Bound {
  readonly socket: NodeSocket;
  /** Settles when the last step (bind, connect, disconnect) has ended; false: there is no such socket. */
  ready: Promise<boolean>;
  isReady: boolean;
  peer: InetAddress | undefined;
  queue: { bytes: Uint8Array; to: InetAddress }[];
  optionsSeen: number;
}

/** The UDP of one runtime. */
export class HostUdp {
  readonly #bound = new Map<InnerDatagrams, Bound>();
  /** Datagrams that Node has and the kernel has not. */
  #sending = 0;

  async bind(inside: InnerDatagrams, address: InetAddress): Promise<InetAddress | number> {
    const { bound, opened } = this.#open(inside, address);
    const failed = await opened;
    if (failed !== 0) return -failed;
    const { address: text, port } = bound.socket.address();
    return addressOf(text, port);
  }

  /** Connect to a peer: only its datagrams arrive, its refusals are told, and the socket has a whole name. */
  async join(inside: InnerDatagrams, to: InetAddress): Promise<InetAddress | number> {
    const bound = await this.#get(inside);
    if (bound === undefined) return -ERRNO.EADDRNOTAVAIL;
    try {
      await this.#change(bound, to);
      const { address, port } = bound.socket.address();
      return addressOf(address, port);
    } catch (error) {
      return -errnoOf(error, ERRNO.ENETUNREACH);
    }
  }

  send(inside: InnerDatagrams, bytes: Uint8Array, to: InetAddress): number {
    let bound = this.#bound.get(inside);
    bound ??= this.#open(inside, insideName(inside)).bound;
    if (bound.queue.length >= LONGEST_QUEUE) return 0; // lost
    bound.queue.push({ bytes: bytes.slice(), to });
    if (bound.isReady) this.#flush(inside, bound);
    return 0;
  }

  release(inside: InnerDatagrams): void {
    const bound = this.#bound.get(inside);
    if (bound === undefined) return;
    this.#bound.delete(inside);
    const close = (): void => void bound.socket.close();
    // What was sent goes out, as on Linux, where it has left already.
    void bound.ready.then((is) => {
      if (!is) return;
      const last = bound.queue.splice(0).map(({ bytes, to }) => new Promise((done) => this.#transmit(bound, bytes, to, done)));
      void Promise.all(last).then(close);
    });
  }

  /** Whether datagrams that programs have sent are still here. */
  get isBusy(): boolean {
    return this.#sending > 0 || [...this.#bound.values()].some(({ queue }) => queue.length > 0);
  }

  end(): void {
    for (const { socket, ready } of this.#bound.values()) void ready.then((is) => is && socket.close());
    this.#bound.clear();
  }

  #open(inside: InnerDatagrams, address: InetAddress): { bound: Bound; opened: Promise<number> } {
    const six = address.family === AF_INET6;
    const socket = createSocket({
      type: six ? "udp6" : "udp4",
      ipv6Only: six && inside.onlyV6,
      reuseAddr: inside.reuseAddress,
      ...(inside.reusePort ? { reusePort: true } : {}),
      // All hosts are addresses here.
      lookup: (host, _options, callback) => callback(null, host, six ? 6 : 4),
    });
    const bound: Bound = { socket, ready: Promise.resolve(false), isReady: false, peer: undefined, queue: [], optionsSeen: -1 };
    this.#bound.set(inside, bound);
    const opened = new Promise<number>((resolve) => {
      socket.once("error", (error) => resolve(errnoOf(error, ERRNO.EADDRNOTAVAIL)));
      socket.bind({ address: hostText(address), port: address.port, exclusive: true }, () => resolve(0));
    });
    bound.ready = opened.then((failed) => {
      if (failed !== 0) {
        if (this.#bound.get(inside) === bound) this.#bound.delete(inside);
        return false;
      }
      socket.on("error", (error) => inside.failed(errnoOf(error)));
      socket.on("message", (bytes, from) => inside.deliver(bytes, addressOf(from.address, from.port)));
      bound.isReady = true;
      this.#flush(inside, bound);
      return true;
    });
    return { bound, opened };
  }

  async #get(inside: InnerDatagrams): Promise<Bound | undefined> {
    const bound = this.#bound.get(inside) ?? this.#open(inside, insideName(inside)).bound;
    return (await bound.ready) ? bound : undefined;
  }

  /** Change the peer of Node's socket. */
  async #change(bound: Bound, peer: InetAddress | undefined): Promise<void> {
    bound.isReady = false;
    try {
      if (bound.peer !== undefined) bound.socket.disconnect();
      bound.peer = undefined;
      if (peer !== undefined) {
        await new Promise<void>((resolve, reject) => {
          bound.socket.connect(peer.port, hostText(peer), ((error?: Error) => (error ? reject(error) : resolve())) as () => void);
        });
      }
      bound.peer = peer;
    } finally {
      bound.isReady = true;
    }
  }

  #flush(inside: InnerDatagrams, bound: Bound): void {
    this.#applyOptions(inside, bound);
    for (let next = bound.queue[0]; next !== undefined && bound.isReady; next = bound.queue[0]) {
      const { bytes, to } = next;
      if (bound.peer !== undefined && !(bound.peer.port === to.port && sameHost(bound.peer, to))) {
        // sendto() elsewhere: Node's connected sockets cannot, so it is connected no more.
        void this.#change(bound, undefined).then(() => this.#flush(inside, bound));
        return;
      }
      bound.queue.shift();
      this.#transmit(bound, bytes, to, (error) => {
        if (error) inside.failed(errnoOf(error));
      });
    }
  }

  #transmit(bound: Bound, bytes: Uint8Array, to: InetAddress, done: (error: Error | null) => void): void {
    this.#sending += 1;
    const sent = (error: Error | null): void => {
      this.#sending -= 1;
      done(error);
    };
    if (bound.peer === undefined) bound.socket.send(bytes, to.port, hostText(to), sent);
    else bound.socket.send(bytes, sent);
  }

  #applyOptions(inside: InnerDatagrams, bound: Bound): void {
    if (inside.optionsSet === bound.optionsSeen) return;
    bound.optionsSeen = inside.optionsSet;
    bound.socket.setBroadcast((inside.number(SOL_SOCKET, SO_BROADCAST) ?? 0) !== 0);
    const hops = inside.number(IPPROTO_IPV6, IPV6_UNICAST_HOPS) ?? -1;
    if (hops > 0) bound.socket.setTTL(hops);
  }
}

/** Where a socket that has no socket of Node yet is bound: where it is inside, else anywhere. */
function insideName(inside: InnerDatagrams): InetAddress {
  return (inside.local as InetAddress | undefined) ?? anyAddress(inside.family as InetAddress["family"]);
}
