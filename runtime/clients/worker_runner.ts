/*
 * Names for pyodide-worker-runner (papyros) and stlite, which ask which package an import belongs to.
 */

import { type Inside, live } from "./names.ts";

export function addWorkerRunnerNames({ api, parts }: Inside): void {
  // A Map of module name -> package name, of the lock file. pyodide-worker-runner: .to_py();
  // stlite: .get().
  live(api, "_import_name_to_package_name", () => {
    const packages = Object.entries(parts.packages.lockfile.packages);
    return new Map(packages.flatMap(([key, { imports }]) => (imports ?? []).map((name) => [name, key])));
  });
}
