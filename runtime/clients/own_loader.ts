/*
 * For programs that carry Pyodide's own loader in their bundle (marimo, vite and webpack applications) and
 * take an `indexURL` alone. That loader fetches `pyodide.asm.js` or, of Pyodide 314, `pyodide.asm.mjs` from
 * there, calls the function that the file defines with settings for Emscripten, and goes on with what it
 * gives. Here the function loads our runtime by the options that lie in the settings, and says yes to the
 * rest. `pyodide.asm.wasm` is an empty module, because the loader asks for it before anything else; its
 * `python_stdlib.zip` is the one that we load. The two entries beside this file are bundled as the two files.
 */

import { LoadError, loadPyodide, type PyProxy } from "../index.ts";
import type { LoadOptions } from "../load/load.ts";

/** What the loader passes on of its caller's options, and what it adds to them. */
interface LoaderConfig extends LoadOptions {
  readonly BUILD_ID?: string;
  readonly cdnUrl?: string;
}

/** The settings for Emscripten; the hooks in there prepare a file system that ours has already. */
interface LoaderSettings {
  readonly API?: { readonly config?: LoaderConfig };
}

/** What the loader asks of Emscripten's module. */
interface LoadedModule {
  readonly API: object;
}

/**
 * Load a runtime as Pyodide's loader wants it: the factory of its Emscripten module.
 * @throws LoadError as loadPyodide() does (rejects), and when a caller is no loader of Pyodide.
 */
export async function createPyodideModule(settings: LoaderSettings): Promise<LoadedModule> {
  const config = settings.API?.config;
  if (config === undefined) {
    throw new LoadError("pyodide.asm.* is for Pyodide's own loader (0.27 to 314); a program of its own imports loadPyodide from pyodide.mjs");
  }
  const pyodide = await loadPyodide(options(config));
  // The loader compares its own version with this one's. It stands for the newest that this file speaks to.
  config.checkAPIVersion = false;
  const api = (pyodide as unknown as { _api: object })._api;
  const nothing = (): void => undefined;
  Object.assign(api, {
    // The options that they are called for have been read.
    setPyProxyToStringMethod: nothing,
    setCompatNullToNone: nothing,
    setCompatToJsLiteralMap: nothing,
    initializeStreams: nothing,
    _pyodide: { set_excepthook: nothing },
    packageIndexReady: Promise.resolve(),
    finalizeBootstrap: () => {
      // The loader puts "" before sys.path, where ours has it from the start.
      const names = pyodide.toPy({}) as PyProxy;
      pyodide.runPython("import sys; sys.path.remove('')", { globals: names });
      names.destroy();
      return pyodide;
    },
  });
  return { API: api };
}

/** The options for our own loader. */
function options(config: LoaderConfig): LoadOptions {
  const { BUILD_ID, cdnUrl, checkAPIVersion, createPyodideModule: _, packageCacheDir, ...passed } = config;
  void [BUILD_ID, cdnUrl, checkAPIVersion];
  // Pyodide's loader names one in any case: where packages come from. That is no folder to keep them in.
  const named = packageCacheDir !== undefined && packageCacheDir !== config.packageBaseUrl;
  return named ? { ...passed, packageCacheDir } : passed;
}
