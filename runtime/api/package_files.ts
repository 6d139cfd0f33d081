/*
 * The bytes of packages: fetched, kept in a folder of Node's or in a page's Cache, compared with the hash that
 * the lock file names. Used by packages.ts.
 *
 * Invariants
 *  1. Only what has the lock file's hash is kept, and it is compared again when it is read: a file in the
 *     folder is no more trusted than one from the network.
 *  2. Nothing is read or written outside of the folder: its files have the names of wheels.
 *  3. What keeps nothing (a folder that cannot be written to, a private window, no space left) is no error.
 */

import { fetchBytes, nodeFiles, type Watch } from "../load/assets.ts";

/** What a package's file is called: no folders, nothing that a file system or an address gives a meaning. */
const FILE_NAME = /^[\w.+!~-]+$/;

/** A page's Cache for packages, and the host of its keys: made up, since what counts is the hash behind it. */
const CACHE = "sospeso-packages";
const KEYS = "https://packages.invalid/";

/** A file to have. */
export interface Wanted {
  readonly url: string;
  readonly fileName: string;
  readonly sha256: string | undefined;
}

/** Whether it is a name that a package's file can have. */
export function isFileName(name: string): boolean {
  return FILE_NAME.test(name) && !name.startsWith(".");
}

/** Gets files, and keeps them where there is a folder for that. */
export class PackageFetcher {
  readonly #folder: string | undefined;
  readonly #inPage: boolean;

  /**
   * @param folder of the host; used where there is Node.
   * @param inPage whether a page keeps files in its Cache; where there is no Node.
   */
  constructor(folder: string | undefined, inPage: boolean) {
    const isNode = nodeFiles() !== undefined;
    this.#folder = isNode ? folder?.replace(/\/$/, "") : undefined;
    this.#inPage = inPage && !isNode && "caches" in globalThis;
  }

  /**
   * A file's bytes.
   * @param check whether the hash is compared: as far as that can be done here, see canHash().
   * @throws Error (rejects) when it cannot be had, or has another hash.
   */
  async get(wanted: Wanted, check: boolean, watch?: Watch): Promise<Uint8Array> {
    const { url, fileName, sha256 } = wanted;
    if (!isFileName(fileName)) throw new Error(`${JSON.stringify(fileName)} is no name of a package's file`);
    const kept = sha256 === undefined ? undefined : await this.#read(fileName, sha256);
    if (kept !== undefined) return kept;
    const bytes = await fetchBytes(url, sha256 === undefined ? "the address" : "the lock file, packageBaseUrl", watch);
    if (sha256 === undefined) return bytes;
    const hash = await sha256Of(bytes);
    // A file of this machine lies there already.
    if (hash === sha256) await (url.startsWith("file:") || this.#write(fileName, bytes, sha256));
    else if (check && hash !== undefined) {
      throw new Error(`${fileName} is not what the lock file names: its sha256 is another one`);
    }
    return bytes;
  }

  /** Keep a file that somebody else has fetched, if it has the hash. */
  async keep(fileName: string, bytes: Uint8Array, sha256: string | undefined): Promise<void> {
    if (sha256 === undefined || (this.#folder === undefined && !this.#inPage)) return;
    const hash = await sha256Of(bytes);
    if (hash === sha256.toLowerCase()) await this.#write(fileName, bytes, hash);
  }

  async #read(fileName: string, sha256: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#kept(fileName, sha256).catch(() => undefined);
    return bytes !== undefined && (await sha256Of(bytes)) === sha256 ? bytes : undefined;
  }

  async #kept(fileName: string, sha256: string): Promise<Uint8Array | undefined> {
    if (this.#folder !== undefined) return nodeFiles()?.readFile(`${this.#folder}/${fileName}`);
    if (!this.#inPage) return undefined;
    const found = await (await caches.open(CACHE)).match(`${KEYS}${sha256}/${fileName}`);
    return found && new Uint8Array(await found.arrayBuffer());
  }

  async #write(fileName: string, bytes: Uint8Array, sha256: string): Promise<void> {
    await this.#writeWhole(fileName, bytes, sha256).catch(() => undefined); // invariant 3
  }

  async #writeWhole(fileName: string, bytes: Uint8Array, sha256: string): Promise<void> {
    const files = nodeFiles();
    if (this.#inPage) {
      const cache = await caches.open(CACHE);
      await cache.put(`${KEYS}${sha256}/${fileName}`, new Response(bytes as Uint8Array<ArrayBuffer>));
    }
    if (this.#folder === undefined || files === undefined) return;
    await files.mkdir(this.#folder, { recursive: true });
    const path = `${this.#folder}/${fileName}`;
    // Moved in when it is whole: another process may read it.
    const part = `${path}.${Math.random().toString(36).slice(2)}.part`;
    await files.writeFile(part, bytes);
    await files.rename(part, path);
  }
}

/** In hexadecimal; undefined in a page that is no secure context: there Python computes it. */
async function sha256Of(bytes: Uint8Array): Promise<string | undefined> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) return undefined;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether get() has compared the hashes: false where the engine has none for pages. */
export function canHash(): boolean {
  return (globalThis.crypto as Crypto | undefined)?.subtle !== undefined;
}
