/*
 * Getting the files of dist/: over HTTP in pages and workers, from disk in Node.
 * All are asked for at once, the wasm is compiled while it streams in. Every
 * failure says which file, what happened and what to do. Called by load.ts.
 */

/** Something that dist/ should have offered could not be had. */
export class LoadError extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "LoadError", configurable: true, writable: true });
    Object.defineProperty(this, "name", { value: "LoadError", configurable: true }); // bundlers rename classes
  }
}

interface NodeFiles {
  readFile(path: URL | string): Promise<Uint8Array<ArrayBuffer>>;
  writeFile(path: string, data: Uint8Array): Promise<void>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  mkdtemp(prefix: string): Promise<string>;
  rm(path: string, options: { recursive: true }): Promise<void>;
}

/** A module of Node's (Deno's, Bun's); undefined in browsers. No import, which bundlers would look for. */
export function builtin<T>(name: string): T | undefined {
  const process = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** Node's (Deno's, Bun's) files; undefined in browsers. */
export function nodeFiles(): NodeFiles | undefined {
  return builtin<NodeFiles>("node:fs/promises");
}

/**
 * An address that the program gave: relative to the page; in Node a path without a scheme is a path.
 * @param own what it is relative to where there is no page.
 */
export function fromHere(address: string, own: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(address)) return address;
  if (nodeFiles() === undefined) return new URL(address, typeof location === "object" ? location.href : own).href;
  return (builtin("node:url") as { pathToFileURL(path: string): URL }).pathToFileURL(address).href;
}

/** An address as programs see it: of files, in Node, the path. */
export function asShown(address: string): string {
  if (!address.startsWith("file:") || nodeFiles() === undefined) return address;
  return (builtin("node:url") as { fileURLToPath(url: string): string }).fileURLToPath(address);
}

/** The address of a folder ends in a slash. */
export function asFolder(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}

/**
 * The folder the runtime's files are in, as a URL that ends in a slash.
 * @throws LoadError when the script's own address (blob:, data:) does not tell.
 */
export function resolveIndexURL(indexURL: string | undefined, own: string): string {
  try {
    if (indexURL === undefined) return new URL(".", own).href;
    return asFolder(new URL(fromHere(asFolder(indexURL), own)).href);
  } catch (error) {
    const given = indexURL === undefined ? "" : ` and option indexURL is ${JSON.stringify(indexURL)}`;
    throw new LoadError(
      `cannot tell where the runtime's files are: this script came from ${own.slice(0, 80)}${given}. ` +
        "Give their folder's whole address as option indexURL",
      { cause: error },
    );
  }
}

/** What takes an interest in a file while it comes. */
export interface Watch {
  /** Ends the fetching. */
  readonly signal: AbortSignal;
  /** Told how many bytes have come, and how many there are where the server says. */
  onBytes(loaded: number, total?: number): void;
}

async function respond(url: string, option = "indexURL", signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await (signal === undefined ? fetch(url) : fetch(url, { signal }));
  } catch (error) {
    throw new LoadError(
      `cannot fetch ${url}: ${message(error)}. Check ${option}, the network, CORS and the page's Content-Security-Policy`,
      { cause: error },
    );
  }
  if (!response.ok) {
    throw new LoadError(`cannot fetch ${url}: HTTP ${response.status} ${response.statusText}. Check ${option}`);
  }
  return response;
}

async function readFromDisk(url: string, option = "indexURL"): Promise<Uint8Array<ArrayBuffer>> {
  const files = nodeFiles();
  if (files === undefined) throw new LoadError(`cannot read ${url}: a page has no access to files; serve them over HTTP`);
  try {
    return await files.readFile(new URL(url));
  } catch (error) {
    throw new LoadError(`cannot read ${url}: ${message(error)}. Check ${option}`, { cause: error });
  }
}

/**
 * A file's bytes.
 * @param option what the user may have got wrong when there is none.
 * @throws LoadError
 */
export async function fetchBytes(url: string, option = "indexURL", watch?: Watch): Promise<Uint8Array<ArrayBuffer>> {
  if (url.startsWith("file:")) return readFromDisk(url, option);
  const response = await respond(url, option, watch?.signal);
  try {
    return watch === undefined || response.body === null
      ? new Uint8Array(await response.arrayBuffer())
      : await readWatched(response, response.body, watch);
  } catch (error) {
    throw new LoadError(`cannot fetch ${url}: the connection ended early: ${message(error)}`, { cause: error });
  }
}

async function readWatched(response: Response, body: ReadableStream<Uint8Array>, watch: Watch): Promise<Uint8Array<ArrayBuffer>> {
  // What is counted is unpacked already, what the header tells is not.
  const total = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length"));
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    watch.onBytes(size, total || undefined);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A file's bytes without waiting, where that can be; undefined where not (service workers, or it is not there). */
export function readNow(url: string): Uint8Array | undefined {
  try {
    const files = builtin<{ readFileSync(path: URL): Uint8Array }>("node:fs");
    if (files !== undefined) return files.readFileSync(new URL(url));
    const request = new XMLHttpRequest();
    request.open("GET", url, false);
    request.overrideMimeType("text/plain; charset=x-user-defined"); // bytes as they are
    request.send();
    if (request.status !== 200) return undefined;
    return Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 255);
  } catch {
    return undefined;
  }
}

/** A zip archive's bytes, checked for being whole. @throws LoadError */
export async function fetchZip(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await fetchBytes(url);
  // Ours end with the end record (22 bytes, no comment). Without it Python would start on its
  // frozen modules and miss the others one by one.
  if (!isZip(bytes)) {
    throw new LoadError(`cannot use ${url}: it is no zip archive, or its end is missing. Load it again, empty the cache`);
  }
  return bytes;
}

/** Whether these bytes end as a zip archive of ours does. */
export function isZip(bytes: Uint8Array): boolean {
  const end = Math.max(0, bytes.length - 22);
  return END_OF_ZIP.every((byte, index) => bytes[end + index] === byte);
}

const END_OF_ZIP = [0x50, 0x4b, 5, 6];

/** A compiled module. @throws LoadError */
export async function fetchModule(url: string): Promise<WebAssembly.Module> {
  try {
    if (url.startsWith("file:")) return await WebAssembly.compile(await readFromDisk(url));
    const response = await respond(url);
    const type = response.headers.get("content-type") ?? "no Content-Type";
    if (!/^application\/wasm\s*(;|$)/i.test(type)) {
      throw new LoadError(`cannot load ${url}: it was served as "${type}"; the server must send application/wasm`);
    }
    return await WebAssembly.compileStreaming(response);
  } catch (error) {
    if (error instanceof LoadError) throw error;
    throw new LoadError(`cannot compile ${url}: ${explain(error)}`, { cause: error });
  }
}

/** A module whose address is known at run time only. @throws what import() says */
export async function importModule(url: string): Promise<unknown> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ url);
  } catch (error) {
    // A context of node:vm, where test runners run CommonJS, has no import() unless they make one.
    if (!/^ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING/.test((error as { code?: string }).code ?? "")) throw error;
  }
  try {
    // Node's own require() takes modules of both kinds from Node 22.12 on.
    const { createRequire } = builtin("node:module") as { createRequire(url: string): (path: string) => unknown };
    return createRequire(url)(`./${url.slice(url.lastIndexOf("/") + 1)}`);
  } catch (error) {
    throw new Error("there is no import() in this context of node:vm; run Node with --experimental-vm-modules", {
      cause: error,
    });
  }
}

/** What import() does not say about a script that it could not load: the status or the MIME type. */
export async function whyNotImported(url: string, error: unknown): Promise<LoadError> {
  let reason = message(error);
  if (!url.startsWith("file:")) {
    try {
      const type = (await respond(url)).headers.get("content-type") ?? "no Content-Type";
      if (!/^(text|application)\/(x-)?(java|ecma)script\s*(;|$)/i.test(type)) {
        reason += `. It was served as "${type}"; the server must send text/javascript`;
      }
    } catch (cause) {
      if (cause instanceof LoadError) return cause;
    }
  }
  return new LoadError(`cannot load ${url}: ${reason}`, { cause: error });
}

/** An engine's complaint about wasm, with its cure when we know one. */
export function explain(error: unknown): string {
  const text = message(error);
  if (/content security policy|unsafe-eval|blocked by CSP/i.test(text)) {
    return `${text} - add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy`;
  }
  if (/memory|allocat/i.test(text)) return `${text} - this device or tab has too little memory left`;
  return text;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
