/*
 * Files of the runtime that the program has already: option `files` of loadPyodide(). A page that is one file,
 * an extension, an Electron program or a bundle give them as addresses, blobs, responses or bytes, and
 * nothing is fetched from the folder indexURL then. Called by load.ts.
 */

import { builtin, fetchBytes, fetchModule, fetchZip, explain, fromHere, isZip, LoadError, nodeFiles } from "./assets.ts";
import type { FileName } from "./files.ts";

/** A file: its address, or what is in it. */
export type FileContent = string | URL | Blob | Response | ArrayBuffer | ArrayBufferView;
/** A promise of either will do. */
export type FileSource = FileContent | PromiseLike<FileContent>;

/** The runtime's files by their names in dist/. */
export type GivenFiles = Partial<Record<FileName, FileSource>>;

/** The address of a file, or its bytes. */
type Found = string | Uint8Array<ArrayBuffer>;

/**
 * What a program has given for a file.
 * @throws LoadError (rejects) for what is no file, and for a response that says it is none.
 */
export async function look(name: FileName, given: FileSource, own: string): Promise<Found> {
  const source = await given;
  if (typeof source === "string") return fromHere(source, own);
  if (source instanceof URL) return source.href;
  if (source instanceof Response && !source.ok) {
    throw new LoadError(`option files: ${name} is a response with HTTP ${source.status} ${source.statusText}`);
  }
  if (source instanceof Blob || source instanceof Response) return new Uint8Array(await source.arrayBuffer());
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
  }
  throw new LoadError(`option files: ${name} is an address, a Blob, a Response, an ArrayBuffer or a view of one`);
}

/** A core that was given. @throws LoadError */
export async function givenModule(name: FileName, given: FileSource, own: string): Promise<WebAssembly.Module> {
  const found = await look(name, given, own);
  // Blobs and data: addresses have the type that somebody gave them, or none.
  if (typeof found === "string" && !/^(blob|data):/.test(found)) return fetchModule(found);
  const bytes = typeof found === "string" ? await fetchBytes(found, "option files") : found;
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new LoadError(`option files: cannot compile ${name}: ${explain(error)}`, { cause: error });
  }
}

/** The archive of the standard library that was given. @throws LoadError */
export async function givenZip(name: FileName, given: FileSource, own: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await look(name, given, own);
  if (typeof found === "string") return fetchZip(found);
  if (!isZip(found)) throw new LoadError(`option files: ${name} is no zip archive, or its end is missing`);
  return found.slice(); // Python's file system keeps it: the program may use its own again
}

/** The bytes of a file that was given. @throws LoadError */
export async function givenBytes(name: FileName, given: FileSource, own: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await look(name, given, own);
  return typeof found === "string" ? fetchBytes(found, "option files") : found;
}

/** A text that was given. @throws LoadError */
export async function givenText(name: FileName, given: FileSource, own: string): Promise<string> {
  return new TextDecoder().decode(await givenBytes(name, given, own));
}

/** Calls `use` with an address from which the script that was given can be imported. */
export async function withAddress<T>(
  name: FileName,
  given: FileSource,
  own: string,
  use: (address: string) => Promise<T>,
): Promise<T> {
  const found = await look(name, given, own);
  if (typeof found === "string") return use(found);
  const files = nodeFiles();
  if (files === undefined) {
    const address = URL.createObjectURL(new Blob([found], { type: "text/javascript" }));
    try {
      return await use(address);
    } finally {
      URL.revokeObjectURL(address);
    }
  }
  // Node imports no blobs, and the script asks where it is.
  const { tmpdir } = builtin("node:os") as { tmpdir(): string };
  const folder = await files.mkdtemp(`${tmpdir()}/sospeso-glue-`);
  try {
    await files.writeFile(`${folder}/${name}`, found);
    return await use(fromHere(`${folder}/${name}`, own));
  } finally {
    await files.rm(folder, { recursive: true });
  }
}
