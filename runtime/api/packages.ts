/*
 * Packages: wheels and archives from a lock file's names or from addresses, unpacked
 * into site-packages (runtime/python/pyodide/_package_loader.py does that, on a task: the page stays
 * alive). Behind loadPackage(), loadPackagesFromImports() and the option `packages` of
 * loadPyodide(). Made by runtime/load/load.ts, whose downloads begin before Python has started.
 *
 * Invariants
 *  1. A package is in `loaded` when its files are in place, and never twice.
 *  2. One loading at a time: the next one sees what the one before has loaded.
 *  3. Nothing is written before its bytes have the hash that the lock file names.
 */

import { PythonError } from "../../ffi/bridge/errors.ts";
import { asFolder, fetchBytes, fromHere, nodeFiles } from "../load/assets.ts";

/** A package that was loaded. */
export interface PackageData {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly packageType: PackageType;
}

type PackageType = "package" | "cpython_module" | "shared_library" | "static_library";

/** An entry of a lock file. One that somebody wrote by hand may lack all but the first three. */
export interface LockfilePackage {
  name: string;
  version: string;
  /** Relative to the lock file (or to packageBaseUrl), or an address. */
  file_name: string;
  /** Hexadecimal. */
  sha256: string;
  package_type: PackageType;
  install_dir: "site" | "dynlib";
  /** Modules that it offers: import names. */
  imports: string[];
  /** Names of other packages of the lock file. */
  depends: string[];
}

/** What its packages are for. */
export interface LockfileInfo {
  arch: "wasm32";
  /** "2025_0": what compiled code for Pyodide 0.28 and 0.29 counts on. */
  abi_version: string;
  /** Emscripten of the Pyodide with this ABI, such as "emscripten_4_0_9". */
  platform: string;
  /** Of whoever made it. */
  version: string;
  /** Version of Python. */
  python: string;
}

/** What pyodide-lock.json holds. */
export interface Lockfile {
  info: LockfileInfo;
  packages: Record<string, LockfilePackage>;
}

/** Options of loadPackage(). */
export interface LoadPackageOptions {
  /** Told what is loaded; default: console.log. */
  messageCallback?: (message: string) => void;
  /** Told what failed; default: console.error. */
  errorCallback?: (message: string) => void;
  /** Compare the hashes that the lock file names; default: true. */
  checkIntegrity?: boolean;
}

/** Where packages come from: options of loadPyodide(). */
export interface PackageOptions {
  lockFileURL?: string;
  lockFileContents?: unknown;
  packageBaseUrl?: string;
  packageCacheDir?: string;
}

/** Unpacks the file at a path; gives its name and version, as far as it tells. */
export type Installer = (path: string, fileName: string) => Promise<[name: string, version: string]>;

/** Writes a file of Python's file system, and takes it away again. */
export interface PackageFiles {
  writeFile(path: string, data: Uint8Array): void;
  unlink(path: string): void;
}

interface Wanted {
  /** The name it is known by. */
  readonly name: string;
  /** Its address. */
  readonly url: string;
  readonly fileName: string;
  readonly locked: LockfilePackage | undefined;
}

interface Fetched {
  readonly wanted: Wanted;
  readonly bytes: Uint8Array | Error;
}

const EMPTY = { info: {}, packages: {} } as unknown as Lockfile;
const DEFAULT_CHANNEL = "default channel";

/** The packages of one runtime. */
export class Packages {
  /** Name: "default channel", or the address it came from. */
  readonly loaded: Record<string, string> = {};
  readonly #options: PackageOptions;
  readonly #indexURL: string;
  readonly #base: string;
  readonly #lock: Promise<Lockfile>;
  /** Why there is no lock file, when nobody named one and the runtime's own cannot be had. */
  #noLock = "";
  #lockfile: Lockfile = EMPTY;
  #files: PackageFiles | undefined;
  #install: Installer | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /**
   * @param indexURL the folder that relative addresses start from where there is neither a page nor a lock file.
   * @param ownLock the lock file where the options name none. A folder without it is no error: there are then no names.
   */
  constructor(options: PackageOptions, indexURL: string, ownLock: string) {
    this.#options = options;
    this.#indexURL = indexURL;
    const { lockFileURL, lockFileContents, packageBaseUrl } = options;
    const isOwn = lockFileURL === undefined && lockFileContents === undefined;
    const lockURL = lockFileURL === undefined ? (isOwn ? ownLock : undefined) : fromHere(lockFileURL, indexURL);
    this.#base =
      packageBaseUrl === undefined ? (lockURL ?? indexURL) : fromHere(asFolder(packageBaseUrl), indexURL);
    this.#lock = readLock(lockURL, lockFileContents, isOwn ? "indexURL" : "lockFileURL").then(
      (lock) => (this.#lockfile = lock),
      (error: unknown) => {
        if (!isOwn) throw error;
        this.#noLock = asError(error).message;
        return EMPTY;
      },
    );
    this.#lock.catch(() => undefined); // whoever asks for a package is told
  }

  /** The lock file is there, or will not be. */
  get ready(): Promise<unknown> {
    return this.#lock.catch(() => undefined);
  }

  /** The lock file, once it is there. */
  get lockfile(): Lockfile {
    return this.#lockfile;
  }

  /** Where the lock file's relative names start from. */
  get baseURL(): string {
    return new URL(".", this.#base).href;
  }

  /** Python has started: what was fetched can be unpacked. */
  attach(files: PackageFiles, install: Installer): void {
    this.#files = files;
    this.#install = install;
  }

  /** Begin to fetch, for the option `packages`; the result installs when Python is there. */
  begin(names: readonly string[]): () => Promise<PackageData[]> {
    const fetched = this.#resolve(names).then((wanted) => this.#fetchAll(wanted, true));
    fetched.catch(() => undefined); // awaited when Python has started
    return () => this.#inTurn(async () => this.#installAll(await fetched, {}));
  }

  /**
   * Load packages and what they depend on.
   * @returns what was loaded now.
   * @throws Error (rejects) for a name that the lock file does not have. A package that cannot be fetched
   *   or unpacked is told to errorCallback, and the others are loaded.
   */
  load(names: readonly string[], options: LoadPackageOptions): Promise<PackageData[]> {
    return this.#inTurn(async () => {
      const wanted = (await this.#resolve(names)).filter((one) => this.#isNew(one, options));
      if (wanted.length === 0) {
        say(options, "No new packages to load");
        return [];
      }
      say(options, `Loading ${list(wanted)}`);
      return this.#installAll(await this.#fetchAll(wanted, options.checkIntegrity !== false), options);
    });
  }

  /**
   * The packages of the lock file that offer imported modules and are not loaded.
   * @param imports the modules; asked for only if there are packages.
   */
  async ofImports(imports: () => Promise<readonly string[]>): Promise<string[]> {
    const locked = Object.entries((await this.#lock).packages);
    if (locked.length === 0) return [];
    const modules = await imports();
    return locked
      .filter(([, { name }]) => this.loaded[name] === undefined)
      .filter(([, { imports: offered }]) => (offered ?? []).some((module) => modules.includes(module)))
      .map(([key]) => key);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #resolve(names: readonly string[]): Promise<Wanted[]> {
    const { packages } = names.every(isAddress) ? EMPTY : await this.#lock;
    const byName = new Map(Object.entries(packages).map(([key, locked]) => [canonical(key), locked]));
    const found = new Map<string, Wanted>();
    const add = (name: string, because: string): void => {
      if (isAddress(name)) {
        const url = fromHere(name, this.#indexURL);
        const fileName = decodeURIComponent(new URL(url).pathname.split("/").pop() ?? "");
        // "..%2Fx.whl" would be written outside of packageCacheDir.
        if (/[\\/]/.test(fileName)) throw new Error(`the address ${name} ends in an unsafe file name: ${fileName}`);
        const key = canonical(fileName.split("-")[0] ?? fileName);
        if (!found.has(key)) found.set(key, { name: nameIn(fileName), url, fileName, locked: undefined });
        return;
      }
      const key = canonical(name);
      if (found.has(key)) return;
      const locked = byName.get(key);
      if (locked === undefined) throw unknown(name, because, this.#noLock);
      found.set(key, {
        name: locked.name,
        url: new URL(locked.file_name, this.#base).href,
        fileName: locked.file_name.split("/").pop() ?? locked.file_name,
        locked,
      });
      for (const needed of locked.depends ?? []) add(needed, ` (needed by ${locked.name})`);
    };
    for (const name of names) add(name, "");
    return [...found.values()];
  }

  /** Is it to be loaded? One that came from elsewhere stays, and is told. */
  #isNew(wanted: Wanted, options: LoadPackageOptions): boolean {
    const from = this.loaded[wanted.name];
    if (from === undefined) return true;
    const channel = channelOf(wanted);
    if (from !== channel) {
      complain(
        options,
        `URI mismatch, attempting to load package ${wanted.name} from ${channel} while it is already loaded from ${from}. ` +
          "To override a dependency, load the custom package first.",
      );
    }
    return false;
  }

  #fetchAll(wanted: readonly Wanted[], check: boolean): Promise<Fetched[]> {
    return Promise.all(
      wanted.map(async (one) => ({ wanted: one, bytes: await this.#fetch(one, check).catch(asError) })),
    );
  }

  async #fetch({ url, fileName, locked }: Wanted, check: boolean): Promise<Uint8Array> {
    const kept = this.#options.packageCacheDir;
    const files = nodeFiles();
    const path = kept === undefined || files === undefined ? undefined : `${kept.replace(/\/$/, "")}/${fileName}`;
    if (path !== undefined) {
      const bytes = await files?.readFile(path).catch(() => undefined);
      if (bytes !== undefined && (await hasHash(bytes, locked?.sha256))) return bytes;
    }
    const bytes = await fetchBytes(url, locked === undefined ? "the address" : "the lock file, packageBaseUrl");
    if (check && !(await hasHash(bytes, locked?.sha256))) {
      throw new Error(`${fileName} is not what the lock file names: its sha256 is another one`);
    }
    if (path !== undefined && kept !== undefined) {
      await files?.mkdir(kept, { recursive: true });
      await files?.writeFile(path, bytes);
    }
    return bytes;
  }

  async #installAll(fetched: readonly Fetched[], options: LoadPackageOptions): Promise<PackageData[]> {
    const done: PackageData[] = [];
    const failed: string[] = [];
    for (const { wanted, bytes } of fetched) {
      if (this.loaded[wanted.name] !== undefined) continue;
      try {
        if (bytes instanceof Error) throw bytes;
        done.push(await this.#installOne(wanted, bytes));
      } catch (error) {
        failed.push(wanted.name);
        complain(options, `The following error occurred while loading ${wanted.name}: ${reason(error)}`);
      }
    }
    if (done.length > 0) say(options, `Loaded ${list(done)}`);
    if (failed.length > 0) complain(options, `Failed to load ${failed.sort().join(", ")}`);
    return done;
  }

  async #installOne(wanted: Wanted, bytes: Uint8Array): Promise<PackageData> {
    if (this.#files === undefined || this.#install === undefined) throw new Error("Python has not started yet");
    const path = `/tmp/.package-${wanted.fileName}`;
    this.#files.writeFile(path, bytes);
    try {
      const [name, version] = await this.#install(path, wanted.fileName);
      const { locked } = wanted;
      this.loaded[wanted.name] = channelOf(wanted);
      return {
        name: locked?.name ?? name,
        version: locked?.version ?? version,
        fileName: wanted.fileName,
        packageType: locked?.package_type ?? "package",
      };
    } finally {
      this.#files.unlink(path);
    }
  }
}

function unknown(name: string, because: string, noLock: string): Error {
  let hint = ": it is not in the lock file (options lockFileURL, lockFileContents); the address of a wheel works too";
  if (/[<>=!~]/.test(name)) hint = ": loadPackage() takes names without versions; the lock file decides about these";
  else if (noLock !== "") hint = `: there is no lock file: ${noLock}`;
  return new Error(`No known package with name '${name}'${because}${hint}`);
}

function channelOf({ locked, url }: Wanted): string {
  return locked === undefined ? url : DEFAULT_CHANNEL;
}

/** PEP 503. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

function nameIn(fileName: string): string {
  return fileName.endsWith(".whl") ? canonical(fileName.split("-")[0] ?? fileName) : fileName.replace(/\.(zip|tar|tar\.\w+|tgz)$/, "");
}

/** Names of the lock file have neither slashes nor a wheel's ending. */
function isAddress(name: string): boolean {
  return name.includes("/") || name.endsWith(".whl");
}

async function readLock(url: string | undefined, contents: unknown, option: string): Promise<Lockfile> {
  let lock = await contents;
  if (lock === undefined) {
    if (url === undefined) return EMPTY;
    lock = new TextDecoder().decode(await fetchBytes(url, option));
  }
  const read: unknown = typeof lock === "string" ? JSON.parse(lock) : lock;
  const { packages, info } = (read ?? {}) as Partial<Lockfile>;
  if (typeof packages !== "object") throw new Error("the lock file has no packages: it is not one that Pyodide could read");
  return { info: info ?? EMPTY.info, packages };
}

async function hasHash(bytes: Uint8Array, wanted: string | undefined): Promise<boolean> {
  if (wanted === undefined || wanted === "") return true;
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) return true; // a page that is no secure context has no hashes, and no safe fetch either
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === wanted.toLowerCase();
}

function list(all: readonly { readonly name: string }[]): string {
  return all
    .map(({ name }) => name)
    .sort()
    .join(", ");
}

function say({ messageCallback }: LoadPackageOptions, text: string): void {
  if (messageCallback === undefined) console.log(text);
  else messageCallback(text);
}

function complain({ errorCallback }: LoadPackageOptions, text: string): void {
  if (errorCallback === undefined) console.error(text);
  else errorCallback(text);
}

/** Of an exception of the installer only what it says, not where. */
function reason(error: unknown): string {
  const { message } = asError(error);
  return error instanceof PythonError ? (message.trimEnd().split("\n").pop() as string) : message;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
