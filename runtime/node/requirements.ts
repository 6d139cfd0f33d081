// What a program asks for besides itself: packages of `sospeso run --with` and of a script's header
// (PEP 723). requirements.py installs them; here they are found again at the next run, without asking
// the package index. Used by cli.ts and page.ts.
//
// Invariants
//  1. What was installed is remembered under the hash of all that decided it: the header, the command
//     line, the indexes, the versions, this build's address.
//  2. What is remembered and less than a day old is tried first; then the index is asked; where that cannot be
//     had, what is older is tried.
//  3. What cannot be loaded leaves the runtime's lock file as it was: micropip prefers what stands there.

import type { Lockfile, Pyodide } from "../index.ts";
import code from "./requirements.py";

/** What is asked for. */
export interface Requirements {
  /** The script's text if it may have a header, else "". */
  readonly source: string;
  /** PEP 508. */
  readonly named: readonly string[];
  /** Addresses of package indexes. */
  readonly indexes: readonly string[];
}

/** Packages that were installed once. */
export interface Installed {
  readonly lock: Lockfile;
  readonly names: readonly string[];
}

/** Packages that cannot be had; the message is for the person at the command line. */
export class CannotInstall extends Error {}

/** Whether anything is asked for; the header itself is read by Python. */
export function asksForPackages({ source, named }: Requirements): boolean {
  return named.length > 0 || hasHeader(source);
}

/** Whether a script's text has a header of PEP 723. */
export function hasHeader(source: string): boolean {
  return /^# \/\/\/ script\r?$/m.test(source);
}

/**
 * Install from the indexes, and from the lock file that comes along.
 * @returns what a lock file of all that says; undefined when nothing had to be installed.
 * @throws CannotInstall (rejects). An interrupt is Python's KeyboardInterrupt.
 */
export async function install(pyodide: Pyodide, wanted: Requirements): Promise<Installed | undefined> {
  const space = pyodide.toPy({ __name__: "<sospeso>" });
  const given = [wanted.source, wanted.named, wanted.indexes].map((value) => JSON.stringify(value));
  try {
    const call = `await prepare(${given.join(", ").replaceAll(";", "\\u003b")})`;
    const told = String(await pyodide.runPythonAsync(`${code}\n${call}\n`, { globals: space, filename: "<sospeso>" }));
    const { lock, names } = JSON.parse(told) as { lock: Lockfile | null; names: string[] };
    return lock === null ? undefined : { lock, names };
  } catch (error) {
    if ((error as { type?: unknown }).type !== "Refused") throw error;
    // Python's traceback ends with what it says, and its first line names the class.
    throw new CannotInstall(/^(?:<sospeso>\.)?Refused: ([^]*)/m.exec((error as Error).message)?.[1]?.trim());
  } finally {
    space.destroy();
  }
}

/** Load what was installed once. @returns whether all of it is there. */
export async function loadInstalled(pyodide: Pyodide, { lock, names }: Installed): Promise<boolean> {
  const { packages } = pyodide.lockfile;
  const before = { ...packages };
  let failed = false;
  Object.assign(packages, lock.packages);
  try {
    await pyodide.loadPackage(names, {
      messageCallback: () => undefined,
      errorCallback: () => (failed = true),
    });
  } catch {
    failed = true; // a package that it does not name
  }
  if (failed) {
    for (const name of Object.keys(packages)) delete packages[name];
    Object.assign(packages, before);
  }
  return !failed;
}
