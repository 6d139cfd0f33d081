// network_units.ts - the loopback network: names, connections, buffers, without a core.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ByteQueue } from "../../polyfills/files/byte_queue.ts";
import type { EmscriptenFS, FSStream } from "../../polyfills/files/fs.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ERRNO,
  EWAIT,
  IPPROTO_IPV6,
  MSG_CTRUNC,
  MSG_OOB,
  MSG_PEEK,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  SOL_SOCKET,
  SO_OOBINLINE,
  SO_REUSEADDR,
} from "../../polyfills/numbers.ts";
import { type Address, anyAddress, loopback, readAddress, writeAddress } from "../../polyfills/sockets/address.ts";
import { DatagramSocket } from "../../polyfills/sockets/datagram.ts";
import { Network } from "../../polyfills/sockets/network.ts";
import { type Ancillary, readAncillary, writeAncillary } from "../../polyfills/sockets/ancillary.ts";
import { StreamSocket } from "../../polyfills/sockets/stream.ts";

class FakeNode {
  node_ops = {};
  id = 1;
  addListener(): object {
    return { listeners: new Set(), entry: {} };
  }
  notifyListeners(): void {}
}
const FS = { FSNode: FakeNode } as unknown as EmscriptenFS;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function received(socket: StreamSocket | DatagramSocket, size = 100, flags = 0): string | number {
  const target = new Uint8Array(size);
  const { count } = socket.receive(target, flags);
  return count < 0 ? count : new TextDecoder().decode(target.subarray(0, count));
}

function server(network: Network, at: Address, backlog = 5): StreamSocket {
  const socket = new StreamSocket(FS, network, at.family);
  assert.equal(socket.bind(at), 0);
  assert.equal(socket.listen(backlog), 0);
  return socket;
}

function connected(): { client: StreamSocket; peer: StreamSocket; listening: StreamSocket } {
  const network = new Network(FS);
  const listening = server(network, loopback(AF_INET, 0));
  const client = new StreamSocket(FS, network, AF_INET);
  assert.equal(client.connect(listening.local, false), 0);
  return { client, peer: listening.accept() as StreamSocket, listening };
}

const one = new Uint8Array([1, 0, 0, 0]);

test("a byte queue wraps, grows and keeps the order", () => {
  const queue = new ByteQueue(5000);
  let next = 0;
  let expected = 0;
  for (let round = 0; round < 200; round++) {
    const chunk = Uint8Array.from({ length: (round * 37) % 900 }, () => next++ & 255);
    next -= chunk.length - queue.write(chunk);
    const target = new Uint8Array((round * 53) % 700);
    const count = queue.read(target);
    for (const byte of target.subarray(0, count)) assert.equal(byte, expected++ & 255);
  }
  assert.equal(next - expected, queue.length);
  assert.equal(queue.write(new Uint8Array(10_000)), 5000 - (next - expected));
  assert.equal(queue.space, 0);
});

test("addresses survive memory, cut to the room there is", () => {
  const heap = new Uint8Array(512);
  const lengths = new DataView(heap.buffer);
  for (const address of [
    loopback(AF_INET, 8080),
    { ...loopback(AF_INET6, 443), flow: 7, scope: 3 },
    { family: AF_UNIX, path: "/tmp/x" } as const,
    { family: AF_UNIX, path: "\0abs\0tract" } as const,
    { family: AF_UNIX, path: "" } as const,
  ]) {
    lengths.setUint32(4, 256, true);
    writeAddress(heap, 16, 4, address);
    assert.deepEqual(readAddress(heap, 16, lengths.getUint32(4, true)), address);
  }
  assert.equal(readAddress(heap, 16, 1), -ERRNO.EINVAL);
});

test("nobody listening refuses, elsewhere is unreachable", () => {
  const network = new Network(FS);
  const client = new StreamSocket(FS, network, AF_INET);
  assert.equal(client.connect(loopback(AF_INET, 9), false), -ERRNO.ECONNREFUSED);
  const away = { ...anyAddress(AF_INET, 80), host: new Uint8Array([93, 184, 216, 34]) };
  assert.equal(client.connect(away, false), -ERRNO.ENETUNREACH);
  assert.equal(new StreamSocket(FS, network, AF_INET).bind(away), -ERRNO.EADDRNOTAVAIL);
});

test("a port is shared only where Linux shares it", () => {
  const network = new Network(FS);
  const first = server(network, loopback(AF_INET, 5000));
  const second = new StreamSocket(FS, network, AF_INET);
  assert.equal(second.bind(loopback(AF_INET, 5000)), -ERRNO.EADDRINUSE);
  assert.equal(second.bind(anyAddress(AF_INET, 5000)), -ERRNO.EADDRINUSE);
  first.setOption(SOL_SOCKET, SO_REUSEADDR, one);
  second.setOption(SOL_SOCKET, SO_REUSEADDR, one);
  assert.equal(second.bind(loopback(AF_INET, 5000)), -ERRNO.EADDRINUSE); // it is listening
  first.close();
  assert.equal(second.bind(loopback(AF_INET, 5000)), 0);
});

test("an IPv6 wildcard takes IPv4 clients, as mapped addresses", () => {
  const network = new Network(FS);
  const both = server(network, anyAddress(AF_INET6, 0));
  const client = new StreamSocket(FS, network, AF_INET);
  const port = (both.local as { port: number }).port;
  assert.equal(client.connect(loopback(AF_INET, port), false), 0);
  const peer = both.accept() as StreamSocket;
  assert.equal(peer.remote?.family, AF_INET6);
  assert.equal((peer.remote as { host: Uint8Array }).host[10], 255);
});

test("a full backlog makes clients wait, accepting lets the next one in", () => {
  const network = new Network(FS);
  const listening = server(network, loopback(AF_INET, 0), 0);
  const [a, b] = [new StreamSocket(FS, network, AF_INET), new StreamSocket(FS, network, AF_INET)];
  assert.equal(a.connect(listening.local, false), 0);
  assert.equal(b.connect(listening.local, false), -EWAIT);
  assert.equal(b.connect(listening.local, false), -ERRNO.EALREADY);
  assert.equal(b.poll(), 0);
  assert.ok(listening.accept() instanceof StreamSocket);
  assert.equal(b.connect(listening.local, true), 0);
  assert.ok((b.poll() & POLLOUT) !== 0);
});

test("closing a server refuses who waits and resets who was not accepted", () => {
  const network = new Network(FS);
  const listening = server(network, loopback(AF_INET, 0), 0);
  const [a, b] = [new StreamSocket(FS, network, AF_INET), new StreamSocket(FS, network, AF_INET)];
  a.connect(listening.local, false);
  b.connect(listening.local, false);
  listening.close();
  assert.equal(received(a), -ERRNO.ECONNRESET);
  assert.equal(b.connect(loopback(AF_INET, 1), true), -ERRNO.ECONNREFUSED);
});

test("half a connection can be closed", () => {
  const { client, peer } = connected();
  client.send(bytes("last"), 0, undefined);
  assert.equal(client.shutdown(1), 0);
  assert.equal(client.send(bytes("x"), 0, undefined), -ERRNO.EPIPE);
  assert.equal(received(peer, 100, MSG_PEEK), "last");
  assert.equal(received(peer), "last");
  assert.equal(received(peer), "");
  assert.equal(peer.send(bytes("answer"), 0, undefined), 6);
  assert.equal(received(client), "answer");
  peer.close();
  assert.equal(received(client), "");
  assert.ok((client.poll() & (POLLIN | POLLHUP)) === (POLLIN | POLLHUP));
});

test("a full buffer holds the sender up until half of it is read", () => {
  const { client, peer } = connected();
  let sent = 0;
  for (let count = 0; count >= 0; count = client.send(new Uint8Array(50_000), 0, undefined)) sent += count;
  assert.equal(sent, 212992);
  assert.equal(client.poll() & POLLOUT, 0);
  received(peer, 100_000);
  assert.equal(client.poll() & POLLOUT, POLLOUT);
});

test("unread data at close is a reset, read data an end", () => {
  const { client, peer } = connected();
  client.send(bytes("x"), 0, undefined);
  peer.close();
  assert.equal(received(client), -ERRNO.ECONNRESET);
  assert.equal(client.send(bytes("x"), 0, undefined), -ERRNO.EPIPE);
});

test("a datagram is cut to the buffer, and the rest is lost", () => {
  const network = new Network(FS);
  const [a, b] = [new DatagramSocket(FS, network, AF_INET), new DatagramSocket(FS, network, AF_INET)];
  a.bind(loopback(AF_INET, 0));
  assert.equal(b.send(bytes("datagram"), 0, a.local), 8);
  assert.equal(b.send(bytes("second"), 0, a.local), 6);
  assert.equal(received(a, 4), "data");
  assert.equal(received(a), "second");
  assert.equal(received(a), -EWAIT);
  a.connect(b.local);
  const other = new DatagramSocket(FS, network, AF_INET);
  other.send(bytes("stranger"), 0, a.local);
  assert.equal(received(a), -EWAIT);
});

test("a connected datagram socket learns that nobody listens", () => {
  const network = new Network(FS);
  const socket = new DatagramSocket(FS, network, AF_INET);
  assert.equal(socket.connect(loopback(AF_INET, 9)), 0);
  assert.equal(socket.send(bytes("x"), 0, undefined), 1);
  assert.equal(received(socket), -ERRNO.ECONNREFUSED);
});

test("TCP takes what is sent to a peer that is gone, and then says so", () => {
  const { client, peer } = connected();
  peer.close();
  assert.equal(client.send(bytes(""), 0, undefined), 0);
  assert.equal(client.send(bytes("lost"), 0, undefined), 4);
  assert.equal(client.send(bytes("more"), 0, undefined), -ERRNO.EPIPE);
  assert.equal(client.send(bytes("more"), 0, undefined), -ERRNO.EPIPE);
  assert.equal(received(client), "");
});

test("an urgent byte comes beside the others, or among them with SO_OOBINLINE", () => {
  const { client, peer } = connected();
  assert.equal(peer.receive(new Uint8Array(1), MSG_OOB).count, -ERRNO.EINVAL);
  assert.equal(client.send(bytes("ab!"), MSG_OOB, undefined), 2);
  assert.equal(client.send(bytes("!"), MSG_OOB, undefined), 1);
  assert.equal(peer.poll() & POLLPRI, POLLPRI);
  assert.equal(received(peer, 1, MSG_OOB), "!");
  assert.equal(peer.poll() & POLLPRI, 0);
  assert.equal(received(peer), "ab");
  peer.setOption(SOL_SOCKET, 10, one);
  client.send(bytes("?"), MSG_OOB, undefined);
  assert.equal(received(peer), "?");
});

test("UDP-Lite has ports of its own", () => {
  const network = new Network(FS);
  const plain = new DatagramSocket(FS, network, AF_INET);
  const lite = new DatagramSocket(FS, network, AF_INET, "udplite");
  assert.equal(plain.bind(loopback(AF_INET, 7000)), 0);
  assert.equal(lite.bind(loopback(AF_INET, 7000)), 0);
  const sender = new DatagramSocket(FS, network, AF_INET, "udplite");
  assert.equal(sender.send(bytes("light"), 0, loopback(AF_INET, 7000)), 5);
  assert.equal(received(lite), "light");
  assert.equal(received(plain), -EWAIT);
});

test("a receiver that asked for them gets a datagram's hop limit and traffic class", () => {
  const network = new Network(FS);
  const receiver = new DatagramSocket(FS, network, AF_INET6);
  receiver.bind(loopback(AF_INET6, 7001));
  const sender = new DatagramSocket(FS, network, AF_INET6);
  const send = (along?: Ancillary): unknown => {
    sender.send(bytes("x"), 0, loopback(AF_INET6, 7001), along);
    return receiver.receive(new Uint8Array(1), 0).ancillary;
  };
  assert.deepEqual(send(), {});
  receiver.setOption(IPPROTO_IPV6, 51, one);
  assert.deepEqual(send(), { hopLimit: 64 });
  receiver.setOption(IPPROTO_IPV6, 66, one);
  assert.deepEqual(send({ hopLimit: 3 }), { hopLimit: 3, trafficClass: 0 });
});

/** Streams by number, as FS has them; `closed` counts. */
function openFiles(): { FS: EmscriptenFS; closed: number[] } {
  const closed: number[] = [];
  const streams: (FSStream | null)[] = [];
  const createStream = (stream: object): FSStream => {
    const fd = streams.findIndex((there) => there === null);
    const made = { ...stream, fd: fd < 0 ? streams.length : fd } as FSStream;
    return (streams[made.fd as number] = made);
  };
  const made = { streams, createStream, dupStream: createStream, getStream: (fd: number) => streams[fd] };
  const stream_ops = { close: (stream: FSStream) => void closed.push(stream.position) };
  for (const position of [10, 11]) createStream({ position, stream_ops });
  return { FS: made as unknown as EmscriptenFS, closed };
}

test("files pass through a Unix connection with the bytes they were sent with", () => {
  const files = openFiles();
  const heap = new Uint8Array(64);
  new Uint32Array(heap.buffer).set([20, SOL_SOCKET, 1, 0, 1]);
  const along = readAncillary(files.FS, heap, 0, 20, AF_UNIX) as Ancillary;
  assert.equal(files.FS.streams.filter((stream) => stream != null).length, 2, "on the way they have no number");
  const network = new Network(FS);
  const [client, peer] = [new StreamSocket(FS, network, AF_UNIX), new StreamSocket(FS, network, AF_UNIX)];
  StreamSocket.pair(client, peer);
  client.send(bytes("before "), 0, undefined);
  client.send(bytes("with"), 0, undefined, along);
  client.send(bytes(" after"), 0, undefined);
  const target = new Uint8Array(100);
  const got = peer.receive(target, 0);
  assert.equal(new TextDecoder().decode(target.subarray(0, got.count)), "before with");
  assert.equal(received(peer), " after");

  // Room for one of the two: the other is closed, and the receiver is told.
  const lengths = new DataView(heap.buffer);
  lengths.setUint32(60, 16, true);
  assert.equal(writeAncillary(files.FS, heap, 24, 60, got.ancillary as Ancillary, false), MSG_CTRUNC);
  assert.equal(lengths.getUint32(60, true), 16);
  assert.equal(files.FS.getStream(lengths.getInt32(36, true))?.position, 10);
  assert.deepEqual(files.closed, [11]);
});

test("files that nobody receives are closed with the socket", () => {
  const files = openFiles();
  const network = new Network(FS);
  const [client, peer] = [new StreamSocket(FS, network, AF_UNIX), new StreamSocket(FS, network, AF_UNIX)];
  StreamSocket.pair(client, peer);
  client.send(bytes("x"), 0, undefined, { files: [files.FS.streams[0] as FSStream] });
  peer.close();
  assert.deepEqual(files.closed, [10]);
});
