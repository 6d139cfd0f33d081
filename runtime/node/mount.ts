// The host's folders inside the core, at the same paths.
// Why: a script's relative and absolute paths, its neighbours, its arguments and /tmp must mean what
// they mean outside. Each top-level folder of the host is mounted where it is (/home, /work, /tmp),
// except those the core has for itself; of these, only what the program needs is mounted deeper.
// Called by cli.ts as the `fsInit` option.

import { existsSync, lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname, sep } from "node:path";

/** As much of Emscripten's FS as is needed here. */
export interface MountingFS {
  readonly filesystems: Readonly<Record<string, unknown>>;
  mkdirTree(path: string): void;
  mount(type: unknown, options: { root: string }, mountpoint: string): unknown;
  analyzePath(path: string): { readonly exists: boolean };
}

/** The program cannot be run with what may be seen; the message is for the person who asked for it. */
export class CannotMount extends Error {}

/** Names at the root that are the core's own, or that a program inside has no use for. */
const OURS = new Set(["dev", "proc", "sys", "lib", "lib32", "lib64", "bin", "sbin", "usr", "boot", "run"]);

/**
 * The folders to mount, outermost first.
 * @param needed absolute folders that must be visible (the current folder, the script's).
 * @param top names in the host's root folder.
 */
export function mountPoints(needed: readonly string[], top: readonly string[]): string[] {
  const points = new Set<string>();
  for (const name of top) if (!OURS.has(name)) points.add(`/${name}`);
  for (const folder of [...needed].sort()) {
    const name = folder.split("/")[1] ?? "";
    // The root folder itself needs nothing: all of it that can be mounted is.
    if (name !== "" && !points.has(`/${name}`)) points.add(folder);
  }
  const all = [...points];
  return all.filter((point) => !all.some((other) => point.startsWith(`${other}/`)));
}

/**
 * Mount the host's folders.
 * @param script path of the script, or "" when the program is in no file.
 * @param venv the virtual environment it runs in.
 * @param only absolute folders that may be seen; none: all of them.
 * @returns the current folder, or "" where it is not mounted (not a POSIX host).
 * @throws CannotMount when the script lies in none of the folders.
 */
export function mountHost(FS: MountingFS, script: string, venv?: string, only: readonly string[] = []): string {
  if (sep !== "/") return "";
  const cwd = process.cwd();
  if (only.length > 0) {
    const folders = only.filter((folder) => !only.some((other) => other !== folder && isWithin(folder, other)));
    for (const folder of folders) mountFolder(FS, folder);
    const seen = (path: string): boolean => folders.some((folder) => isWithin(path, folder));
    if (script !== "" && existsSync(script) && !seen(realpathSync(script))) {
      throw new CannotMount(`${script} lies in none of the folders that --mount names, so that it cannot be read`);
    }
    return seen(cwd) ? cwd : "";
  }
  const needed = venv === undefined ? [cwd] : [cwd, venv];
  if (script !== "") {
    try {
      needed.push(dirname(realpathSync(script)));
    } catch {
      // Python will say that the file is not there, in its own words.
    }
  }
  const top = readdirSync("/").filter((name) => {
    try {
      return lstatSync(`/${name}`).isDirectory();
    } catch {
      return false;
    }
  });
  for (const point of mountPoints(needed, top)) mountFolder(FS, point);
  return cwd;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

function mountFolder(FS: MountingFS, folder: string): void {
  const NODEFS = FS.filesystems["NODEFS"];
  if (NODEFS === undefined) throw new Error("this core was linked without NODEFS: build it again");
  FS.mkdirTree(folder);
  FS.mount(NODEFS, { root: folder }, folder);
}
