/*
 * A name for code that loads shared libraries by itself, as packages had to before libraries said what
 * they need.
 */

import type { PyCallable } from "../api/ffi.ts";
import { type Inside, late } from "./names.ts";

export function addLibraryNames({ api, pyodide }: Inside): void {
  // loadDynlib(path, isGlobal): opens a library of Python's file system; later ones find its symbols if it is global.
  const loadDynlib = async (path: string, isGlobal = false): Promise<void> => {
    const load = pyodide.pyimport("pyodide._package_loader.load_library") as PyCallable;
    try {
      await load.callPromising(path, isGlobal);
    } catch (error) {
      throw new Error(`Failed to load dynamic library ${path}: ${String(error)}`, { cause: error });
    } finally {
      load.destroy();
    }
  };
  late(api, "loadDynlib", () => loadDynlib);
}
