// network.ts - who listens where, on the network inside this runtime.
//
// A page has no sockets. This is the network that a program always has in it: an in-memory
// loopback, one for each runtime, that sockets (stream.ts, datagram.ts) bind to and look each
// other up in. What is not found here goes to the runtime's transport (transport.ts), if it has one.
//
// Invariants
//  1. A bound socket is in exactly one table until it closes.
//  2. Two sockets share a port only where Linux lets them (bind()).
//  3. Whoever listens inside is found before anybody outside.

import type { EmscriptenFS, FSNode } from "../files/fs.ts";
import { AF_INET, AF_INET6, AF_UNIX, ERRNO, S_IFCHR, S_IFSOCK } from "../numbers.ts";
import {
  type Address,
  anyAddress,
  type InetAddress,
  isAny,
  isLocal,
  sameHost,
  type UnixAddress,
  unmapped,
} from "./address.ts";
import type { Transport } from "./transport.ts";

/** Linux's range of ephemeral ports. */
const FIRST_PORT = 32768;
const LAST_PORT = 60999;

export type Protocol = "tcp" | "udp" | "udplite";

/** What the network needs of a socket (socket.ts). */
export interface Endpoint {
  readonly family: number;
  readonly protocol: Protocol;
  /** The name that bind() gave it. */
  local: Address | undefined;
  readonly isOpen: boolean;
  readonly isListening: boolean;
  /** IPV6_V6ONLY, SO_REUSEADDR and SO_REUSEPORT. */
  readonly onlyV6: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
}

/** Sockets by name. */
export class Network {
  /** The way outside; undefined: there is none, and a connect fails (patch 0002 says why). */
  readonly transport: Transport | undefined;
  readonly #FS: EmscriptenFS;
  readonly #ports: Record<Protocol, Map<number, Set<Endpoint>>> = { tcp: new Map(), udp: new Map(), udplite: new Map() };
  readonly #abstract = new Map<string, Endpoint>();
  readonly #nodes = new WeakMap<FSNode, Endpoint>();
  #nextPort = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
  #nextAbstract = 0;

  constructor(FS: EmscriptenFS, transport?: Transport) {
    this.#FS = FS;
    this.transport = transport;
  }

  /**
   * Give a socket a name; 0 or a negative errno.
   * @param isOutside it has this name outside already, so the address may be any of the host's.
   */
  bind(socket: Endpoint, address: Address, isOutside = false): number {
    if (socket.local !== undefined) return -ERRNO.EINVAL;
    if (address.family === AF_UNIX) return this.#bindUnix(socket, address);
    if (address.family !== socket.family) {
      return address.family === AF_INET && socket.family === AF_INET6 ? -ERRNO.EINVAL : -ERRNO.EAFNOSUPPORT;
    }
    if (!isOutside && !isLocal(unmapped(address))) return -ERRNO.EADDRNOTAVAIL;
    const table = this.#ports[socket.protocol];
    let { port } = address;
    if (port === 0) {
      port = this.#freePort(socket, address);
      if (port === 0) return -ERRNO.EADDRINUSE;
    } else if (this.taken(socket, address)) {
      return -ERRNO.EADDRINUSE;
    }
    socket.local = { ...address, port };
    let there = table.get(port);
    if (there === undefined) table.set(port, (there = new Set()));
    there.add(socket);
    return 0;
  }

  /** Bind to the wildcard and a free port, as the first use of an unbound socket does. */
  bindAnywhere(socket: Endpoint): number {
    if (socket.local !== undefined || socket.family === AF_UNIX) return 0;
    return this.bind(socket, anyAddress(socket.family as typeof AF_INET));
  }

  /** The socket has another name now. */
  rename(socket: Endpoint, address: InetAddress): void {
    this.release(socket);
    socket.local = undefined;
    this.bind(socket, address, true);
  }

  /** The socket is closed: its name is free. */
  release(socket: Endpoint): void {
    const { local } = socket;
    if (local === undefined) return;
    if (local.family === AF_UNIX) {
      if (this.#abstract.get(local.path) === socket) this.#abstract.delete(local.path);
      return; // a path in the file system stays, as on Linux
    }
    const table = this.#ports[socket.protocol];
    const there = table.get(local.port);
    there?.delete(socket);
    if (there?.size === 0) table.delete(local.port);
  }

  /** The socket that answers at an address, of those `accepts` says yes to; or a negative errno. */
  find<Found extends Endpoint>(
    from: Endpoint,
    address: Address,
    accepts: (socket: Endpoint) => socket is Found,
  ): Found | number {
    if (address.family === AF_UNIX) return this.#findUnix(address, accepts);
    const target = unmapped(address);
    const local = isLocal(target);
    if (!local && this.transport === undefined) return -ERRNO.ENETUNREACH;
    let wildcard: Found | undefined;
    for (const socket of this.#ports[from.protocol].get(target.port) ?? []) {
      const name = socket.local as InetAddress;
      if (!accepts(socket)) continue;
      const own = unmapped(name);
      if (sameHost(own, target) || (isAny(target) && own.family === target.family)) return socket;
      const dual = name.family === AF_INET6 && !socket.onlyV6;
      if (local && isAny(name) && (name.family === target.family || dual)) wildcard = socket;
    }
    return wildcard ?? -ERRNO.ECONNREFUSED;
  }

  /** Whether another socket has a name inside that this one may not share. */
  taken(socket: Endpoint, wanted: InetAddress): boolean {
    for (const other of this.#ports[socket.protocol].get(wanted.port) ?? []) {
      if (socket.reusePort && other.reusePort) continue;
      if (socket.reuseAddress && other.reuseAddress && !other.isListening) continue;
      // A connection made by accept() keeps its server's port and is no obstacle to REUSEADDR.
      const local = other.local as InetAddress;
      const bothFamilies = local.family !== wanted.family;
      if (bothFamilies) {
        const six = local.family === AF_INET6 ? { who: other, at: local } : { who: socket, at: wanted };
        if (six.who.onlyV6 || !isAny(six.at)) continue;
        return true;
      }
      if (isAny(local) || isAny(wanted) || sameHost(local, wanted)) return true;
    }
    return false;
  }

  #freePort(socket: Endpoint, address: InetAddress): number {
    for (let tries = FIRST_PORT; tries <= LAST_PORT; tries++) {
      const port = this.#nextPort;
      this.#nextPort = port === LAST_PORT ? FIRST_PORT : port + 1;
      if (!this.#ports[socket.protocol].has(port) && !this.taken(socket, { ...address, port })) return port;
    }
    return 0;
  }

  #bindUnix(socket: Endpoint, address: UnixAddress): number {
    if (socket.family !== AF_UNIX) return -ERRNO.EAFNOSUPPORT;
    let { path } = address;
    if (path === "") path = `\0${(++this.#nextAbstract).toString(16).padStart(5, "0")}`; // autobind
    if (path.startsWith("\0")) {
      if (this.#abstract.has(path)) return -ERRNO.EADDRINUSE;
      this.#abstract.set(path, socket);
    } else {
      try {
        // MEMFS makes no sockets; the type is put on a node that nobody can read or write.
        const node = this.#FS.mknod(decodePath(path), S_IFCHR | 0o755, 0);
        node.mode = S_IFSOCK | 0o755;
        this.#nodes.set(node, socket);
      } catch (error) {
        const code = (error as { errno?: number }).errno ?? ERRNO.EACCES;
        return -(code === ERRNO.EEXIST ? ERRNO.EADDRINUSE : code);
      }
    }
    socket.local = { family: AF_UNIX, path };
    return 0;
  }

  #findUnix<Found extends Endpoint>(
    address: UnixAddress,
    accepts: (socket: Endpoint) => socket is Found,
  ): Found | number {
    let found: Endpoint | undefined;
    if (address.path.startsWith("\0")) {
      found = this.#abstract.get(address.path);
    } else {
      try {
        found = this.#nodes.get(this.#FS.lookupPath(decodePath(address.path), { follow: true }).node);
      } catch (error) {
        return -((error as { errno?: number }).errno ?? ERRNO.ENOENT);
      }
    }
    return found !== undefined && found.isOpen && accepts(found) ? found : -ERRNO.ECONNREFUSED;
  }
}

/** Paths come as bytes; the file system wants text. */
function decodePath(path: string): string {
  return new TextDecoder().decode(Uint8Array.from(path, (c) => c.charCodeAt(0)));
}
