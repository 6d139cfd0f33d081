/*
 * pyodide.serve(): a server that runs inside, as JavaScript's fetch() and WebSocket see servers: dist/serve.mjs.
 * load.ts imports it at the first call. docs/serve.md has the recipes, worker.ts the service worker.
 */

import type { InnerStream } from "../../polyfills/sockets/transport.ts";
import { Connection } from "./connection.ts";
import { Cookies } from "./cookies.ts";
import { type Answer, exchange } from "./http1.ts";
import { mount, type Mounted, type MountOptions } from "./mount.ts";
import { ServedSocket } from "./websocket.ts";

export { ServedSocket } from "./websocket.ts";

/** Options of pyodide.serve(). */
export interface ServeOptions {
  /** Milliseconds to wait for a server to listen at the port; default 10000. */
  timeout?: number;
}

/** A connection to the server; undefined: nobody listens. */
type Connect = () => InnerStream | undefined;

const MOST_REDIRECTS = 20;
const LOOK_AGAIN_MS = 10;

/** A server inside, for JavaScript. */
export class ServedApp {
  readonly port: number;
  /** What paths are relative to. */
  readonly origin: string;
  readonly #connect: Connect;
  readonly #cookies = new Cookies();

  constructor(port: number, connect: Connect) {
    this.port = port;
    this.origin = `http://localhost:${port}`;
    this.#connect = connect;
  }

  /**
   * As the fetch() of pages, to this server. Cookies are kept for its later requests; redirects within it are followed.
   * @param input a path ("/api?q=1"), or an address or Request whose path is meant.
   * @throws TypeError when nobody listens any more, or the server gives no answer.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request ? new Request(input, init) : new Request(new URL(input, this.origin), init);
    let { method } = request;
    let url = new URL(request.url);
    let body: Uint8Array = method === "GET" || method === "HEAD" ? new Uint8Array(0) : new Uint8Array(await request.arrayBuffer());
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(method, url, request, body);
      const location = answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1];
      const isRedirect = location !== undefined && [301, 302, 303, 307, 308].includes(answer.status);
      if (!isRedirect || request.redirect === "manual") return toResponse(answer, url, redirects > 0);
      await answer.body?.cancel();
      if (request.redirect === "error" || redirects === MOST_REDIRECTS) {
        throw new TypeError(`${url.pathname} redirects${redirects > 0 ? " without end" : ""}, to ${location}`);
      }
      const target = new URL(location, url);
      if (!this.#isOwn(target)) return globalThis.fetch(target);
      url = target;
      if (answer.status === 303 || (answer.status < 303 && method === "POST")) {
        method = "GET";
        body = new Uint8Array(0);
      }
    }
  }

  /** A WebSocket to this server: the events, properties and methods of the engine's. */
  webSocket(path: string | URL, protocols: string | readonly string[] = []): ServedSocket {
    const url = new URL(path, this.origin);
    const wanted = typeof protocols === "string" ? [protocols] : protocols;
    return new ServedSocket(url, wanted, this.#cookies.header(url.pathname), () => this.#open());
  }

  /**
   * Have a service worker lead requests of this page, its frames and its workers below `path` to the server.
   * @throws Error where there are no service workers.
   */
  async mount(path: string, options: MountOptions = {}): Promise<Mounted> {
    return mount(path, options, (request) => this.fetch(request));
  }

  #open(): Connection {
    const stream = this.#connect();
    if (stream === undefined) throw new TypeError(`nobody listens at port ${this.port} of this runtime any more`);
    return new Connection(stream);
  }

  #isOwn({ hostname, port, protocol }: URL): boolean {
    return protocol === "http:" && Number(port || 80) === this.port && /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(hostname);
  }

  async #ask(method: string, url: URL, request: Request, body: Uint8Array): Promise<Answer> {
    const { signal } = request;
    signal.throwIfAborted();
    const connection = this.#open();
    const abort = (): void => connection.close();
    signal.addEventListener("abort", abort, { once: true });
    const headers: [string, string][] = [["Host", `localhost:${this.port}`], ["Connection", "close"], ["Accept-Encoding", "identity"]];
    for (const [name, value] of request.headers) {
      if (!/^(host|connection|content-length|transfer-encoding|accept-encoding|cookie)$/i.test(name)) headers.push([name, value]);
    }
    const cookies = [request.headers.get("cookie") ?? "", this.#cookies.header(url.pathname)].filter((one) => one !== "");
    if (cookies.length > 0) headers.push(["Cookie", cookies.join("; ")]);
    try {
      const answer = await exchange(connection, { method, target: url.pathname + url.search, headers, body });
      for (const [name, value] of answer.headers) if (/^set-cookie$/i.test(name)) this.#cookies.keep(value, url.pathname);
      return answer;
    } catch (error) {
      connection.close();
      signal.throwIfAborted();
      throw error;
    }
  }
}

/** Codings that a server may use unasked. */
const CODINGS: Record<string, CompressionFormat> = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" };

function toResponse({ status, reason, headers, body }: Answer, url: URL, redirected: boolean): Response {
  const coding = headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1]?.toLowerCase();
  const format = coding === undefined ? undefined : CODINGS[coding];
  const shown = format === undefined ? body : (body?.pipeThrough(new DecompressionStream(format)) ?? null);
  const kept = new Headers();
  for (const [name, value] of headers) {
    if (/^(connection|keep-alive|transfer-encoding)$/i.test(name)) continue;
    if (format !== undefined && /^content-(encoding|length)$/i.test(name)) continue;
    kept.append(name, value);
  }
  const response = new Response(shown, { status, statusText: reason, headers: kept });
  Object.defineProperties(response, { url: { value: url.href }, redirected: { value: redirected } });
  return response;
}

/** Wait until somebody listens. */
export async function serve(port: number, connect: Connect, { timeout = 10_000 }: ServeOptions): Promise<ServedApp> {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new TypeError(`serve(port) takes a number from 1 to 65535, not ${port}`);
  const end = performance.now() + timeout;
  const isThere = (): boolean => {
    const stream = connect();
    stream?.close();
    return stream !== undefined;
  };
  // A server would see this as a client that goes: asked once, when it is there.
  while (!isThere()) {
    if (performance.now() >= end) {
      throw new Error(`nobody listens at port ${port} inside: start the server in a thread or a task first (docs/serve.md)`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return new ServedApp(port, connect);
}
