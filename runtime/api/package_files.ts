/*
 * The bytes of packages: fetched, kept in a folder of Node's, compared with the hash that the lock file
 * names. Used by packages.ts.
 *
 * Invariants
 *  1. Only what has the lock file's hash is kept, and it is compared again when it is read: a file in the
 *     folder is no more trusted than one from the network.
 *  2. Nothing is read or written outside of the folder: its files have the names of wheels.
 */

import { fetchBytes, nodeFiles } from "../load/assets.ts";

/** What a package's file is called: no folders, nothing that a file system or an address gives a meaning. */
const FILE_NAME = /^[\w.+!~-]+$/;

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

  /** @param folder of the host; used where there is Node. */
  constructor(folder: string | undefined) {
    this.#folder = nodeFiles() === undefined ? undefined : folder?.replace(/\/$/, "");
  }

  /**
   * A file's bytes.
   * @param check whether the hash is compared: as far as that can be done here, see canHash().
   * @throws Error (rejects) when it cannot be had, or has another hash.
   */
  async get(wanted: Wanted, check: boolean): Promise<Uint8Array> {
    const { url, fileName, sha256 } = wanted;
    if (!isFileName(fileName)) throw new Error(`${JSON.stringify(fileName)} is no name of a package's file`);
    const kept = sha256 === undefined ? undefined : await this.#read(fileName, sha256);
    if (kept !== undefined) return kept;
    const bytes = await fetchBytes(url, sha256 === undefined ? "the address" : "the lock file, packageBaseUrl");
    if (sha256 === undefined) return bytes;
    const hash = await sha256Of(bytes);
    // A folder that cannot be written to is no reason to have no packages.
    if (hash === sha256) await this.#write(fileName, bytes).catch(() => undefined);
    else if (check && hash !== undefined) {
      throw new Error(`${fileName} is not what the lock file names: its sha256 is another one`);
    }
    return bytes;
  }

  async #read(fileName: string, sha256: string): Promise<Uint8Array | undefined> {
    if (this.#folder === undefined) return undefined;
    const bytes = await nodeFiles()?.readFile(`${this.#folder}/${fileName}`).catch(() => undefined);
    return bytes !== undefined && (await sha256Of(bytes)) === sha256 ? bytes : undefined;
  }

  async #write(fileName: string, bytes: Uint8Array): Promise<void> {
    const files = nodeFiles();
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
