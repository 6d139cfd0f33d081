// tcp.ts - TCP connections and servers of Node (Bun, Deno) for sockets inside.
//
// The TCP half of the host's transport (transport.ts beside this).
//
// Invariants
//  1. A name outside is a listening socket of Node from bind() on, so that it is taken as on Linux;
//     until the program calls listen(), whoever connects there is turned away.
//  2. An open connection is in `lines` until both of its directions have ended.

import { createServer, connect, type AddressInfo, type Server, type Socket as NodeSocket, type TcpNetConnectOpts } from "node:net";

import { errnoOf } from "../../files/errno.ts";
import { AF_INET6, ERRNO } from "../../numbers.ts";
import { type InetAddress, isAny } from "../address.ts";
import { Junction, type Line } from "../junction.ts";
import { addressOf, textOf } from "../text.ts";
import { hostText } from "./interfaces.ts";
import type { InnerStream } from "../transport.ts";

/** Milliseconds before the first probe of a connection that is to be kept alive; Linux waits two hours. */
const KEEP_ALIVE_MS = 7_200_000;

/** A connection of Node as a line. */
class NodeLine implements Line {
  readonly #socket: NodeSocket;
  readonly #isDone: () => void;
  #hasRoom = true;

  constructor(socket: NodeSocket, isDone: () => void) {
    this.#socket = socket;
    this.#isDone = isDone;
  }

  /** Begin to carry for a connection that is open on both sides. */
  join(far: InnerStream): void {
    const socket = this.#socket;
    const junction = new Junction(far, this);
    socket.on("data", (bytes) => junction.received(bytes));
    socket.on("end", () => junction.ended());
    socket.on("drain", () => {
      this.#hasRoom = true;
      junction.pump();
    });
    // As the kernel says it: writing to a connection that was reset is told as a reset.
    socket.on("error", (error) => junction.broke(errnoOf(error, ERRNO.ECONNRESET)));
    socket.on("close", () => {
      junction.broke(ERRNO.ECONNRESET); // nothing, if it ended well
      this.#isDone();
    });
    junction.pump();
  }

  get room(): number {
    return this.#hasRoom ? Infinity : 0;
  }

  write(bytes: Uint8Array): void {
    this.#hasRoom = this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    breakOff(this.#socket);
  }

  taken(): void {}

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  setOptions(noDelay: boolean, keepAlive: boolean): void {
    this.#socket.setNoDelay(noDelay);
    this.#socket.setKeepAlive(keepAlive, KEEP_ALIVE_MS);
  }

  done(): void {
    // Node closes it when it has written what is left.
  }
}

interface Bound {
  readonly server: Server;
  readonly name: InetAddress;
  listener: InnerStream | undefined;
}

/** The TCP of one runtime. */
export class HostTcp {
  readonly #bound = new Map<InnerStream, Bound>();
  /** With our end of the connection inside. */
  readonly #lines = new Map<NodeSocket, InnerStream>();

  /** A server of Node at this address, for a socket that may become one inside. */
  bind(socket: InnerStream, address: InetAddress): Promise<InetAddress | number> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const listening = listenAt(server, {
      host: hostText(address),
      port: address.port,
      exclusive: true,
      ipv6Only: address.family === AF_INET6 && socket.onlyV6,
      ...(socket.reusePort ? { reusePort: true } : {}),
    });
    return listening.then(
      (name) => {
        if (!socket.isOpen) {
          server.close();
          return name;
        }
        const bound: Bound = { server, name, listener: undefined };
        this.#bound.set(socket, bound);
        server.on("connection", (connection: NodeSocket) => this.#accept(connection, bound));
        return name;
      },
      (error: unknown) => -errnoOf(error, ERRNO.EADDRNOTAVAIL),
    );
  }

  listen(server: InnerStream): void {
    const bound = this.#bound.get(server);
    if (bound !== undefined) bound.listener = server;
  }

  connect(near: InnerStream, far: InnerStream, address: InetAddress): void {
    const bound = this.#bound.get(near);
    const options: TcpNetConnectOpts = { host: hostText(address), port: address.port, allowHalfOpen: true };
    if (bound === undefined) {
      this.#connect(near, far, options);
      return;
    }
    // A client with a name: Node's server gives it up first.
    this.#bound.delete(near);
    const from = { localPort: bound.name.port, ...(isAny(bound.name) ? {} : { localAddress: textOf(bound.name) }) };
    bound.server.close(() => this.#connect(near, far, { ...options, ...from }));
  }

  release(socket: InnerStream): void {
    const bound = this.#bound.get(socket);
    this.#bound.delete(socket);
    bound?.server.close();
  }

  /** Whether bytes that programs have sent are still here. */
  get isBusy(): boolean {
    for (const [socket, far] of this.#lines) {
      if (!socket.destroyed && !socket.connecting && (socket.writableLength > 0 || far.available > 0)) return true;
    }
    return false;
  }

  end(): void {
    for (const { server } of this.#bound.values()) server.close();
    this.#bound.clear();
    for (const socket of this.#lines.keys()) socket.destroy();
    this.#lines.clear();
  }

  #connect(near: InnerStream, far: InnerStream, options: TcpNetConnectOpts): void {
    if (!far.isOpen) return;
    const socket = connect(options);
    this.#lines.set(socket, far);
    const gone = (): void => void socket.destroy();
    const { listeners, entry } = far.node.addListener(() => {
      if (!far.isOpen) gone(); // the program has closed its end meanwhile
    });
    const failed = (error: unknown): void => {
      listeners.delete(entry);
      this.#lines.delete(socket);
      near.refused(far, errnoOf(error, ERRNO.ECONNREFUSED));
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      listeners.delete(entry);
      const line = new NodeLine(socket, () => this.#lines.delete(socket));
      near.opened(far, nameOf(socket, "local"), nameOf(socket, "remote"));
      line.join(far);
    });
    socket.once("close", () => this.#lines.delete(socket));
  }

  #accept(socket: NodeSocket, { listener }: Bound): void {
    if (listener === undefined || !listener.isListening) {
      breakOff(socket);
      return;
    }
    const far = listener.sibling();
    this.#lines.set(socket, far);
    const line = new NodeLine(socket, () => this.#lines.delete(socket));
    listener.admit(far, nameOf(socket, "remote"), nameOf(socket, "local"));
    line.join(far);
    socket.resume();
  }
}

/** Not every engine with Node's sockets can send a reset. */
function breakOff(socket: NodeSocket): void {
  if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else (socket as NodeSocket).destroy();
}

function listenAt(server: Server, options: object): Promise<InetAddress> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      server.on("error", () => undefined); // a connection that failed before it was there
      const { address, port } = server.address() as AddressInfo;
      resolve(addressOf(address, port));
    });
  });
}

function nameOf(socket: NodeSocket, end: "local" | "remote"): InetAddress {
  const [text, port] = end === "local" ? [socket.localAddress, socket.localPort] : [socket.remoteAddress, socket.remotePort];
  return addressOf(text ?? "0.0.0.0", port ?? 0);
}
