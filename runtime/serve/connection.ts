/*
 * JavaScript's end of a connection to a server inside, with promises. Used by http1.ts and websocket.ts.
 */

import { listen } from "../../polyfills/files/anonymous.ts";
import { EWAIT, SHUT_WR } from "../../polyfills/numbers.ts";
import type { InnerStream } from "../../polyfills/sockets/transport.ts";

const PIECE = 65536;
const LONGEST_HEAD = 1 << 18;

/** One connection. */
export class Connection {
  readonly #stream: InnerStream;
  /** Bytes that were read and not used. */
  #ready = new Uint8Array(0);

  constructor(stream: InnerStream) {
    this.#stream = stream;
  }

  /** @throws TypeError when the server has closed the connection, as fetch() does. */
  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const count = this.#stream.send(rest, 0, undefined);
      if (count === -EWAIT) await this.#changed();
      else if (count < 0) throw new TypeError("the server has closed the connection");
      else rest = rest.subarray(count);
    }
  }

  /** The next bytes; null at the end. @throws TypeError when the connection broke. */
  async read(): Promise<Uint8Array | null> {
    if (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = new Uint8Array(0);
      return ready;
    }
    for (;;) {
      const piece = new Uint8Array(Math.min(PIECE, Math.max(1, this.#stream.available)));
      const { count } = this.#stream.receive(piece, 0);
      if (count > 0) return piece.subarray(0, count);
      if (count === 0) return null;
      if (count !== -EWAIT) throw new TypeError("the server has broken the connection");
      await this.#changed();
    }
  }

  /** Exactly so many bytes. @throws TypeError when there are fewer. */
  async readExactly(size: number): Promise<Uint8Array> {
    const all = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const part = await this.read();
      if (part === null) throw new TypeError("the server has closed the connection too early");
      const used = part.subarray(0, size - at);
      all.set(used, at);
      at += used.length;
      if (used.length < part.length) this.unread(part.subarray(used.length));
    }
    return all;
  }

  /** Text up to `end`, which is taken, too. @throws TypeError when it does not come. */
  async readUntil(end: string): Promise<string> {
    let text = "";
    for (;;) {
      const part = await this.read();
      if (part === null) throw new TypeError("the server has closed the connection too early");
      const before = text.length;
      text += latin1(part);
      const at = text.indexOf(end, Math.max(0, before - end.length));
      if (at >= 0) {
        this.unread(part.subarray(at + end.length - before));
        return text.slice(0, at);
      }
      if (text.length > LONGEST_HEAD) throw new TypeError("the server's answer has no end of its head");
    }
  }

  unread(bytes: Uint8Array): void {
    const all = new Uint8Array(bytes.length + this.#ready.length);
    all.set(bytes);
    all.set(this.#ready, bytes.length);
    this.#ready = all;
  }

  /** No more will be written. */
  end(): void {
    this.#stream.shutdown(SHUT_WR);
  }

  close(): void {
    this.#stream.close();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const stop = listen(this.#stream.node, () => {
        stop();
        resolve();
      });
    });
  }
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
