// io_units.ts - unit tests of polyfills/ and of polyfills/http against a small fake of Emscripten's
// FS and of the scheduler. test_io_units.py bundles it with esbuild and runs it in Node; it exits
// with 1 and says which test failed when one does. What needs the real core is in tests/runtime.

import assert from "node:assert/strict";
import test from "node:test";

import { ERRNO, O_NONBLOCK, O_RDWR, POLLIN, POLLOUT } from "../../polyfills/numbers.ts";
import { CharDevice, type DeviceOps, openStream } from "../../polyfills/stdio/device.ts";
import { errnoOf } from "../../polyfills/files/errno.ts";
import type { EmscriptenFS, FSNode, FSStream, StreamOps } from "../../polyfills/files/fs.ts";
import { type NodeModules, nodeStdin } from "../../polyfills/stdio/node_stdio.ts";
import {
  consoleStdio,
  type OutputOptions,
  Stdio,
  type StdinOptions,
} from "../../polyfills/stdio/stdio.ts";
import { ioImports, WaitingIo } from "../../polyfills/stdio/waiting_io.ts";
import { httpImports, type HttpPlatform } from "../../polyfills/http/http.ts";

// ---- fakes --------------------------------------------------------------------------------------

class ErrnoError {
  name = "ErrnoError";
  cause: unknown;
  constructor(readonly errno: number) {}
}

class FakeFS {
  initialized = false;
  streams: (FSStream | null | undefined)[] = [];
  ErrnoError = ErrnoError;
  FSNode = class {
    node_ops = {};
    readonly #listeners = new Set<{ callback: (flags: number) => void }>();
    constructor(_parent: null, _name: string, readonly mode: number, _rdev: number) {}
    addListener(callback: (flags: number) => void): object {
      const entry = { callback };
      this.#listeners.add(entry);
      return { listeners: this.#listeners, entry };
    }
    notifyListeners(flags: number): void {
      for (const { callback } of this.#listeners) callback(flags);
    }
  } as unknown as EmscriptenFS["FSNode"];
  devices = new Map<number, StreamOps>();
  files = new Map<string, number>();

  createStream(stream: object): FSStream {
    let fd = 0;
    while (this.streams[fd]) fd += 1;
    return (this.streams[fd] = { ...(stream as FSStream), fd });
  }
  getStream(fd: number): FSStream | null | undefined {
    return this.streams[fd];
  }
  open(path: string, flags: number): FSStream {
    const dev = this.files.get(path);
    const ops = dev === undefined ? undefined : this.devices.get(dev);
    if (ops === undefined) throw new ErrnoError(ERRNO.ENOENT);
    const node = new this.FSNode(null, path, 0, 0) as FSNode;
    const stream = this.createStream({ node, flags, stream_ops: ops, seekable: true });
    ops.open?.(stream);
    return stream;
  }
  close(stream: FSStream): void {
    stream.stream_ops.close?.(stream);
    this.streams[stream.fd ?? -1] = null;
    stream.fd = null;
  }
  unlink(path: string): void {
    if (!this.files.delete(path)) throw new ErrnoError(ERRNO.ENOENT);
  }
  makedev(major: number, minor: number): number {
    return (major << 8) | minor;
  }
  registerDevice(dev: number, ops: StreamOps): void {
    this.devices.set(dev, ops);
  }
  mkdev(path: string, _mode: number, dev: number): FSNode {
    this.files.set(path, dev);
    return new this.FSNode(null, path, 0, dev);
  }
}

type Outcome = -1 | 0 | 1 | 2;

/** The scheduler and the C side (waiting_io.c) in one: makes calls that wait. */
class World {
  readonly FS = new FakeFS();
  readonly host = { FS: this.FS, HEAPU8: new Uint8Array(1024) };
  readonly wakers = new Map<number, (outcome: Outcome) => void>();
  readonly latched = new Set<number>();
  readonly io: WaitingIo;
  readonly #imports;
  #nextKey = 0x8000_0000;

  constructor() {
    this.io = new WaitingIo({
      newKey: () => this.#nextKey++,
      notify: (key) => {
        const wake = this.wakers.get(key);
        if (wake === undefined) this.latched.add(key);
        else wake(0);
      },
      forget: (key) => void this.latched.delete(key),
    });
    this.#imports = ioImports(this.host, this.io);
  }

  interrupt(): void {
    for (const wake of [...this.wakers.values()]) wake(2);
  }

  /** What waiting_io.c does around one system call; errors are errno numbers. */
  async call(fd: number, tryIt: () => number, canWait = true): Promise<number> {
    for (;;) {
      try {
        return tryIt();
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        if (error.errno !== ERRNO.EAGAIN) throw error.errno;
      }
      const key = this.#imports.io_pending(fd, canWait ? 1 : 0, 8) >>> 0;
      if (key === 0) throw ERRNO.EAGAIN;
      const limit = new DataView(this.host.HEAPU8.buffer).getFloat64(8, true);
      const outcome = canWait ? await this.#wait(key, limit) : -1;
      if (this.#imports.io_resume(key | 0, outcome) === 0) {
        throw ({ "-1": 200, 0: ERRNO.EAGAIN, 1: ERRNO.ETIMEDOUT, 2: ERRNO.EINTR })[outcome];
      }
    }
  }

  #wait(key: number, limit: number): Promise<Outcome> {
    if (this.latched.delete(key)) return Promise.resolve(0);
    return new Promise((resolve) => {
      const timer = limit < 0 ? undefined : setTimeout(() => done(1), limit);
      const done = (outcome: Outcome): void => {
        clearTimeout(timer);
        this.wakers.delete(key);
        resolve(outcome);
      };
      this.wakers.set(key, done);
    });
  }

  async read(fd: number, size = 100, canWait = true): Promise<string> {
    const buffer = new Int8Array(size + 3); // FS passes the heap as an Int8Array, at an offset
    const count = await this.call(fd, () => {
      const stream = this.FS.getStream(fd);
      if (!stream) throw new ErrnoError(ERRNO.EBADF);
      return stream.stream_ops.read?.(stream, buffer, 3, size) ?? -1;
    }, canWait);
    return Buffer.from(buffer.buffer, 3, count).toString("latin1");
  }

  async readAll(fd: number): Promise<string> {
    let all = "";
    for (let part = await this.read(fd); part !== ""; part = await this.read(fd)) all += part;
    return all;
  }

  write(fd: number, text: string | Uint8Array, canWait = true): Promise<number> {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    const buffer = new Int8Array([0, 0, 0, ...bytes]);
    return this.call(fd, () => {
      const stream = this.FS.getStream(fd);
      if (!stream) throw new ErrnoError(ERRNO.EBADF);
      return stream.stream_ops.write?.(stream, buffer, 3, bytes.length) ?? -1;
    }, canWait);
  }

  open(ops: DeviceOps, flags = O_RDWR): number {
    return openStream(this.host as never, this.io, ops, flags).fd;
  }

  device(ops: DeviceOps): { fd: number; device: CharDevice } {
    return openStream(this.host as never, this.io, ops);
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const rejectsWith = (promise: Promise<unknown>, errno: number): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.equal(error, errno);
    return true;
  });

// ---- errno --------------------------------------------------------------------------------------

test("errors are mapped by code, then by errno, then to the fallback", () => {
  assert.equal(errnoOf({ code: "EPIPE", errno: -32 }), ERRNO.EPIPE);
  assert.equal(errnoOf(new ErrnoError(ERRNO.ENXIO)), ERRNO.ENXIO);
  assert.equal(errnoOf({ errno: -11 }), ERRNO.EIO);
  assert.equal(errnoOf({ code: "toString" }), ERRNO.EIO);
  assert.equal(errnoOf(undefined, 7), 7);
});

// ---- device: reading ----------------------------------------------------------------------------

test("a synchronous read never waits and keeps what was not asked for", async () => {
  const world = new World();
  const chunks = [bytes("hello"), bytes("you")];
  const fd = world.open({ pull: () => chunks.shift() ?? null });
  assert.equal(await world.read(fd, 2), "he");
  assert.equal(await world.read(fd, 0), "");
  assert.equal(await world.read(fd, 100), "llo");
  assert.equal(await world.read(fd), "you");
  assert.equal(await world.read(fd), "");
  assert.equal(world.io.waiting, 0);
});

test("a read waits for a promise, and end of file comes through one", async () => {
  const world = new World();
  const line = deferred<Uint8Array | null>();
  const end = deferred<null>();
  const answers = [line.promise, end.promise];
  const fd = world.open({ pull: () => answers.shift() ?? null });
  const reading = world.read(fd, 3);
  await tick();
  assert.equal(world.io.waiting, 1);
  line.resolve(bytes("abcde"));
  assert.equal(await reading, "abc");
  assert.equal(await world.read(fd), "de");
  const atEnd = world.read(fd);
  end.resolve(null);
  assert.equal(await atEnd, "");
  assert.equal(world.io.waiting, 0);
  assert.equal(world.latched.size, 0);
});

test("an interrupted read loses nothing: the next one gets the bytes", async () => {
  const world = new World();
  const line = deferred<Uint8Array>();
  let pulls = 0;
  const fd = world.open({ pull: () => (pulls++, line.promise) });
  const reading = world.read(fd);
  await tick();
  world.interrupt();
  await rejectsWith(reading, ERRNO.EINTR);
  line.resolve(bytes("kept"));
  await tick();
  assert.equal(world.latched.size, 0, "nobody waits, so nothing may be latched");
  assert.equal(await world.read(fd), "kept");
  assert.equal(pulls, 1);
});

test("a reader that cannot wait fails, and the bytes stay", async () => {
  const world = new World();
  const fd = world.open({ pull: () => Promise.resolve(bytes("later")) });
  await rejectsWith(world.read(fd, 100, false), 200);
  await tick();
  assert.equal(await world.read(fd, 100, false), "later");
});

test("a reader that cannot wait is served by pullSync, without starting the other kind", async () => {
  const world = new World();
  let asked = 0;
  const fd = world.open({
    pull: () => (asked++, Promise.resolve(bytes("async"))),
    pullSync: (max) => bytes("sync").subarray(0, max),
  });
  assert.equal(await world.read(fd, 100, false), "sync");
  assert.equal(asked, 0);
  assert.equal(await world.read(fd, 100), "async");
});

test("a non-blocking descriptor gets EAGAIN at once and the data when it is there", async () => {
  const world = new World();
  const data = deferred<Uint8Array>();
  const fd = world.open({ pull: () => data.promise }, O_RDWR | O_NONBLOCK);
  await rejectsWith(world.read(fd), ERRNO.EAGAIN);
  assert.equal(world.io.waiting, 0);
  data.resolve(bytes("now"));
  await tick();
  assert.equal(await world.read(fd), "now");
});

test("a time limit ends a read, and the data is still delivered afterwards", async () => {
  const world = new World();
  const data = deferred<Uint8Array>();
  const fd = world.open({ pull: () => data.promise, timeoutMs: () => 5 });
  await rejectsWith(world.read(fd), ERRNO.ETIMEDOUT);
  data.resolve(bytes("late"));
  await tick();
  assert.equal(await world.read(fd), "late");
});

test("two readers share one pull; the second asks again", async () => {
  const world = new World();
  const answers = [deferred<Uint8Array>(), deferred<Uint8Array>()];
  let pulls = 0;
  const fd = world.open({ pull: () => answers[pulls++]!.promise });
  const both = [world.read(fd), world.read(fd)];
  await tick();
  assert.equal(pulls, 1);
  answers[0]!.resolve(bytes("one"));
  await tick();
  assert.equal(pulls, 2);
  answers[1]!.resolve(bytes("two"));
  assert.deepEqual((await Promise.all(both)).sort(), ["one", "two"]);
});

test("errors of a handler become errnos; unknown ones are EIO and told", async () => {
  const world = new World();
  const told: unknown[] = [];
  const boom = new Error("boom");
  const failures: unknown[] = [{ code: "EPIPE" }, new ErrnoError(ERRNO.ENXIO), boom];
  const fd = world.open({
    pull: () => Promise.reject(failures.shift()),
    onError: (error) => told.push(error),
  });
  await rejectsWith(world.read(fd), ERRNO.EPIPE);
  await rejectsWith(world.read(fd), ERRNO.ENXIO);
  await rejectsWith(world.read(fd), ERRNO.EIO);
  assert.deepEqual(told, [boom]);
});

test("a handler that says EAGAIN is asked again; a non-blocking reader is told", async () => {
  const world = new World();
  let asked = 0;
  const pull = (): Uint8Array => {
    if (++asked < 3) throw { code: "EAGAIN" };
    return bytes("third");
  };
  assert.equal(await world.read(world.open({ pull })), "third");
  asked = 0;
  assert.equal(await world.read(world.open({ pull }), 100, false), "third");
  asked = 0;
  await rejectsWith(world.read(world.open({ pull }, O_NONBLOCK)), ERRNO.EAGAIN);
  asked = 0;
  const asyncPull = async (): Promise<Uint8Array> => pull();
  assert.equal(await world.read(world.open({ pull: asyncPull })), "third");
});

test("a descriptor closed while somebody reads wakes the reader", async () => {
  const world = new World();
  let closed = 0;
  const fd = world.open({ pull: () => new Promise<null>(() => undefined), close: () => closed++ });
  const reading = world.read(fd);
  await tick();
  world.FS.close(world.FS.getStream(fd)!);
  await rejectsWith(reading, ERRNO.EBADF);
  assert.equal(closed, 1);
});

test("a duplicated descriptor keeps the device open", () => {
  const world = new World();
  let closed = 0;
  const fd = world.open({ pull: () => null, close: () => closed++ });
  const stream = world.FS.getStream(fd)!;
  const copy = world.FS.createStream(stream);
  copy.stream_ops.dup?.(copy);
  world.FS.close(stream);
  assert.equal(closed, 0);
  world.FS.close(copy);
  assert.equal(closed, 1);
});

test("a real EAGAIN of another descriptor does not find somebody else's wait", async () => {
  const world = new World();
  const fd = world.open({ pull: () => new Promise<null>(() => undefined) });
  const stream = world.FS.getStream(fd)!;
  assert.throws(() => stream.stream_ops.read?.(stream, new Int8Array(1), 0, 1)); // offered, not taken
  assert.equal(world.io.begin(fd + 1, true), undefined);
});

test("poll fetches ahead and reports what it found", async () => {
  const world = new World();
  const data = deferred<Uint8Array>();
  const fd = world.open({ pull: () => data.promise, push: () => new Promise(() => undefined) });
  const stream = world.FS.getStream(fd)!;
  assert.equal(stream.stream_ops.poll?.(stream), POLLOUT);
  data.resolve(bytes("x"));
  await tick();
  assert.equal(stream.stream_ops.poll?.(stream), POLLIN | POLLOUT);
  assert.equal(await world.read(fd), "x");
});

// ---- device: writing ----------------------------------------------------------------------------

test("a synchronous write says how much was taken", async () => {
  const world = new World();
  const got: string[] = [];
  const fd = world.open({ push: (data) => (got.push(Buffer.from(data).toString()), Math.min(3, data.length)) });
  assert.equal(await world.write(fd, "abcde"), 3);
  assert.equal(await world.write(fd, "de"), 2);
  assert.equal(await world.write(fd, ""), 0);
  assert.deepEqual(got, ["abcde", "de"]);
});

test("a write waits for the handler's promise; a second writer waits its turn", async () => {
  const world = new World();
  const acks = [deferred<number>(), deferred<number>()];
  const got: string[] = [];
  const fd = world.open({ push: (data) => acks[got.push(Buffer.from(data).toString()) - 1]!.promise });
  const first = world.write(fd, "first");
  const second = world.write(fd, "second");
  await tick();
  assert.deepEqual(got, ["first"]);
  acks[0]!.resolve(2);
  assert.equal(await first, 2);
  await tick();
  assert.deepEqual(got, ["first", "second"]);
  acks[1]!.resolve(6);
  assert.equal(await second, 6);
  assert.equal(world.io.waiting, 0);
});

test("an interrupted write counts as written, is finished, and is not repeated", async () => {
  const world = new World();
  const acks = [deferred<number>(), deferred<number>(), deferred<number>()];
  const got: string[] = [];
  const fd = world.open({ push: (data) => acks[got.push(Buffer.from(data).toString()) - 1]!.promise });
  const writing = world.write(fd, "hello");
  await tick();
  world.interrupt();
  assert.equal(await writing, 5);
  const next = world.write(fd, "hello"); // the same text again is a new write
  acks[0]!.resolve(2);
  await tick();
  assert.deepEqual(got, ["hello", "llo"]);
  acks[1]!.resolve(3);
  await tick();
  assert.deepEqual(got, ["hello", "llo", "hello"]);
  acks[2]!.resolve(5);
  assert.equal(await next, 5);
});

test("a writer interrupted while it waits for its turn has written nothing", async () => {
  const world = new World();
  const got: string[] = [];
  const fd = world.open({ push: (data) => (got.push(Buffer.from(data).toString()), new Promise(() => undefined)) });
  void world.write(fd, "first");
  const second = world.write(fd, "second");
  await tick();
  [...world.wakers.values()].at(-1)!(2);
  await rejectsWith(second, ERRNO.EINTR);
  assert.deepEqual(got, ["first"]);
});

test("writers that cannot wait lose nothing and keep the order", async () => {
  const world = new World();
  const got: string[] = [];
  const fd = world.open({
    push: async (data) => {
      await tick();
      got.push(Buffer.from(data).toString());
      return data.length;
    },
  });
  for (const text of ["a", "b", "c"]) assert.equal(await world.write(fd, text, false), 1);
  assert.equal(await world.write(fd, "d"), 1);
  assert.deepEqual(got, ["a", "b", "c", "d"]);
});

test("a failure of a write that was already reported is told by the next one, once", async () => {
  const world = new World();
  let fail = true;
  const fd = world.open({
    push: (data) => (fail ? Promise.reject({ code: "EPIPE" }) : data.length),
  });
  assert.equal(await world.write(fd, "gone", false), 4);
  await tick();
  fail = false;
  await rejectsWith(world.write(fd, "x"), ERRNO.EPIPE);
  assert.equal(await world.write(fd, "x"), 1);
});

test("a rejected write fails with its errno; a wrong count is EIO and told", async () => {
  const world = new World();
  const told: unknown[] = [];
  const results: unknown[] = [Promise.reject({ code: "ENOSPC" }), undefined, Promise.resolve(99), -1];
  const fd = world.open({
    push: () => results.shift() as number,
    onError: (error) => told.push((error as Error).name),
  });
  await rejectsWith(world.write(fd, "abc"), ERRNO.ENOSPC);
  for (let index = 0; index < 3; index++) await rejectsWith(world.write(fd, "abc"), ERRNO.EIO);
  assert.deepEqual(told, ["TypeError", "TypeError", "TypeError"]);
});

test("a handler that takes nothing is asked again", async () => {
  const world = new World();
  const results: (number | Promise<number>)[] = [0, Promise.resolve(0), 3];
  const fd = world.open({ push: () => results.shift()! });
  assert.equal(await world.write(fd, "abc"), 3);
});

test("a non-blocking write is taken at once, the one after it gets EAGAIN", async () => {
  const world = new World();
  const ack = deferred<number>();
  const got: string[] = [];
  const fd = world.open({
    push: (data) => (got.push(Buffer.from(data).toString()), got.length === 1 ? ack.promise : data.length),
  }, O_RDWR | O_NONBLOCK);
  assert.equal(await world.write(fd, "abc"), 3);
  await rejectsWith(world.write(fd, "def"), ERRNO.EAGAIN);
  ack.resolve(1);
  await tick();
  assert.deepEqual(got, ["abc", "bc"]);
  assert.equal(await world.write(fd, "def"), 3);
});

// ---- stdio --------------------------------------------------------------------------------------

function stdio(): { world: World; set: Stdio; logged: string[]; warned: string[] } {
  const world = new World();
  const logged: string[] = [];
  const warned: string[] = [];
  const out = {
    log: (text: string) => void logged.push(text),
    warn: (...texts: unknown[]) => void warned.push(texts.map(String).join(" ")),
  };
  const set = new Stdio(world.host as never, world.io, consoleStdio(out), out);
  set.install();
  return { world, set, logged, warned };
}

async function input(options: StdinOptions | (() => string | null), reads: number): Promise<string[]> {
  const { world, set } = stdio();
  set.setStdin(options);
  const got: string[] = [];
  for (let index = 0; index < reads; index++) got.push(await world.read(0));
  return got;
}

test("line handlers: a newline is appended when missing, null is end of file, then it goes on", async () => {
  const lines = ["one", "two\n", null, "three"];
  assert.deepEqual(await input(() => lines.shift() ?? null, 5), ["one\n", "two\n", "", "three\n", ""]);
  const later = ["one", null];
  assert.deepEqual(await input({ stdin: async () => later.shift() }, 2), ["one\n", ""]);
});

test("buffers are given as they are, followed by end of file unless they end a line or autoEOF is off", async () => {
  const items = (): (Uint8Array | ArrayBuffer)[] => [bytes("ab"), bytes("cd\n").buffer as ArrayBuffer, bytes("e")];
  const first = items();
  assert.deepEqual(await input({ stdin: () => first.shift() }, 5), ["ab", "", "cd\n", "e", ""]);
  const second = items();
  assert.deepEqual(await input({ stdin: () => second.shift(), autoEOF: false }, 2), ["abcd\ne", ""]);
});

test("without automatic ends of file a read goes on to its length or to null, which ends a read with data", async () => {
  const read = async (items: (string | Uint8Array | number | null)[], ...lengths: number[]): Promise<string[]> => {
    const found: string[] = [];
    for (const isAsync of [false, true]) {
      const left = [...items];
      const next = (): never => (left.shift() ?? null) as never;
      const { world, set } = stdio();
      set.setStdin({ stdin: isAsync ? async () => next() : next, autoEOF: false });
      const got: string[] = [];
      for (const length of lengths) got.push(await world.read(0, length));
      found.push(got.join("|"));
    }
    return found;
  };
  const twice = (text: string): string[] => [text, text];
  assert.deepEqual(await read(["red", "green", null, "blue"], 99, 99, 99), twice("red\ngreen\n|blue\n|"));
  assert.deepEqual(await read([bytes("he"), bytes("y"), null, bytes("you")], 4, 1, 4, 9), twice("hey|y|ou|"));
  assert.deepEqual(await read(["abcdef"], 2, 3, 9, 9), twice("ab|cde|f\n|"));
  assert.deepEqual(await read([97, 10, 98, null], 9, 9), twice("a\nb|"));
});

test("a number is one byte; bytes are collected to the end of the line", async () => {
  const codes = [..."hi\nyo"].map((letter) => letter.charCodeAt(0));
  assert.deepEqual(await input({ stdin: () => codes.shift() }, 4), ["hi\n", "yo", "", ""]);
  const later = [0x78, 0xff, 10];
  assert.deepEqual(await input({ stdin: async () => later.shift() }, 2), ["x\xff\n", ""]);
});

test("bytes followed by a line lose neither", async () => {
  const items = [0x61, "bc", null];
  assert.deepEqual(await input({ stdin: () => items.shift() }, 2), ["abc\n", ""]);
});

test("read handlers fill the buffer, sync or async; this is the options", async () => {
  const options: StdinOptions & { text: string } = {
    text: "abc",
    read(buffer) {
      return new TextEncoder().encodeInto((this as typeof options).text, buffer).written;
    },
  };
  assert.deepEqual(await input(options, 1), ["abc"]);
  const later: StdinOptions = {
    read: async (buffer) => {
      await tick();
      buffer[0] = 122;
      return 1;
    },
  };
  assert.deepEqual(await input(later, 2), ["z", "z"]);
});

test("an unusable answer of a stdin handler is EIO, with a message", async () => {
  const { world, set, warned } = stdio();
  for (const options of [
    { stdin: () => ({}) as never },
    { stdin: () => new Float64Array(1) },
    { read: () => undefined as never },
    { read: () => 1000 },
  ]) {
    set.setStdin(options);
    await rejectsWith(world.read(0), ERRNO.EIO);
  }
  assert.equal(warned.length, 4);
  assert.match(warned[0]!, /stdin handler failed.*must return a string/);
  assert.equal(warned[2], "read returned undefined; a correct implementation must return a number");
});

test("error: true fails every read with EIO", async () => {
  const { world, set, warned } = stdio();
  set.setStdin({ error: true });
  await rejectsWith(world.read(0), ERRNO.EIO);
  await rejectsWith(world.read(0), ERRNO.EIO);
  assert.deepEqual(warned, []);
});

test("handlers that exclude each other are a TypeError and change nothing", async () => {
  const { world, set } = stdio();
  set.setStdin(() => "kept");
  const bad: (() => void)[] = [
    () => set.setStdin({ stdin: () => null, read: () => 0 }),
    () => set.setStdin({ read: () => 0, error: true }),
    () => set.setStdin({ read: () => 0, autoEOF: false }),
    () => set.setStdout({ batched: () => 0, raw: () => 0 }),
    () => set.setStdout({ batched: () => 0, write: () => 0 }),
    () => set.setStderr({ batched: () => 0, isatty: true }),
  ];
  const told = [
    ...Array<string>(2).fill("At most one of stdin, read, and error must be provided."),
    "The 'autoEOF' option can only be used with the 'stdin' option",
    ...Array<string>(2).fill("At most one of 'raw', 'batched', and 'write' must be passed"),
    "Cannot set 'isatty' to true unless 'raw' or 'write' is provided",
  ];
  bad.forEach((call, index) => assert.throws(call, { name: "TypeError", message: told[index]! }));
  assert.equal(await world.read(0), "kept\n");
});

test("without options the default comes back; a page's stdin is empty and says so once", async () => {
  const { world, set, warned } = stdio();
  set.setStdin(() => "x");
  set.setStdin();
  assert.equal(await world.read(0), "");
  assert.equal(await world.read(0), "");
  assert.equal(warned.length, 1);
  assert.match(warned[0]!, /no handler.*setStdin/);
});

test("a new stdin handler also serves a reader that waits for the old one", async () => {
  const { world, set } = stdio();
  set.setStdin({ stdin: () => new Promise(() => undefined) });
  const reading = world.read(0);
  await tick();
  set.setStdin(() => "from the new one");
  assert.equal(await reading, "from the new one\n");
});

async function output(options: OutputOptions, ...writes: (string | Uint8Array)[]): Promise<void> {
  const { world, set } = stdio();
  set.setStdout(options);
  for (const text of writes) {
    for (let left = typeof text === "string" ? bytes(text) : text; left.length > 0;) {
      left = left.subarray(await world.write(1, left));
    }
  }
  const stream = world.FS.getStream(1)!;
  stream.stream_ops.fsync?.(stream);
}

test("batched gets lines without newline and NUL, UTF-8 split anywhere, a part of a line when the turn ends", async () => {
  const lines: string[] = [];
  const [first, second] = [bytes("grün").subarray(0, 3), bytes("grün\n\n").subarray(3)];
  await output({ batched: (line) => lines.push(line) }, first!, second!, "a\0b\nc", "d", "\ue000\ufeff\nrest");
  assert.deepEqual(lines, ["gr", "ün", "", "ab", "c", "d", "\ue000\ufeff", "rest"]);
});

test("asynchronous line, byte and buffer handlers are waited for, in order", async () => {
  const lines: string[] = [];
  let busy = false;
  await output({
    batched: async (line) => {
      assert.equal(busy, false);
      busy = true;
      await tick();
      lines.push(line);
      busy = false;
    },
  }, "one\ntwo\nthr", "ee\n");
  assert.deepEqual(lines, ["one", "two", "thr", "ee"]);
  const raw: number[] = [];
  await output({ raw: (byte) => tick().then(() => raw.push(byte)) }, "abc");
  assert.deepEqual(raw, [97, 98, 99]);
  let written = "";
  await output({
    write: async (data) => {
      await tick();
      written += String.fromCharCode(data[0]!);
      return 1;
    },
  }, "xyz");
  assert.equal(written, "xyz");
});

test("a line handler that fails: the lines before it are written, then the error comes", async () => {
  const { world, set } = stdio();
  const lines: string[] = [];
  set.setStdout({
    batched(line) {
      if (line === "bad") throw { code: "ENOSPC" };
      lines.push(line);
    },
  });
  assert.equal(await world.write(1, "good\nbad\n"), 5);
  await rejectsWith(world.write(1, "bad\n"), ERRNO.ENOSPC);
  assert.deepEqual(lines, ["good"]);
});

test("isatty and the terminal's size follow the handler, also on open descriptors", () => {
  const { world, set } = stdio();
  const stream = world.FS.getStream(1)!;
  const size = (): unknown => stream.tty?.ops.ioctl_tiocgwinsz(stream.tty);
  assert.equal(size(), undefined);
  set.setStdout({ write: (data) => data.length, isatty: true, getTerminalSize: () => [5, 7] });
  assert.deepEqual(size(), [5, 7]);
  set.setStdout({ write: (data) => data.length });
  assert.equal(size(), undefined);
  assert.equal(stream.seekable, false);
});

test("the default output goes to the console by line; replacing it shows what was left", async () => {
  const { world, set, logged, warned } = stdio();
  await world.write(1, "out\nle");
  await world.write(2, "err\n");
  set.setStdout({ raw: () => undefined });
  assert.deepEqual(logged, ["out", "le"]);
  assert.deepEqual(warned, ["err"]);
  await world.write(2, "end");
  set.destroy();
  assert.deepEqual(warned, ["err", "end"]);
});

test("the controlling terminal exists exactly when stdin is one", () => {
  const { world, set } = stdio();
  world.FS.files.set("/dev/tty", world.FS.makedev(5, 0));
  assert.throws(() => world.FS.open("/dev/tty", O_RDWR), (error) => (error as ErrnoError).errno === ERRNO.ENXIO);
  set.setStdin({ stdin: () => "x", isatty: true });
  assert.ok(world.FS.open("/dev/tty", O_RDWR).tty);
});

class FakeReadable {
  readableEnded = false;
  destroyed = false;
  referenced = 0;
  chunks: Uint8Array[] = [];
  listeners = new Map<string, (argument: unknown) => void>();
  read(): Uint8Array | null {
    return this.chunks.shift() ?? null;
  }
  on(event: string, listener: (argument: unknown) => void): this {
    this.listeners.set(event, listener);
    return this;
  }
  emit(event: string, argument?: unknown): void {
    this.listeners.get(event)?.(argument);
  }
  ref(): void {
    this.referenced += 1;
  }
  unref(): void {
    this.referenced -= 1;
  }
}

test("Node's stdin is awaited, keeps the process alive only while it is, and is read directly otherwise", async () => {
  const stdin = new FakeReadable();
  const direct = ["direct"];
  const node: NodeModules = {
    process: { stdin, stdout: {} },
    fs: {
      readSync: (_fd, buffer) => new TextEncoder().encodeInto(direct.shift() ?? "", buffer).written,
      writeSync: (_fd, buffer) => buffer.length,
    },
    tty: { isatty: () => false },
  };
  const world = new World();
  const fd = world.open(nodeStdin(node));
  assert.equal(await world.read(fd, 100, false), "direct");
  assert.equal(stdin.listeners.size, 0, "process.stdin must not be touched by a direct read");
  const reading = world.read(fd);
  await tick();
  assert.equal(stdin.referenced, 1);
  stdin.chunks.push(bytes("typed"));
  stdin.emit("readable");
  assert.equal(await reading, "typed");
  assert.equal(stdin.referenced, 0);
  stdin.chunks.push(bytes("buffered"));
  assert.equal(await world.read(fd, 100, false), "buffered");
  const failing = world.read(fd);
  await tick();
  stdin.emit("error", { code: "EBADF" });
  await rejectsWith(failing, ERRNO.EBADF);
  const end = world.read(fd);
  await tick();
  stdin.emit("end");
  assert.equal(await end, "");
  assert.equal(await world.read(fd, 100, false), "");
});

// ---- HTTP ---------------------------------------------------------------------------------------

interface Sent {
  url: string;
  init: RequestInit;
}

function http(
  answer: (sent: Sent) => Promise<Response> | Response,
  overrides: Partial<HttpPlatform> = {},
): { world: World; sent: Sent[]; request: (method: string, url: string, headers?: [string, string][], body?: string) => number; error: (fd: number) => { kind: string; code: string; message: string } | null; absolute: (address: string, capacity?: number) => { size: number; text: string }; setTimeout: (fd: number, ms: number) => number } {
  const world = new World();
  const sent: Sent[] = [];
  const imports = httpImports(world.host as never, world.io, {
    fetch: async (url, init) => {
      sent.push({ url, init });
      init.signal?.throwIfAborted();
      return answer({ url, init });
    },
    redirects: "manual",
    dropped: new Set(["connection", "content-length"]),
    allHeaders: true,
    base: () => undefined,
    ...overrides,
  });
  const heap = world.host.HEAPU8;
  return {
    world,
    sent,
    request(method, url, headers = [], body = "") {
      const json = bytes(JSON.stringify({ method, url, headers, timeout_ms: -1 }));
      heap.set(json, 16);
      heap.set(bytes(body), 512);
      return imports.http_open(16, json.length, 512, body.length);
    },
    error(fd) {
      const size = imports.http_error(fd, 16, 900);
      return size === 0 ? null : JSON.parse(Buffer.from(heap.subarray(16, 16 + size)).toString());
    },
    absolute(address, capacity = 400) {
      const text = bytes(address);
      heap.set(text, 16);
      heap.fill(0, 512, 912);
      const size = imports.http_absolute(16, text.length, 512, capacity);
      return { size, text: Buffer.from(heap.subarray(512, 912)).toString().replace(/\0+$/, "") };
    },
    setTimeout: (fd, ms) => imports.http_timeout(fd, ms),
  };
}

const nodeError = (code: string, message = code): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });

test("a response is a head and the body's bytes", async () => {
  const { world, sent, request } = http(() =>
    new Response("hello", {
      status: 404, statusText: "Gone Fishing",
      headers: [["content-length", "5"], ["set-cookie", "a=1"], ["set-cookie", "b=2"], ["keep-alive", "timeout=5"]],
    }));
  const fd = request("POST", "http://x.test/p?q", [["Host", "x.test"], ["Content-Length", "3"], ["X-Y", "z"]], "abc");
  assert.equal(await world.readAll(fd), [
    "HTTP/1.1 404 Gone Fishing", "Content-Length: 5", "Content-Type: text/plain;charset=UTF-8",
    "Set-Cookie: a=1", "Set-Cookie: b=2", "Connection: close", "", "hello",
  ].join("\r\n"));
  assert.equal(sent[0]?.url, "http://x.test/p?q");
  assert.deepEqual(sent[0]?.init.headers, [["X-Y", "z"]]);
  assert.equal(Buffer.from(sent[0]?.init.body as Uint8Array).toString(), "abc");
});

test("a decoded body gets chunks instead of its old length and coding", async () => {
  const { world, request } = http(() =>
    new Response("plain", { headers: { "content-encoding": "gzip", "content-length": "99", "content-type": "t/x" } }));
  assert.equal(await world.readAll(request("GET", "http://x.test/")), [
    "HTTP/1.1 200 ", "Content-Type: t/x", "Transfer-Encoding: chunked", "Connection: close", "",
    "5", "plain", "0", "", "",
  ].join("\r\n"));
});

test("HEAD and statuses without a body keep their headers and have no body", async () => {
  const { world, request } = http(({ init }) =>
    new Response(null, {
      status: init.method === "HEAD" ? 200 : 304,
      headers: { "content-length": "7", "content-encoding": "gzip" },
    }));
  for (const [method, status] of [["HEAD", "200"], ["GET", "304"]] as const) {
    assert.equal(await world.readAll(request(method, "http://x.test/")),
      `HTTP/1.1 ${status} \r\nContent-Encoding: gzip\r\nContent-Length: 7\r\nConnection: close\r\n\r\n`);
  }
});

test("a body is fetched chunk by chunk, only when it is read", async () => {
  let pulled = 0;
  const { world, request } = http(() =>
    new Response(new ReadableStream({
      pull(controller) {
        pulled += 1;
        if (pulled > 100) controller.close();
        else controller.enqueue(pulled === 2 ? new Uint8Array(0) : bytes("x".repeat(50)));
      },
    }, { highWaterMark: 0 })));
  const fd = request("GET", "http://x.test/");
  assert.match(await world.read(fd), /^HTTP/);
  assert.equal(pulled, 0);
  assert.equal((await world.read(fd)).length, 50);
  assert.equal((await world.read(fd)).length, 50); // an empty chunk is not the end
  assert.equal(pulled, 3);
});

test("closing the descriptor aborts the request", async () => {
  const signals: AbortSignal[] = [];
  const { world, request, error } = http(({ init }) => {
    signals.push(init.signal!);
    return new Promise((_resolve, reject) => init.signal!.addEventListener("abort", () => reject(init.signal!.reason)));
  });
  const fd = request("GET", "http://x.test/");
  await tick();
  world.FS.close(world.FS.getStream(fd)!);
  await tick();
  assert.equal(signals[0]?.aborted, true);
  assert.equal(error(fd), null);
});

test("failures say what they mean; a connection closed without an answer is an end of file", async () => {
  const cases: [Error, string, string][] = [
    [nodeError("ECONNREFUSED"), "os", "ECONNREFUSED"],
    [new TypeError("fetch failed", { cause: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }) }), "os", "ECONNREFUSED"],
    [nodeError("ENOTFOUND"), "dns", "ENOTFOUND"],
    [nodeError("EAI_AGAIN"), "dns", "EAI_AGAIN"],
    [nodeError("ECONNRESET"), "reset", "ECONNRESET"],
    [nodeError("UND_ERR_CONNECT_TIMEOUT"), "os", "ETIMEDOUT"],
    [nodeError("DEPTH_ZERO_SELF_SIGNED_CERT"), "tls", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    [nodeError("HPE_INVALID_CONSTANT"), "protocol", "HPE_INVALID_CONSTANT"],
    [new TypeError("Failed to fetch"), "fetch", ""],
  ];
  for (const [failure, kind, code] of cases) {
    const { world, request, error } = http(() => Promise.reject(failure));
    const fd = request("GET", "http://x.test/");
    await rejectsWith(world.read(fd), code in ERRNO ? ERRNO[code as keyof typeof ERRNO] : ERRNO.EIO);
    assert.deepEqual([error(fd)?.kind, error(fd)?.code], [kind, code]);
  }
  const closed = http(() => Promise.reject(nodeError("UND_ERR_SOCKET", "other side closed")));
  assert.equal(await closed.world.read(closed.request("GET", "http://x.test/")), "");
  const unsupported = http(() => new Response());
  for (const [method, body] of [["GET", "x"], ["TRACE", ""]] as const) {
    const fd = unsupported.request(method, "http://x.test/", [], body);
    await rejectsWith(unsupported.world.read(fd), ERRNO.EIO);
    assert.equal(unsupported.error(fd)?.kind, "unsupported");
  }
  assert.equal(unsupported.sent.length, 0);
});

test("a body that breaks off never looks complete", async () => {
  const broken = (headers: Record<string, string>): Response =>
    new Response(new ReadableStream({
      start: (controller) => controller.enqueue(bytes("half")),
      pull: (controller) => controller.error(nodeError("UND_ERR_SOCKET")),
    }), { headers });
  const counted = http(() => broken({ "content-length": "9" }));
  assert.match(await counted.world.readAll(counted.request("GET", "http://x.test/")), /Content-Length: 9[^]*\r\n\r\nhalf$/);
  const chunked = http(() => broken({ "transfer-encoding": "chunked" }));
  assert.match(await chunked.world.readAll(chunked.request("GET", "http://x.test/")), /\r\n\r\n4\r\nhalf\r\n$/);
  const page = http(() => new Response(new ReadableStream({
    start: (controller) => controller.enqueue(bytes("half")),
    pull: (controller) => controller.error(new TypeError("network error")),
  })), { allHeaders: false });
  assert.match(await page.world.readAll(page.request("GET", "http://x.test/")), /\r\n\r\n4\r\nhalf\r\n$/);
  const bare = http(() => broken({}));
  const fd = bare.request("GET", "http://x.test/");
  await bare.world.read(fd);
  assert.equal(await bare.world.read(fd), "half");
  await rejectsWith(bare.world.read(fd), ERRNO.EIO);
  assert.equal(bare.error(fd)?.kind, "reset");
});

test("each read may wait as long as was set", async () => {
  const { world, request, setTimeout: limit } = http(() => new Promise(() => undefined));
  const fd = request("GET", "http://x.test/");
  assert.equal(limit(fd, 5), 0);
  await rejectsWith(world.read(fd), ERRNO.ETIMEDOUT);
  assert.equal(limit(99, 5), ERRNO.EBADF);
});

test("a followed redirect is shown as a 303 whose target is then served without a second request", async () => {
  const { world, sent, request } = http(() => {
    const response = new Response("there", { headers: { "content-length": "5" } });
    Object.defineProperty(response, "redirected", { value: true });
    Object.defineProperty(response, "url", { value: "http://x.test/new" });
    return response;
  }, { redirects: "follow", allHeaders: false });
  const headers: [string, string][] = [["User-agent", "Python-urllib/3.13"], ["User-Agent", "mine"]];
  const first = request("POST", "http://x.test/old", headers, "data");
  assert.equal(await world.readAll(first),
    "HTTP/1.1 303 See Other\r\nLocation: http://x.test/new\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  world.FS.close(world.FS.getStream(first)!);
  assert.equal(sent[0]?.init.signal?.aborted, false);
  assert.deepEqual(sent[0]?.init.headers, [["User-Agent", "mine"]]);
  const second = request("GET", "http://x.test:80/new#part", headers); // with others it is another's request
  assert.match(await world.readAll(second), /^HTTP\/1.1 200 [^]*Transfer-Encoding: chunked[^]*5\r\nthere\r\n0\r\n\r\n$/);
  assert.equal(sent.length, 1);
  world.FS.close(world.FS.getStream(second)!);
  assert.equal(sent[0]?.init.signal?.aborted, true);
  assert.match(await world.read(request("GET", "http://x.test/new")), /303/);
  assert.equal(sent.length, 2);
});

test("a browser's silence about the reason is explained", async () => {
  const { world, request, error } = http(() => Promise.reject(new TypeError("Failed to fetch")), { allHeaders: false });
  const fd = request("GET", "http://x.test/");
  await rejectsWith(world.read(fd), ERRNO.EIO);
  assert.match(error(fd)!.message, /^Failed to fetch \(.*CORS/);
});

test("a relative address means what it means to fetch", () => {
  const { absolute } = http(() => new Response(), { base: () => "https://me:word@x.test/a/b.html?c#d" });
  for (const [address, whole] of [
    ["data.json", "https://x.test/a/data.json"],
    ["../é ü", "https://x.test/%C3%A9%20%C3%BC"],
    ["//y.test/z", "https://y.test/z"],
    ["?q", "https://x.test/a/b.html?q"],
    ["//", "//"], // what is no address is left to the caller
  ] as const) {
    assert.deepEqual(absolute(address), { size: whole.length, text: whole });
  }
  assert.deepEqual(absolute("data.json", 9), { size: 26, text: "https://x" });
});

test("without a page of http nothing is relative", () => {
  for (const base of [undefined, "about:blank", "blob:https://x.test/1-2", "file:///a/b.html"]) {
    const { absolute } = http(() => new Response(), { base: () => base });
    assert.deepEqual(absolute("data.json"), { size: 0, text: "" });
  }
});

test("no free descriptor is a negative errno, and nothing is left open", async () => {
  const { world, request, sent } = http(() => new Response());
  world.FS.createStream = () => {
    throw new ErrnoError(ERRNO.EMFILE);
  };
  assert.equal(request("GET", "http://x.test/"), -ERRNO.EMFILE);
  await tick();
  assert.equal(sent.every(({ init }) => init.signal?.aborted), true);
});

