/*
 * HTTP/1.1 as its client: one request on one connection, the answer as a Response whose body comes as it is read.
 * Used by serve.ts.
 *
 * Invariants
 *  1. A body is read no faster than who has the Response asks for it.
 *  2. A body that breaks off is an error of its stream, never a shorter body.
 *  3. The connection closes with the body, or when its reader cancels.
 */

import type { Connection } from "./connection.ts";

/** The head of an answer. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly [string, string][];
  /** null: the answer has none. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

/** What is asked. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly [string, string][];
  readonly body: Uint8Array;
}

const NO_BODY = new Set([101, 204, 205, 304]);

/** Send a request and read the answer's head. @throws TypeError when the server gives no answer. */
export async function exchange(connection: Connection, { method, target, headers, body }: Asked): Promise<Answer> {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body.length > 0 || /^(POST|PUT|PATCH)$/.test(method)) lines.push(`Content-Length: ${body.length}`);
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  if (body.length > 0) await connection.write(body);
  let head = await readHead(connection);
  while (head.status >= 100 && head.status < 200 && head.status !== 101) head = await readHead(connection); // 100 Continue
  if (method === "HEAD" || NO_BODY.has(head.status)) {
    if (head.status !== 101) connection.close();
    return { ...head, body: null };
  }
  return { ...head, body: bodyOf(connection, head.headers) };
}

async function readHead(connection: Connection): Promise<Omit<Answer, "body">> {
  const [first = "", ...rest] = (await connection.readUntil("\r\n\r\n")).split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(first);
  if (status === null) throw new TypeError(`the server does not speak HTTP: ${JSON.stringify(first.slice(0, 80))}`);
  const headers: [string, string][] = [];
  for (const line of rest) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return { status: Number(status[1]), reason: status[2] ?? "", headers };
}

function bodyOf(connection: Connection, headers: Answer["headers"]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const value = (wanted: string): string | undefined => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const length = value("content-length");
  const parts = /\bchunked\b/i.test(value("transfer-encoding") ?? "")
    ? chunks(connection)
    : length === undefined
      ? toTheEnd(connection)
      : counted(connection, Number(length));
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value: part } = await parts.next();
          if (done) {
            connection.close();
            controller.close();
          } else {
            controller.enqueue(part as Uint8Array<ArrayBuffer>);
          }
        } catch (error) {
          connection.close();
          controller.error(error);
        }
      },
      cancel: () => connection.close(),
    },
    { highWaterMark: 0 },
  );
}

async function* toTheEnd(connection: Connection): AsyncGenerator<Uint8Array> {
  for (let part = await connection.read(); part !== null; part = await connection.read()) yield part;
}

async function* counted(connection: Connection, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const part = await connection.read();
    if (part === null) throw new TypeError("the server has closed the connection too early");
    const used = part.subarray(0, left);
    if (used.length < part.length) connection.unread(part.subarray(used.length));
    left -= used.length;
    yield used;
  }
}

async function* chunks(connection: Connection): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = parseInt(await connection.readUntil("\r\n"), 16);
    if (!(size >= 0)) throw new TypeError("the server sends a chunk without a size");
    if (size === 0) return; // trailers are of no interest
    yield* counted(connection, size);
    await connection.readExactly(2);
  }
}
