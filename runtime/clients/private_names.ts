/*
 * `pyodide._api` and the additions to `pyodide._module`: names that are private in Pyodide and that its
 * clients use all the same. Each client has a file here, which says what it needs the name for; what
 * a client needs is supported as public names are, all else is not there. Nothing of ours may use these
 * names: take this folder away, and only the clients notice. Called by ../index.ts for each runtime.
 */

import type { Pyodide, PyodideParts } from "../api/api.ts";
import { addConsoleNames } from "./consoles.ts";
import { addEmscriptenNames } from "./emscripten_code.ts";
import { addFatalNames } from "./fatal_errors.ts";
import { addLibraryNames } from "./libraries.ts";
import { addMainNames } from "./main_program.ts";
import { addMicropipNames } from "./micropip.ts";
import type { Inside } from "./names.ts";
import { addPolyscriptNames } from "./polyscript.ts";
import { addTestNames } from "./pytest_pyodide.ts";
import { addThreadStateNames } from "./thread_state.ts";
import { addWorkerRunnerNames } from "./worker_runner.ts";

/** Give a runtime the private names. A start pays nothing for them: they are made when somebody looks. */
export function addPrivateNames(pyodide: Pyodide, parts: PyodideParts): void {
  const { module } = parts.core;
  const make = (): object => {
    const api = {};
    Object.defineProperty(pyodide, "_module", { value: module, configurable: true });
    Object.defineProperty(pyodide, "_api", { value: api, writable: true, configurable: true });
    const inside: Inside = { pyodide, parts, api, module };
    addConsoleNames(inside);
    addEmscriptenNames(inside);
    addFatalNames(inside);
    addLibraryNames(inside);
    addMainNames(inside);
    addMicropipNames(inside);
    addTestNames(inside);
    addThreadStateNames(inside);
    addWorkerRunnerNames(inside);
    return api;
  };
  addPolyscriptNames(parts);
  Object.defineProperty(pyodide, "_api", { get: make, configurable: true });
  Object.defineProperty(pyodide, "_module", {
    get() {
      make();
      return module;
    },
    configurable: true,
  });
}
