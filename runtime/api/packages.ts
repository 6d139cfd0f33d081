/*
 * Packages: wheels and archives from a lock file's names or from addresses, unpacked
 * into site-packages (runtime/python/pyodide/_package_loader.py does that, on a task: the page stays
 * alive). Behind loadPackage(), loadPackagesFromImports() and the option `packages` of
 * loadPyodide(). Made by runtime/load/load.ts, whose downloads begin before Python has started.
 * Messages and texts of errors are Pyodide's, since pages match on them.
 *
 * Invariants
 *  1. A package is in `loaded` when its files are in place, and never twice.
 *  2. One loading at a time: the next one sees what the one before has loaded.
 *  3. Nothing is unpacked before its bytes have the hash that the lock file names.
 */

import { PythonError } from "../../ffi/bridge/errors.ts";
import { asFolder, fromHere } from "../load/assets.ts";
import {
  builtInPackage,
  canonical,
  type Lockfile,
  type LockfilePackage,
  NO_LOCK,
  type PackageType,
  readLock,
  withBuiltIns,
} from "./lockfile.ts";
import { canHash, isFileName, PackageFetcher } from "./package_files.ts";

/** A package that was loaded. */
export interface PackageData {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly packageType: PackageType;
}

/** Options of loadPackage(). */
export interface LoadPackageOptions {
  /** Told what is loaded, and what was already; default: Python's stdout. */
  messageCallback?: (message: string) => void;
  /** Told what failed, and why; default: Python's stderr. */
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
  cachePackages?: boolean;
}

/** What Python is asked to unpack. */
export interface Unpacking {
  /** The archive in Python's file system. */
  readonly path: string;
  readonly fileName: string;
  /** "site", "stdlib", "dynlib" or a folder. */
  readonly installDir: string | undefined;
  /** Files of the wheel's .dist-info, by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The hash that Python has to compare; undefined: it was compared. */
  readonly sha256: string | undefined;
}

/** What packages need of the runtime; there when Python has started. */
export interface PackageHost {
  /** Unpacks an archive; its name and version, as far as it tells, and the libraries in it, by their paths. */
  unpack(what: Unpacking): Promise<[name: string, version: string, libraries: string[]]>;
  /** Has the engine compile libraries, so that an import can be had on a stack that cannot wait. */
  compile(libraries: readonly string[]): Promise<void>;
  /** Writes a file of Python's file system, and takes it away again. */
  writeFile(path: string, data: Uint8Array): void;
  unlink(path: string): void;
  /** Write a line to Python's stdout or stderr. */
  print(text: string, isError: boolean): void;
}

interface Wanted {
  /** The name it is known by. */
  readonly name: string;
  /** Its address; throws where there is none. */
  url(): string;
  readonly fileName: string;
  /** DEFAULT_CHANNEL, or the address that was asked for. */
  readonly channel: string;
  readonly locked: LockfilePackage | undefined;
  /** There is nothing to fetch and to unpack. */
  readonly builtIn?: boolean;
}

/** A load on behalf of an import statement (imports.ts). */
export interface Watched {
  /** Ends the fetching. */
  readonly signal: AbortSignal;
  /** Told of each step. */
  tell(step: {
    package: string;
    state: "fetching" | "unpacking" | "loaded" | "failed";
    loaded?: number;
    total?: number | undefined;
    error?: Error;
  }): void;
}

interface Fetched {
  readonly wanted: Wanted;
  readonly bytes: Uint8Array | Error | undefined;
}

const DEFAULT_CHANNEL = "default channel";
/** Archives that may be named by their address; Pyodide takes wheels alone. */
const ARCHIVE = /\.(whl|zip|tar|tgz|tar\.(gz|bz2|xz))$/;

/** The packages of one runtime. */
export class Packages {
  /** Name: "default channel", or the address it came from. */
  readonly loaded: Record<string, string> = {};
  readonly #indexURL: string;
  /** What relative file names start from; undefined when nobody said. */
  readonly #base: string | undefined;
  readonly #fetcher: PackageFetcher;
  readonly #lock: Promise<Lockfile>;
  /** Why there is no lock file, when nobody named one and the runtime's own cannot be had. */
  #noLock = "";
  #lockfile: Lockfile = NO_LOCK;
  #host: PackageHost | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #files = 0;
  /** Libraries of packages that are being compiled. */
  readonly #compiling: Promise<void>[] = [];

  /**
   * @param indexURL the folder that relative addresses start from where there is neither a page nor a lock file.
   * @param ownLock the lock file where the options name none; undefined: there is none then. A folder without it is no error: there are then no names.
   */
  constructor(options: PackageOptions, indexURL: string, ownLock: string | undefined) {
    this.#indexURL = indexURL;
    const { lockFileURL, lockFileContents, packageBaseUrl, packageCacheDir } = options;
    const isOwn = lockFileURL === undefined && lockFileContents === undefined;
    const lockURL = lockFileURL === undefined ? (isOwn ? ownLock : undefined) : fromHere(lockFileURL, indexURL);
    this.#base = packageBaseUrl === undefined ? lockURL : fromHere(asFolder(packageBaseUrl), indexURL);
    this.#fetcher = new PackageFetcher(packageCacheDir, options.cachePackages === true);
    this.#lock = readLock(lockURL, lockFileContents, isOwn ? "indexURL" : "lockFileURL").then(
      (lock) => (this.#lockfile = isOwn ? withBuiltIns(lock) : lock),
      (error: unknown) => {
        if (!isOwn) throw error;
        this.#noLock = `: there is no lock file: ${asError(error).message}`;
        return NO_LOCK;
      },
    );
    this.#lock.catch(() => undefined); // whoever waits for ready, or asks for a package, is told
  }

  /** The lock file is there. Rejects when one that the program named cannot be had. */
  get ready(): Promise<unknown> {
    return this.#lock;
  }

  /** The lock file, once it is there. */
  get lockfile(): Lockfile {
    return this.#lockfile;
  }

  /** Where the lock file's relative names start from; undefined when nobody said. */
  get baseURL(): string | undefined {
    return this.#base === undefined ? undefined : new URL(".", this.#base).href;
  }

  /** Python has started: what was fetched can be unpacked. */
  attach(host: PackageHost): void {
    this.#host = host;
  }

  /** Begin to fetch, for the option `packages`; the result installs when Python is there. */
  begin(names: readonly string[]): () => Promise<PackageData[]> {
    const fetched = this.#resolve(names, {}).then((wanted) => this.#fetchAll(wanted, true));
    fetched.catch(() => undefined); // awaited when Python has started
    return () => this.#inTurn(async () => this.#installAll(await fetched, {}));
  }

  /**
   * Load packages and what they depend on.
   * @returns what was loaded now, each after what it depends on.
   * @throws Error (rejects) for a name that the lock file does not have. A package that cannot be fetched
   *   or unpacked is told to errorCallback, and the others are loaded.
   */
  load(names: readonly string[], options: LoadPackageOptions): Promise<PackageData[]> {
    return this.#inTurn(async () => {
      const all = await this.#resolve(names, options);
      const wanted = all.filter((one) => this.#isNew(one, options));
      if (wanted.length === 0) {
        this.#say(options, "No new packages to load");
        return [];
      }
      this.#say(options, `Loading ${list(wanted)}`);
      return this.#installAll(await this.#fetchAll(wanted, options.checkIntegrity !== false), options);
    });
  }

  /**
   * Load a package of the lock file and what it depends on, for an import statement: without a word.
   * @throws Error (rejects) why one of them could not be loaded. Those that could are there.
   */
  require(name: string, watched: Watched): Promise<void> {
    return this.#inTurn(async () => {
      const wanted = (await this.#resolve([name], {})).filter((one) => !this.isLoaded(one.name));
      const failed = new Map<string, Error>();
      const options = { messageCallback: () => undefined, errorCallback: () => undefined };
      await this.#installAll(await this.#fetchAll(wanted, true, watched), options, failed, watched);
      for (const error of failed.values()) throw error;
    });
  }

  /** Whether a package is there, under any spelling of its name. */
  isLoaded(name: string): boolean {
    return this.#channelOf(name) !== undefined;
  }

  /**
   * The packages of the lock file that offer imported modules, loaded or not.
   * @param imports the modules; asked for only if there are packages.
   */
  async ofImports(imports: () => Promise<readonly string[]>): Promise<string[]> {
    const locked = Object.entries((await this.#lock).packages);
    if (locked.length === 0) return [];
    const modules = await imports();
    return locked
      .filter(([, { imports: offered }]) => (offered ?? []).some((module) => modules.includes(module)))
      .map(([key]) => key);
  }

  /**
   * Unpack a wheel that somebody has fetched.
   * @param folder default: site-packages.
   * @param metadata files of its .dist-info, by name.
   */
  async unpack(
    bytes: Uint8Array,
    fileName: string,
    folder: string | undefined,
    metadata: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (!isFileName(fileName)) throw new Error(`${JSON.stringify(fileName)} is no name of a package's file`);
    await this.#unpack(bytes, { fileName, installDir: folder, metadata, sha256: undefined });
    await this.#fetcher.keep(fileName, bytes, metadata["PYODIDE_SHA256"]); // what micropip has compared it with
    await this.#allCompiled();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** The packages that names mean, with what they depend on, which comes first. */
  async #resolve(names: readonly string[], options: LoadPackageOptions): Promise<Wanted[]> {
    const { packages } = names.every(isAddress) ? NO_LOCK : await this.#lock;
    const byName = new Map(Object.entries(packages).map(([key, locked]) => [canonical(key), locked]));
    const found = new Map<string, Wanted>();
    const done: Wanted[] = [];
    const add = (name: string): void => {
      const wanted = isAddress(name) ? this.#byAddress(name) : this.#byName(name, byName.get(canonical(name)));
      const key = canonical(wanted.name);
      const known = found.get(key);
      if (known !== undefined) {
        if (known.channel !== wanted.channel && wanted.channel !== DEFAULT_CHANNEL) {
          this.#complain(
            options,
            `Loading same package ${wanted.name} from ${wanted.channel} and ${known.channel}`,
          );
        }
        return;
      }
      found.set(key, wanted);
      for (const needed of wanted.locked?.depends ?? []) if (!found.has(canonical(needed))) add(needed);
      done.push(wanted);
    };
    for (const name of names) add(name);
    return done;
  }

  #byAddress(address: string): Wanted {
    const { fileName, name } = asAddress(address) as Address;
    // "..%2Fx.whl" would be written outside of packageCacheDir.
    if (!isFileName(fileName)) throw new Error(`the address ${address} ends in an unsafe file name: ${fileName}`);
    return { name, url: () => fromHere(address, this.#indexURL), fileName, channel: address, locked: undefined };
  }

  #byName(name: string, locked: LockfilePackage | undefined): Wanted {
    const builtIn = builtInPackage(name);
    if (builtIn !== undefined) {
      const { name: own, file_name: fileName } = builtIn;
      const url = (): string => new URL(fileName, this.#indexURL).href;
      return { name: own, url, fileName, channel: DEFAULT_CHANNEL, locked: builtIn, builtIn: fileName === "" };
    }
    if (locked === undefined) throw new Error(`No known package with name '${name}'${this.#noLock}`);
    const { file_name: file } = locked;
    const url = (): string => {
      if (this.#base === undefined && !/^[a-z][a-z0-9+.-]+:/i.test(file)) {
        throw new Error(
          `Lock file file_name for package "${locked.name}" is relative path "${file}" ` +
            "but no packageBaseUrl provided to loadPyodide.",
        );
      }
      return new URL(file, this.#base).href;
    };
    return { name: locked.name, url, fileName: lastPart(file), channel: DEFAULT_CHANNEL, locked };
  }

  /** Where a package that is loaded came from. */
  #channelOf(name: string): string | undefined {
    if (Object.hasOwn(this.loaded, name)) return this.loaded[name];
    const key = canonical(name);
    return Object.entries(this.loaded).find(([known]) => canonical(known) === key)?.[1];
  }

  /** Is it to be loaded? One that is there stays, which is told. */
  #isNew({ name, channel }: Wanted, options: LoadPackageOptions): boolean {
    const from = this.#channelOf(name);
    if (from === undefined) return true;
    if (from === channel || channel === DEFAULT_CHANNEL) {
      this.#say(options, `${name} already loaded from ${from}`);
    } else {
      this.#complain(
        options,
        `URI mismatch, attempting to load package ${name} from ${channel} while it is already loaded from ${from}. ` +
          "To override a dependency, load the custom package first.",
      );
    }
    return false;
  }

  #fetchAll(wanted: readonly Wanted[], check: boolean, watched?: Watched): Promise<Fetched[]> {
    const fetchOne = async ({ name, url, fileName, locked, builtIn }: Wanted): Promise<Uint8Array | undefined> => {
      if (builtIn === true) return undefined;
      const watch = watched && {
        signal: watched.signal,
        onBytes: (loaded: number, total?: number) =>
          watched.tell({ package: name, state: "fetching", loaded, total }),
      };
      watch?.onBytes(0);
      return this.#fetcher.get({ url: url(), fileName, sha256: hashOf(locked) }, check, watch);
    };
    return Promise.all(
      wanted.map(async (one) => ({ wanted: one, bytes: await fetchOne(one).catch(asError) })),
    );
  }

  async #installAll(
    fetched: readonly Fetched[],
    options: LoadPackageOptions,
    failed = new Map<string, Error>(),
    watched?: Watched,
  ): Promise<PackageData[]> {
    const done: PackageData[] = [];
    for (const { wanted, bytes } of fetched) {
      const { name } = wanted;
      if (this.isLoaded(name)) continue;
      try {
        if (bytes instanceof Error) throw bytes;
        const total = bytes?.length ?? 0;
        const size = { package: name, loaded: total, total };
        watched?.tell({ ...size, state: "unpacking" });
        done.push(await this.#installOne(wanted, bytes, options.checkIntegrity !== false));
        watched?.tell({ ...size, state: "loaded" });
      } catch (error) {
        failed.set(name, asError(error));
        watched?.tell({ package: name, state: "failed", error: asError(error) });
      }
    }
    await this.#allCompiled();
    if (done.length > 0) this.#say(options, `Loaded ${list(done)}`);
    if (failed.size > 0) this.#say(options, `Failed to load ${[...failed.keys()].sort().join(", ")}`);
    for (const [name, error] of failed) {
      this.#complain(options, `The following error occurred while loading ${name}:`);
      this.#complain(options, reason(error));
    }
    return done;
  }

  async #installOne(wanted: Wanted, bytes: Uint8Array | undefined, check: boolean): Promise<PackageData> {
    const { locked, fileName, channel } = wanted;
    const [name, version] = bytes === undefined ? ["", ""] : await this.#unpack(bytes, {
      fileName,
      installDir: locked?.install_dir,
      metadata: { PYODIDE_SOURCE: locked === undefined ? channel : "pyodide" },
      sha256: check && !canHash() ? hashOf(locked) : undefined,
    });
    this.loaded[wanted.name] = channel;
    return {
      name: locked?.name ?? (fileName.endsWith(".whl") ? wanted.name : name),
      version: locked?.version ?? version,
      fileName,
      packageType: locked?.package_type ?? "package",
    };
  }

  async #unpack(bytes: Uint8Array, what: Omit<Unpacking, "path">): Promise<[name: string, version: string]> {
    const host = this.#host;
    if (host === undefined) throw new Error("Python has not started yet");
    const path = `/tmp/.package-${this.#files++}-${what.fileName}`;
    host.writeFile(path, bytes);
    try {
      const [name, version, libraries] = await host.unpack({ ...what, path });
      this.#compiling.push(host.compile(libraries)); // while the next package is unpacked
      return [name, version];
    } finally {
      host.unlink(path);
    }
  }

  async #allCompiled(): Promise<void> {
    await Promise.all(this.#compiling.splice(0));
  }

  #say({ messageCallback }: LoadPackageOptions, text: string): void {
    if (messageCallback !== undefined) messageCallback(text);
    else if (this.#host === undefined) console.log(text);
    else this.#host.print(text, false);
  }

  #complain({ errorCallback }: LoadPackageOptions, text: string): void {
    if (errorCallback !== undefined) errorCallback(text);
    else if (this.#host === undefined) console.error(text);
    else this.#host.print(text, true);
  }
}

interface Address {
  readonly fileName: string;
  readonly name: string;
}

/** What a wheel's or an archive's address tells; undefined for what is none. */
function asAddress(text: string): Address | undefined {
  const path = withoutQuery(text);
  if (!ARCHIVE.test(path) || !(path.endsWith(".whl") || path.includes("/"))) return undefined;
  const fileName = lastPart(text);
  const stem = fileName.replace(ARCHIVE, "").split(fileName.endsWith(".whl") ? "-" : "/")[0] as string;
  return { fileName, name: stem.toLowerCase() };
}

function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/s, "");
}

/** The name of an address's file. */
function lastPart(address: string): string {
  const last = withoutQuery(address).split("/").pop() as string;
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // it has a % that means nothing
  }
}

function isAddress(text: string): boolean {
  return asAddress(text) !== undefined;
}

function hashOf(locked: LockfilePackage | undefined): string | undefined {
  return locked?.sha256?.toLowerCase() || undefined;
}

function list(all: readonly { readonly name: string }[]): string {
  return all
    .map(({ name }) => name)
    .sort()
    .join(", ");
}

/** Of an exception of the installer only what it says, not where. */
function reason(error: Error): string {
  return error instanceof PythonError ? (error.message.trimEnd().split("\n").pop() as string) : error.message;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
