/*
 * An import can wait: JavaScript's half. Python's finder (runtime/python/pyodide/_package_finder.py) asks
 * here which package of the lock file offers a module, and has it loaded while its stack waits.
 * Made by runtime/load/load.ts when option loadPackagesOnImport is on.
 *
 * Invariants
 *  1. offering() and offersBelow() wait for nothing and load nothing.
 *  2. stop() ends the fetching of this import alone; what is being unpacked is finished.
 */

import type { LockfilePackage } from "./lockfile.ts";
import type { Packages } from "./packages.ts";

/** What option onImportProgress is told. */
export interface ImportProgress {
  /** The module that is imported. */
  readonly module: string;
  /** The package that is loaded for it: the one that has it, or one that this one depends on. */
  readonly package: string;
  readonly state: "fetching" | "unpacking" | "loaded" | "failed";
  /** Bytes that have come. */
  readonly loaded: number;
  /** Bytes in all, where the server said. */
  readonly total: number | undefined;
  /** Why, when it has failed. */
  readonly error: Error | undefined;
}

/** A load that is under way. */
interface Loading {
  /** Settles when the package is in place, or cannot be. */
  readonly done: Promise<void>;
  stop(): void;
}

/** What the finder calls. */
export interface ImportHost {
  /** The package that offers a module and is not loaded. */
  offering(module: string): string | undefined;
  /** Whether packages offer modules below this name. */
  offersBelow(module: string): boolean;
  load(module: string, name: string): Loading;
}

/** @param onProgress told of each step; what it throws is shown and changes nothing. */
export function importHost(packages: Packages, onProgress?: (progress: ImportProgress) => void): ImportHost {
  const find = (fits: (one: LockfilePackage) => boolean): LockfilePackage | undefined =>
    Object.values(packages.lockfile.packages).find((one) => fits(one) && !packages.isLoaded(one.name));
  return {
    offering: (module) => find(({ imports }) => imports?.includes(module) ?? false)?.name,
    offersBelow: (module) => find(({ imports }) => imports?.some((name) => name.startsWith(`${module}.`)) ?? false) !== undefined,
    load(module, name) {
      const control = new AbortController();
      const done = packages.require(name, {
        signal: control.signal,
        tell: (what) => {
          try {
            onProgress?.({ module, loaded: 0, total: undefined, error: undefined, ...what });
          } catch (error) {
            console.error(error);
          }
        },
      });
      done.catch(() => undefined); // the import may have been interrupted: nobody waits then
      return { done, stop: () => control.abort() };
    },
  };
}
