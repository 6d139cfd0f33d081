// http.ts - HTTP requests of Python, made by fetch, answered as a byte stream.
//
// http_fetch.py hands over one complete request; this starts `fetch` and gives a descriptor
// (polyfills/stdio) from which Python reads an HTTP/1.1 response as a server would have sent it:
// status line, headers, blank line, body. Python's own http.client parses that, so status,
// headers, errors and redirects behave as natively. It also says what a relative address means
// in this page or worker. Imported by runtime/ as the wasm imports http_open, http_error,
// http_absolute and http_timeout; called by http.c.
//
// Invariants
//  1. A body is streamed: one chunk of the network at a time, fetched when Python reads.
//  2. The head describes the bytes that follow, which fetch has already decoded: no
//     Content-Encoding, and Content-Length only if it is the length of what follows.
//  3. A body that breaks off never looks complete: it is short of its Content-Length, or has no
//     last chunk, or the read fails.
//  4. Closing the descriptor aborts the request; nothing of it is left behind, and its promises
//     never become unhandled rejections.

import { errnoOf } from "../files/errno.ts";
import { ERRNO, O_RDONLY } from "../numbers.ts";
import { type AnonymousStream, type Chunk, openStream } from "../stdio/device.ts";
import type { WasmHost } from "../files/fs.ts";
import type { WaitingIo } from "../stdio/waiting_io.ts";

/** What the platform's fetch is like. */
export interface HttpPlatform {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * "manual" where that shows the real 3xx response (Node); "follow" in browsers, which show an
   * opaque one: there the redirects are followed and Python is told where they led to.
   */
  redirects: "manual" | "follow";
  /** Request headers (lower case) that fetch refuses or that would only provoke a CORS preflight. */
  dropped: ReadonlySet<string>;
  /** Whether all response headers can be seen; in browsers CORS hides some. */
  allHeaders: boolean;
  /** What a relative address is relative to: the page's or worker's address; undefined: neither. */
  base: () => string | undefined;
}

/** The wasm imports of polyfills/http. */
export interface HttpImports {
  http_open(requestPtr: number, requestSize: number, bodyPtr: number, bodySize: number): number;
  http_error(fd: number, bufferPtr: number, capacity: number): number;
  http_absolute(addressPtr: number, size: number, bufferPtr: number, capacity: number): number;
  http_timeout(fd: number, milliseconds: number): number;
}

interface HttpRequest {
  method: string;
  url: string;
  headers: [string, string][];
  timeout_ms: number;
}

/** Why a response failed; http_fetch.py makes the Python exception of it. */
interface HttpFailure {
  /** os: `code` is an errno's name; reset: the connection broke; dns, tls, protocol; fetch: other. */
  kind: "os" | "reset" | "dns" | "tls" | "protocol" | "unsupported" | "fetch";
  code: string;
  message: string;
}

/**
 * Made by fetch itself from the body and the URL. Asked for `Connection: close`, Node takes a body
 * that breaks off for a complete one.
 */
const MADE_BY_FETCH = ["connection", "content-length", "expect", "keep-alive", "te", "trailer",
  "transfer-encoding", "upgrade"];

/** Forbidden in browsers (they would be ignored with a console message at best). */
const FORBIDDEN = ["accept-charset", "accept-encoding", "access-control-request-headers",
  "access-control-request-method", "cookie", "cookie2", "date", "dnt", "host", "origin", "referer",
  "via"];

/** About the connection, which is fetch's, not Python's. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "trailer",
  "transfer-encoding", "upgrade"]);

/** Content codings that fetch undoes. */
const DECODED = /^\s*(x-gzip|gzip|deflate|br|zstd)\s*(,|$)/i;

/** Errors of a connection that was there and broke. */
const BROKEN = new Set(["UND_ERR_SOCKET", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "ECONNRESET",
  "EPIPE"]);

const NO_BODY_STATUS = new Set([101, 103, 204, 205, 304]);

/** How long a redirect's target waits for Python to ask for it, in milliseconds. */
const STASH_MS = 10_000;

/** The platform this runs on. */
export function httpPlatform(): HttpPlatform {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  const isNode = process?.versions?.node !== undefined;
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    redirects: isNode ? "manual" : "follow",
    dropped: new Set(isNode ? MADE_BY_FETCH : [...MADE_BY_FETCH, ...FORBIDDEN]),
    allHeaders: isNode,
    base: () => globalThis.document?.baseURI ?? globalThis.location?.href,
  };
}

/** The imports that start requests. `host` is read at call time only. */
export function httpImports(
  host: WasmHost,
  io: WaitingIo,
  platform: HttpPlatform = httpPlatform(),
): HttpImports {
  const stash = new Stash();
  const open = new Map<number, { exchange: Exchange; stream: AnonymousStream }>();
  const bytes = (ptr: number, size: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(host.HEAPU8.subarray(ptr >>> 0, (ptr >>> 0) + size));
  /** Store what fits of a text; its full length in bytes. */
  const store = (text: string, bufferPtr: number, capacity: number): number => {
    const encoded = new TextEncoder().encode(text);
    host.HEAPU8.set(encoded.subarray(0, capacity >>> 0), bufferPtr >>> 0);
    return encoded.length;
  };

  return {
    http_open(requestPtr, requestSize, bodyPtr, bodySize) {
      const json = new TextDecoder().decode(bytes(requestPtr, requestSize));
      const request = JSON.parse(json) as HttpRequest;
      const exchange = new Exchange(request, bytes(bodyPtr, bodySize), platform, stash);
      let stream: AnonymousStream;
      try {
        stream = openStream(host, io, {
          pull: () => exchange.pull(),
          timeoutMs: () => exchange.timeoutMs,
          close() {
            open.delete(stream.fd);
            exchange.close();
          },
        }, O_RDONLY);
      } catch (error) {
        exchange.close();
        return -errnoOf(error); // EMFILE
      }
      open.set(stream.fd, { exchange, stream });
      return stream.fd;
    },
    http_error(fd, bufferPtr, capacity) {
      const failure = open.get(fd)?.exchange.failure;
      return failure === undefined ? 0 : store(JSON.stringify(failure), bufferPtr, capacity);
    },
    http_absolute(addressPtr, size, bufferPtr, capacity) {
      const base = platform.base();
      if (base === undefined || !/^https?:/i.test(base)) return 0; // about:, blob:, file:
      const address = new TextDecoder().decode(bytes(addressPtr, size));
      return store(absolute(address, base), bufferPtr, capacity);
    },
    http_timeout(fd, milliseconds) {
      const entry = open.get(fd);
      if (entry === undefined) return ERRNO.EBADF;
      entry.exchange.timeoutMs = milliseconds;
      return 0;
    },
  };
}

/** A response that fetch got by following a redirect, until Python asks for its URL. */
interface Stashed {
  response: Response;
  abort: AbortController;
  timer: ReturnType<typeof setTimeout>;
}

class Stash {
  readonly #entries = new Map<string, Stashed>();

  put(method: string, response: Response, abort: AbortController, headers: HttpRequest["headers"]): void {
    const key = stashKey(method, response.url, headers);
    this.take(key)?.abort.abort();
    const timer = setTimeout(() => this.take(key)?.abort.abort(), STASH_MS);
    (timer as { unref?: () => void }).unref?.();
    this.#entries.set(key, { response, abort, timer });
  }

  take(key: string): Stashed | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    clearTimeout(found.timer);
    return found;
  }
}

/**
 * The response belongs to whoever asks for that address with the headers of the request that was redirected, less
 * those about a body: what a server says to one user is not for another one.
 */
function stashKey(method: string, url: string, headers: HttpRequest["headers"]): string {
  const sent = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const kept = sent.filter(([name]) => !/^(content-|host$|connection$|transfer-encoding$)/.test(name));
  return JSON.stringify([method, withoutFragment(url), ...kept.map(([name, value]) => `${name}: ${value}`).sort()]);
}

/** One request and its response. */
class Exchange {
  /** How long one read may wait, in milliseconds; negative for ever. */
  timeoutMs: number;
  failure: HttpFailure | undefined;

  #abort = new AbortController();
  #closed = false;
  #head: Promise<Uint8Array | null> | undefined;
  #body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** The body is sent to Python in chunks that we make. */
  #chunked = false;
  /** Python can tell a complete body from one that broke off. */
  #framed = false;
  #complete = false;

  constructor(
    request: HttpRequest,
    body: Uint8Array<ArrayBuffer>,
    private readonly platform: HttpPlatform,
    private readonly stash: Stash,
  ) {
    this.timeoutMs = request.timeout_ms;
    this.#head = this.#start(request, body);
    this.#head.catch(() => undefined); // reported when Python reads
  }

  /** The next bytes: the head, then the body. */
  async pull(): Promise<Chunk> {
    if (this.#head !== undefined) {
      const head = this.#head;
      try {
        return await head;
      } finally {
        this.#head = undefined;
      }
    }
    if (this.#complete || this.#body === undefined) return null;
    let part: ReadableStreamReadResult<Uint8Array>;
    try {
      // An empty chunk would read as the end of file.
      do part = await this.#body.read();
      while (!part.done && part.value.length === 0);
    } catch (error) {
      this.#complete = true;
      const found = classify(error);
      // The server was there: whatever a browser means by "network error" is the connection.
      const failure: HttpFailure = found.kind === "fetch" ? { ...found, kind: "reset" } : found;
      // A connection that breaks off inside a framed body is an IncompleteRead of http.client.
      if (failure.kind === "reset" && this.#framed) return null;
      throw this.#fail(failure, error);
    }
    if (part.done) this.#complete = true;
    if (!this.#chunked) return part.done ? null : part.value;
    return part.done ? latin1("0\r\n\r\n") : asChunk(part.value);
  }

  close(): void {
    this.#closed = true;
    this.#complete = true;
    this.#abort.abort();
  }

  #fail(reason: HttpFailure, cause: unknown): Error {
    let failure = reason;
    if (failure.kind === "fetch" && !this.platform.allHeaders) {
      failure = { ...failure, message: `${failure.message} (a browser does not say why: the ` +
        "server cannot be reached, or its CORS headers do not allow this page to read from it)" };
    }
    this.failure = failure;
    // The errno only has to be an error: Python asks for the failure itself.
    const code = Object.hasOwn(ERRNO, failure.code) ? failure.code : "EIO";
    return Object.assign(new Error(failure.message, { cause }), { code });
  }

  async #start(request: HttpRequest, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
    let response: Response;
    const stashed = this.stash.take(stashKey(request.method, request.url, request.headers));
    try {
      if (stashed !== undefined) {
        this.#abort = stashed.abort;
        response = stashed.response;
      } else {
        response = await this.#respond(request, body);
      }
    } catch (error) {
      const failure = classify(error);
      if (failure.code === "UND_ERR_SOCKET") return null; // closed without a response
      throw this.#fail(failure, error);
    }
    const { redirects } = this.platform;
    if (redirects === "follow" && response.redirected && stashed === undefined && !this.#closed) {
      this.stash.put(request.method === "HEAD" ? "HEAD" : "GET", response, this.#abort, request.headers);
      this.#abort = new AbortController(); // closing this descriptor must not abort that one
      return head(303, "See Other", [["Location", response.url], ["Content-Length", "0"]]);
    }
    this.#body = request.method === "HEAD" ? undefined : response.body?.getReader();
    return this.#describe(request, response);
  }

  async #respond(request: HttpRequest, body: Uint8Array<ArrayBuffer>): Promise<Response> {
    const { method, url } = request;
    if (body.length > 0 && (method === "GET" || method === "HEAD")) {
      throw unsupported(`fetch cannot send a body with ${method}`);
    }
    if (["CONNECT", "TRACE", "TRACK"].includes(method.toUpperCase())) {
      throw unsupported(`fetch cannot send ${method} requests`);
    }
    const target = new URL(url);
    const headers: [string, string][] = [];
    for (const [name, value] of request.headers) {
      const key = name.toLowerCase();
      if (this.platform.dropped.has(key) || /^(sec-|proxy-)/.test(key)) continue;
      // Said by fetch anyway, unless the caller wants another one than the URL's.
      if (key === "host" && value === target.host) continue;
      // urllib's own name is not worth a CORS preflight, which many servers refuse.
      if (!this.platform.allHeaders && key === "user-agent" && /^Python-urllib\//.test(value)) {
        continue;
      }
      headers.push([name, value]);
    }
    const init: RequestInit = {
      method,
      headers,
      redirect: this.platform.redirects,
      signal: this.#abort.signal,
    };
    if (body.length > 0 || /^(POST|PUT|PATCH)$/.test(method)) init.body = body;
    return this.platform.fetch(url, init);
  }

  /** The head, and how the body after it is framed (invariants 2 and 3). */
  #describe(request: HttpRequest, response: Response): Uint8Array {
    const { headers, status } = response;
    const hasBody = request.method !== "HEAD" && !NO_BODY_STATUS.has(status);
    const decoded = hasBody && DECODED.test(headers.get("content-encoding") ?? "");
    // CORS shows Content-Length but hides Content-Encoding: then it may not be the length.
    const trusted = this.platform.allHeaders || response.type === "basic";
    const length = headers.get("content-length");
    const counted = trusted && !decoded && length !== null && /^\d+$/.test(length);
    this.#chunked = hasBody && !counted &&
      (decoded || !this.platform.allHeaders || headers.has("transfer-encoding"));
    this.#framed = counted || this.#chunked;
    const lines: [string, string][] = [];
    for (const [name, value] of headers) {
      if (HOP_BY_HOP.has(name)) continue;
      if (decoded && (name === "content-encoding" || name === "content-length")) continue;
      lines.push([name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), value]);
    }
    if (this.#chunked) lines.push(["Transfer-Encoding", "chunked"]);
    return head(status, response.statusText, lines);
  }
}

function head(status: number, reason: string, headers: readonly [string, string][]): Uint8Array {
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  lines.push("Connection: close", "", "");
  return latin1(lines.join("\r\n"));
}

function asChunk(data: Uint8Array): Uint8Array {
  const size = latin1(`${data.length.toString(16)}\r\n`);
  const chunk = new Uint8Array(size.length + data.length + 2);
  chunk.set(size);
  chunk.set(data, size.length);
  chunk.set([13, 10], size.length + data.length);
  return chunk;
}

/** Header text is bytes, one per character. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function withoutFragment(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.hash = "";
    return parsed.href;
  } catch {
    return url;
  }
}

/** What fetch would make of the address; the address as it is where that is nothing. */
function absolute(address: string, base: string): string {
  let url: URL;
  try {
    url = new URL(address, base);
  } catch {
    return address;
  }
  // A page opened as https://name:word@host has them in its own address; fetch refuses them.
  url.username = "";
  url.password = "";
  return url.href;
}

function unsupported(message: string): Error {
  return Object.assign(new Error(message), { code: "ERR_UNSUPPORTED" });
}

/** What a failed fetch means. Node says it in the error's cause, browsers do not say it at all. */
function classify(error: unknown): HttpFailure {
  let cause = error as { message?: unknown; code?: unknown; name?: unknown; cause?: unknown };
  while (typeof cause?.cause === "object" && cause.cause !== null) cause = cause.cause;
  const code = typeof cause?.code === "string" ? cause.code : "";
  const message = String((cause?.message as string | undefined) || (error as Error)?.message || error);
  const failure = (kind: HttpFailure["kind"], name = code): HttpFailure =>
    ({ kind, code: name, message });
  if (code === "ERR_UNSUPPORTED") return failure("unsupported");
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return failure("dns");
  if (BROKEN.has(code)) return failure("reset");
  if (/^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/.test(code)) return failure("os", "ETIMEDOUT");
  if (code.startsWith("HPE_") || cause?.name === "HTTPParserError") return failure("protocol");
  if (/CERT|_SSL_|_TLS_|ISSUER/.test(code)) return failure("tls");
  if (Object.hasOwn(ERRNO, code)) return failure("os");
  return failure("fetch");
}
