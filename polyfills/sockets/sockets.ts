// sockets.ts - the socket system calls: from numbers and memory to Socket objects and back.
//
// The JavaScript half of sockets.c. Each call is tried once and never waits: it answers with
// -EWAIT where a blocking socket would, and the C side waits and calls again. A socket's
// descriptor is a file like any other, so read(), write(), close(), dup() and poll() work, too.
// Imported by runtime/.

import { openAnonymous, untilChanged } from "../files/anonymous.ts";
import { errnoOf } from "../files/errno.ts";
import { markCloseOnExec } from "../files/fcntl.ts";
import type { FSStream, HeapView, StreamOps, WasmHost } from "../files/fs.ts";
import type { PendingOps } from "../files/pending.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  ERRNO,
  EWAIT,
  FIONREAD,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  O_NONBLOCK,
  O_RDWR,
  SHUT_RD,
  SHUT_RDWR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
} from "../numbers.ts";
import { type Address, anyAddress, loopback, readAddress, writeAddress } from "./address.ts";
import { type Ancillary, discard, isEmpty, readAncillary, writeAncillary } from "./ancillary.ts";
import { DatagramSocket } from "./datagram.ts";
import type { Network } from "./network.ts";
import { PROTOCOLS, type Socket } from "./socket.ts";
import { StreamSocket } from "./stream.ts";
import type { InnerStream } from "./transport.ts";

/** The wasm imports of sockets.c; they return a negative errno when they fail. */
export interface SocketImports {
  sock_open(family: number, type: number, protocol: number): number;
  sock_pair(family: number, type: number, protocol: number, fds: number): number;
  sock_bind(fd: number, address: number, length: number, again: number): number;
  sock_listen(fd: number, backlog: number): number;
  sock_connect(fd: number, address: number, length: number, again: number): number;
  sock_accept(fd: number, address: number, length: number, flags: number): number;
  sock_name(fd: number, address: number, length: number, peer: number): number;
  sock_send(
    fd: number, bytes: number, count: number, flags: number, address: number, length: number,
    control: number, controlLength: number,
  ): number;
  sock_recv(
    fd: number, bytes: number, count: number, flags: number, address: number, length: number, out: number,
    control: number, controlLength: number,
  ): number;
  sock_shutdown(fd: number, how: number): number;
  sock_getopt(fd: number, level: number, name: number, value: number, length: number): number;
  sock_setopt(fd: number, level: number, name: number, value: number, length: number): number;
  sock_timeout(fd: number, sending: number): number;
}

const SOCK_TYPE_MASK = 0xf;

/** What sockets need of ../stdio/waiting_io.ts. */
export interface SocketIo extends PendingOps {
  /** The system call that returns now fails for this reason, which Python shows as the cause. */
  noteFailure(errno: number, reason: Error): void;
}

/** The imports; `host` is read at call time only. */
export function socketImports(host: WasmHost, io: SocketIo, net: () => Network): SocketImports {
  const sockets = new WeakMap<object, Socket>();
  const fileOps = (socket: Socket): StreamOps => {
    const settle = (stream: FSStream, count: number): number => {
      if (count >= 0) return count;
      if (count === -EWAIT) {
        if ((stream.flags & O_NONBLOCK) === 0 && stream.fd !== null) io.pend(stream.fd, untilChanged(io, socket.node));
        throw new host.FS.ErrnoError(ERRNO.EAGAIN);
      }
      throw new host.FS.ErrnoError(-count);
    };
    const view = (buffer: HeapView, offset: number, length: number): Uint8Array =>
      new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
    return {
      read(stream, buffer, offset, length) {
        const { count, ancillary } = socket.receive(view(buffer, offset, length), 0);
        discard(ancillary);
        return settle(stream, count);
      },
      write(stream, buffer, offset, length) {
        const count = settle(stream, socket.send(view(buffer, offset, length), 0, undefined));
        if (count < length && (stream.flags & O_NONBLOCK) === 0 && stream.fd !== null) io.expectMore(stream.fd);
        return count;
      },
      poll: () => socket.poll(),
      ioctl(_stream, request, argument) {
        const memory = new DataView(host.HEAPU8.buffer);
        if (request === FIONREAD) {
          memory.setInt32(argument >>> 0, socket.available, true);
        } else {
          throw new host.FS.ErrnoError(ERRNO.ENOTTY);
        }
        return 0;
      },
    };
  };

  /** A descriptor for a socket. @throws ErrnoError when the table of descriptors is full. */
  const open = (socket: Socket, type: number): number => {
    const flags = O_RDWR | ((type & SOCK_NONBLOCK) !== 0 ? O_NONBLOCK : 0);
    const stream = openAnonymous(host.FS, socket.node, flags, fileOps(socket), () => socket.close());
    sockets.set(socket.node, socket);
    markCloseOnExec(stream, type);
    return stream.fd as number;
  };

  const make = (family: number, type: number, protocol: number): Socket | number => {
    if (family !== AF_UNIX && family !== AF_INET && family !== AF_INET6) return -ERRNO.EAFNOSUPPORT;
    const kind = type & SOCK_TYPE_MASK;
    if (kind !== SOCK_STREAM && kind !== SOCK_DGRAM) return -ERRNO.ESOCKTNOSUPPORT;
    const usual = family === AF_UNIX ? 0 : kind === SOCK_STREAM ? PROTOCOLS.tcp : PROTOCOLS.udp;
    const lite = family !== AF_UNIX && kind === SOCK_DGRAM && protocol === PROTOCOLS.udplite;
    if (protocol !== 0 && protocol !== usual && !lite) return -ERRNO.EPROTONOSUPPORT;
    const FS = host.FS;
    if (kind === SOCK_STREAM) return new StreamSocket(FS, net(), family);
    return new DatagramSocket(FS, net(), family, lite ? "udplite" : "udp");
  };

  /** Do something with an open socket; errors of FS become numbers. */
  const using = (fd: number, run: (socket: Socket, stream: FSStream) => number): number => {
    const stream = host.FS.getStream(fd);
    if (stream === null || stream === undefined) return -ERRNO.EBADF;
    const socket = stream.node === undefined ? undefined : sockets.get(stream.node);
    if (socket === undefined) return -ERRNO.ENOTSOCK;
    try {
      const result = run(socket, stream);
      const { reason } = socket;
      if (reason !== undefined && result < 0 && result !== -EWAIT) {
        socket.reason = undefined;
        io.noteFailure(-result, reason);
      }
      return result;
    } catch (error) {
      return -errnoOf(error);
    }
  };

  /** EAGAIN instead of a wait, where the descriptor or the call must not block. */
  const orWait = (stream: FSStream, flags: number, result: number, instead: number = ERRNO.EAGAIN): number =>
    result === -EWAIT && ((stream.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0) ? -instead : result;

  const address = (pointer: number, length: number): Address | number | undefined => {
    if (pointer === 0) return undefined;
    const heap = host.HEAPU8;
    if (length >= 2 && new DataView(heap.buffer).getUint16(pointer >>> 0, true) === AF_UNSPEC) return undefined;
    return readAddress(heap, pointer >>> 0, length >>> 0);
  };

  return {
    sock_open(family, type, protocol) {
      const socket = make(family, type, protocol);
      if (typeof socket === "number") return socket;
      try {
        return open(socket, type);
      } catch (error) {
        return -errnoOf(error);
      }
    },
    sock_pair(family, type, protocol, fds) {
      if (family !== AF_UNIX) return -ERRNO.EOPNOTSUPP;
      const one = make(family, type, protocol);
      const other = make(family, type, protocol);
      if (typeof one === "number") return one;
      if (one instanceof StreamSocket) StreamSocket.pair(one, other as StreamSocket);
      else DatagramSocket.pair(one as DatagramSocket, other as DatagramSocket);
      for (const socket of [one, other as Socket]) socket.remote = { family: AF_UNIX, path: "" };
      if (!(one instanceof StreamSocket)) one.remote = (other as Socket).remote = undefined;
      let first: number | undefined;
      try {
        first = open(one, type);
        const second = open(other as Socket, type);
        const memory = new DataView(host.HEAPU8.buffer);
        memory.setInt32(fds >>> 0, first, true);
        memory.setInt32((fds >>> 0) + 4, second, true);
        return 0;
      } catch (error) {
        const opened = first === undefined ? undefined : host.FS.getStream(first);
        if (opened) host.FS.close(opened);
        return -errnoOf(error);
      }
    },
    sock_bind: (fd, pointer, length, again) =>
      using(fd, (socket) => {
        const read = readAddress(host.HEAPU8, pointer >>> 0, length >>> 0);
        return typeof read === "number" ? read : socket.bind(read, again === 1);
      }),
    sock_listen: (fd, backlog) => using(fd, (socket) => socket.listen(backlog)),
    sock_connect: (fd, pointer, length, again) =>
      using(fd, (socket, stream) => {
        const read = address(pointer, length);
        if (typeof read === "number") return read;
        const result = socket.connect(read, again === 1);
        if (socket.type === SOCK_DGRAM) return result; // takes no time on Linux
        const instead = socket.family === AF_UNIX ? ERRNO.EAGAIN : ERRNO.EINPROGRESS;
        return orWait(stream, 0, result, instead);
      }),
    sock_accept: (fd, pointer, length, flags) =>
      using(fd, (socket, stream) => {
        const accepted = socket.accept();
        if (typeof accepted === "number") return orWait(stream, 0, accepted);
        let made: number;
        try {
          made = open(accepted, flags);
        } catch (error) {
          socket.takeBack(accepted); // for the next accept(): the connection is not lost
          throw error;
        }
        writeAddress(host.HEAPU8, pointer >>> 0, length >>> 0, accepted.remote as Address);
        return made;
      }),
    sock_name: (fd, pointer, length, peer) =>
      using(fd, (socket) => {
        if (socket.isPending) return -EWAIT;
        const name = peer !== 0 ? socket.remote : (socket.local ?? unnamed(socket.family));
        if (name === undefined) return -ERRNO.ENOTCONN;
        writeAddress(host.HEAPU8, pointer >>> 0, length >>> 0, name);
        return 0;
      }),
    sock_send: (fd, bytes, count, flags, pointer, length, control, controlLength) =>
      using(fd, (socket, stream) => {
        const to = address(pointer, length);
        if (typeof to === "number") return to;
        const from = bytes >>> 0;
        const data = host.HEAPU8.subarray(from, from + (count >>> 0));
        if (controlLength === 0) return orWait(stream, flags, socket.send(data, flags, to));
        const along = readAncillary(host.FS, host.HEAPU8, control >>> 0, controlLength >>> 0, socket.family);
        if (typeof along === "number") return along;
        const sent = socket.send(data, flags, to, isEmpty(along) ? undefined : along);
        if (sent < 0 || (sent === 0 && socket.type === SOCK_STREAM)) discard(along);
        return orWait(stream, flags, sent);
      }),
    sock_recv: (fd, bytes, count, flags, pointer, length, out, control, controlLength) =>
      using(fd, (socket, stream) => {
        const into = bytes >>> 0;
        const heap = host.HEAPU8;
        const got = socket.receive(heap.subarray(into, into + (count >>> 0)), flags);
        if (got.count < 0) return orWait(stream, flags, got.count);
        if (pointer !== 0 && length !== 0) {
          if (got.from !== undefined) writeAddress(heap, pointer >>> 0, length >>> 0, got.from);
          else new DataView(heap.buffer).setUint32(length >>> 0, 0, true);
        }
        let told = got.flags ?? 0;
        if (controlLength !== 0) {
          const along: Ancillary = got.ancillary ?? {};
          const closes = (flags & MSG_CMSG_CLOEXEC) !== 0;
          told |= writeAncillary(host.FS, heap, control >>> 0, controlLength >>> 0, along, closes);
        } else {
          discard(got.ancillary);
        }
        if (out !== 0) new DataView(heap.buffer).setInt32(out >>> 0, told, true);
        return got.count;
      }),
    sock_shutdown: (fd, how) =>
      using(fd, (socket) => (how >= SHUT_RD && how <= SHUT_RDWR ? socket.shutdown(how) : -ERRNO.EINVAL)),
    sock_getopt: (fd, level, name, value, length) =>
      using(fd, (socket) => {
        const found = socket.getOption(level, name);
        if (typeof found === "number") return found;
        const heap = host.HEAPU8;
        const lengths = new DataView(heap.buffer, length >>> 0, 4);
        const count = Math.min(lengths.getUint32(0, true), found.length);
        heap.set(found.subarray(0, count), value >>> 0);
        lengths.setUint32(0, count, true);
        return 0;
      }),
    sock_setopt: (fd, level, name, value, length) =>
      using(fd, (socket) => {
        const from = value >>> 0;
        return socket.setOption(level, name, host.HEAPU8.slice(from, from + (length >>> 0)));
      }),
    sock_timeout(fd, sending) {
      const stream = host.FS.getStream(fd);
      const socket = stream?.node === undefined ? undefined : sockets.get(stream.node);
      return socket?.timeoutMs(sending !== 0 ? SO_SNDTIMEO : SO_RCVTIMEO) ?? -1;
    },
  };
}

/**
 * JavaScript's end of a connection to a server inside; undefined: nobody listens at that port of this machine.
 * It is connected at once, or as soon as the server has room for it.
 */
export function dial(FS: WasmHost["FS"], network: Network, port: number): InnerStream | undefined {
  for (const family of [AF_INET, AF_INET6] as const) {
    const client = new StreamSocket(FS, network, family);
    const result = client.connectInside(loopback(family, port));
    if (result === 0 || result === -EWAIT) return client;
    client.close();
  }
  return undefined;
}

/** The name of a socket that has none. */
function unnamed(family: number): Address {
  return family === AF_UNIX ? { family, path: "" } : anyAddress(family as typeof AF_INET);
}
