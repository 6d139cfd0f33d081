/*
 * The lock file (pyodide-lock.json): what names packages, where their files are and what hashes these
 * have. Read once per runtime; packages.ts looks things up in it. It is what the program gave or what
 * came from its address, and programs may change it in place (basthon does).
 */

import { fetchBytes } from "../load/assets.ts";
import { abiVersion } from "../load/version.ts";

export type PackageType = "package" | "cpython_module" | "shared_library" | "static_library";

/** An entry of a lock file. One that somebody wrote by hand may lack all but the first three. */
export interface LockfilePackage {
  name: string;
  version: string;
  /** Relative to the lock file (or to packageBaseUrl), or an address. */
  file_name: string;
  /** Hexadecimal. */
  sha256: string;
  package_type: PackageType;
  /** Older lock files have "stdlib" as well, which works. */
  install_dir: "site" | "dynlib";
  /** Modules that it offers: import names. */
  imports: string[];
  /** Names of other packages of the lock file. */
  depends: string[];
  /** Whether the package's tests are a package of their own, its name with "-tests". */
  unvendored_tests?: boolean;
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

export const NO_LOCK = { info: {}, packages: {} } as unknown as Lockfile;

/** Modules of the standard library that are packages in Pyodide, so that programs load them by name. */
const BUILT_IN = ["hashlib", "lzma", "pydoc_data", "sqlite3", "ssl"];
/** Those whose file lies beside the runtime's others: CPython's tests. */
const APART: Readonly<Record<string, string>> = { test: "python_test.zip" };

/** The entry of a package that comes with the runtime: without a file, or with one of the runtime's. */
export function builtInPackage(name: string): LockfilePackage | undefined {
  const own = [...BUILT_IN, ...Object.keys(APART)].find((known) => canonical(known) === canonical(name));
  if (own === undefined) return undefined;
  return {
    name: own,
    version: "1.0.0", // Pyodide's
    file_name: APART[own] ?? "",
    sha256: "",
    package_type: "cpython_module",
    install_dir: (own in APART ? "stdlib" : "site") as LockfilePackage["install_dir"],
    imports: [own],
    depends: [],
    unvendored_tests: false,
  };
}

/** A lock file that names them too: micropip looks names up there. */
export function withBuiltIns({ info, packages }: Lockfile): Lockfile {
  const own = [...BUILT_IN, ...Object.keys(APART)].map((name) => [name, builtInPackage(name) as LockfilePackage]);
  return { info, packages: { ...Object.fromEntries(own), ...packages } };
}

/** PEP 503: names that mean the same package. */
export function canonical(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/**
 * Read a lock file.
 * @param url its address; undefined: there is only `contents`.
 * @param contents the object, its JSON, or a promise of either.
 * @param option what the user may have got wrong when there is none.
 * @throws Error (rejects) when it cannot be fetched or read, or is for another ABI.
 */
export async function readLock(url: string | undefined, contents: unknown, option: string): Promise<Lockfile> {
  let lock = await contents;
  if (lock === undefined) {
    if (url === undefined) return NO_LOCK;
    lock = new TextDecoder().decode(await fetchBytes(url, option));
  }
  const read: unknown = typeof lock === "string" ? JSON.parse(lock) : lock;
  const { packages, info } = (read ?? {}) as Partial<Lockfile>;
  if (typeof packages !== "object") {
    throw new Error("Loaded pyodide lock file does not contain the expected key 'packages'.");
  }
  if (info === undefined) return { info: NO_LOCK.info, packages };
  const { abi_version: abi } = info as Partial<LockfileInfo>;
  if (abi !== undefined && abi !== "any" && abi !== abiVersion) {
    throw new Error(
      "Lock file ABI version doesn't match Pyodide ABI version.\n" +
        `   lockfile version: ${abi}\n   pyodide  version: ${abiVersion}`,
    );
  }
  return read as Lockfile; // the very object: programs change it in place
}
