/*
 * A WebSocket to a server inside (RFC 6455, its client), with the interface of the engine's. Made by serve.ts.
 *
 * Invariants
 *  1. Messages are sent in the order of send(), each as a whole frame.
 *  2. "close" is fired once, last.
 */

import type { Connection } from "./connection.ts";
import { exchange } from "./http1.ts";

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const NORMAL = 1000;
const NO_STATUS = 1005;
const BROKEN = 1006;
const LARGEST_MESSAGE = 1 << 28;

/** The events that have an on... property. */
type Handler = ((event: Event) => void) | null;

/** A WebSocket to a server inside. */
export class ServedSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly url: string;
  protocol = "";
  readonly extensions = "";
  readyState = ServedSocket.CONNECTING;
  bufferedAmount = 0;
  binaryType: BinaryType = "blob";
  onopen: Handler = null;
  onmessage: Handler = null;
  onerror: Handler = null;
  onclose: Handler = null;
  #connection: Connection | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(url: URL, protocols: readonly string[], cookies: string, open: () => Connection) {
    super();
    this.url = url.href.replace(/^http/, "ws");
    void this.#run(url, protocols, cookies, open);
  }

  /** @throws DOMException InvalidStateError before "open". */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.readyState === ServedSocket.CONNECTING) throw new DOMException("the WebSocket is not open yet", "InvalidStateError");
    if (this.readyState !== ServedSocket.OPEN) return;
    if (typeof data === "string") this.#frame(TEXT, new TextEncoder().encode(data));
    else if (data instanceof Blob) this.#frame(BINARY, data.arrayBuffer().then((buffer) => new Uint8Array(buffer)));
    else if (ArrayBuffer.isView(data)) this.#frame(BINARY, new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice());
    else this.#frame(BINARY, new Uint8Array(data.slice(0)));
  }

  close(code = NORMAL, reason = ""): void {
    if (this.readyState >= ServedSocket.CLOSING) return;
    this.readyState = ServedSocket.CLOSING;
    if (this.#connection !== undefined) this.#frame(CLOSE, closePayload(code, reason));
  }

  async #run(url: URL, protocols: readonly string[], cookies: string, open: () => Connection): Promise<void> {
    let end = { code: BROKEN, reason: "" };
    let connection: Connection | undefined;
    try {
      await Promise.resolve(); // so that who made it can add listeners
      connection = open();
      await this.#greet(connection, url, protocols, cookies);
      end = await this.#receive(connection);
    } catch {
      this.#fire("error", new Event("error"));
    }
    this.readyState = ServedSocket.CLOSED;
    await this.#sending.catch(() => undefined);
    connection?.close();
    this.#fire("close", closeEvent(end.code, end.reason));
  }

  async #greet(connection: Connection, url: URL, protocols: readonly string[], cookies: string): Promise<void> {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const headers: [string, string][] = [
      ["Host", url.host],
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Version", "13"],
      ["Sec-WebSocket-Key", key],
      ["Origin", url.origin],
    ];
    if (protocols.length > 0) headers.push(["Sec-WebSocket-Protocol", protocols.join(", ")]);
    if (cookies !== "") headers.push(["Cookie", cookies]);
    const answer = await exchange(connection, { method: "GET", target: url.pathname + url.search, headers, body: new Uint8Array(0) });
    if (answer.status !== 101) throw new TypeError(`the server answers ${answer.status}`);
    this.protocol = answer.headers.find(([name]) => /^sec-websocket-protocol$/i.test(name))?.[1] ?? "";
    if (this.readyState === ServedSocket.CLOSING) throw new TypeError("closed before it was open");
    this.#connection = connection;
    this.readyState = ServedSocket.OPEN;
    this.#fire("open", new Event("open"));
  }

  /** Until the server closes. */
  async #receive(connection: Connection): Promise<{ code: number; reason: string }> {
    let parts: Uint8Array[] = [];
    let kind = CONTINUATION;
    for (;;) {
      const [first = 0, second = 0] = await connection.readExactly(2);
      const opcode = first & 15;
      const payload = await connection.readExactly(await sizeOf(connection, second & 127));
      if (opcode === PING) this.#frame(PONG, payload);
      if (opcode === CLOSE) {
        const code = payload.length < 2 ? NO_STATUS : ((payload[0] as number) << 8) | (payload[1] as number);
        if (this.readyState === ServedSocket.OPEN) this.#frame(CLOSE, payload);
        return { code, reason: new TextDecoder().decode(payload.subarray(2)) };
      }
      if (opcode > BINARY) continue;
      if (opcode !== CONTINUATION) kind = opcode;
      parts.push(payload);
      if ((first & 128) === 0) continue;
      const message = await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer();
      parts = [];
      const data = kind === TEXT ? new TextDecoder().decode(message) : this.binaryType === "blob" ? new Blob([message]) : message;
      this.#fire("message", new MessageEvent("message", { data, origin: new URL(this.url).origin }));
    }
  }

  #frame(opcode: number, payload: Uint8Array | Promise<Uint8Array>): void {
    const size = payload instanceof Uint8Array ? payload.length : 0;
    this.bufferedAmount += size;
    this.#sending = this.#sending.then(async () => {
      await this.#connection?.write(masked(opcode, await payload));
      this.bufferedAmount -= size;
    });
    this.#sending.catch(() => undefined); // whoever reads is told
  }

  #fire(name: "open" | "message" | "error" | "close", event: Event): void {
    this.dispatchEvent(event);
    this[`on${name}`]?.(event);
  }
}

async function sizeOf(connection: Connection, short: number): Promise<number> {
  if (short < 126) return short;
  const bytes = await connection.readExactly(short === 126 ? 2 : 8);
  const size = bytes.reduce((all, byte) => all * 256 + byte, 0);
  if (size > LARGEST_MESSAGE) throw new TypeError("a message that is too large");
  return size;
}

function masked(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const frame = new Uint8Array(6 + extra + length);
  const view = new DataView(frame.buffer);
  frame[0] = 128 | opcode;
  frame[1] = 128 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, length);
  if (extra === 8) view.setBigUint64(2, BigInt(length));
  const mask = crypto.getRandomValues(new Uint8Array(4));
  frame.set(mask, 2 + extra);
  for (let i = 0; i < length; i++) frame[6 + extra + i] = (payload[i] as number) ^ (mask[i & 3] as number);
  return frame;
}

function closePayload(code: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason);
  const payload = new Uint8Array(2 + text.length);
  payload.set([code >> 8, code & 255]);
  payload.set(text, 2);
  return payload;
}

/** Node has CloseEvent from 23 on. */
function closeEvent(code: number, reason: string): Event {
  const wasClean = code !== BROKEN;
  if (typeof CloseEvent === "function") return new CloseEvent("close", { code, reason, wasClean });
  return Object.assign(new Event("close"), { code, reason, wasClean });
}
