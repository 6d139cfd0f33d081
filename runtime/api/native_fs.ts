/*
 * A folder of the user's disk (or of the origin's private file system) shown in
 * Python's file system: copied in when it is mounted, kept equal by syncfs().
 * The browser gives such folders asynchronously and piece by piece, Python's
 * system calls want them at once: hence copies. Called by api.ts; as a type of Emscripten's file systems
 * it is there for code that mounts it by itself (FS.filesystems.NATIVEFS_ASYNC).
 *
 * Invariants
 *  1. `known` is what both sides had after the last synchronisation: a file
 *     that one side lacks since was deleted there, not created on the other.
 *  2. When both sides changed a file, the later change wins.
 */

/** What mountNativeFS() gives. */
export interface NativeFS {
  /** Carry changes both ways. Rejects with the browser's error if the folder cannot be used. */
  syncfs(): Promise<void>;
}

/** As much of Emscripten's FS as is used. */
interface Files {
  readdir(path: string): string[];
  stat(path: string): { mode: number; mtime: Date };
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  readFile(path: string): Uint8Array<ArrayBuffer>;
  writeFile(path: string, data: Uint8Array): void;
  mkdirTree(path: string): void;
  unlink(path: string): void;
  rmdir(path: string): void;
  utime(path: string, atime: number, mtime: number): void;
  readonly filesystems: { readonly MEMFS: { mount(mount: Mount): unknown }; readonly [name: string]: unknown };
  mount(type: FileSystemType, options: Mount["opts"], path: string): unknown;
  unmount(path: string): void;
  lookupPath(path: string, options: object): { node: { mount: Mount } };
}

/** A file or folder by its path below the mount point; folders have no time. */
interface Entry {
  readonly folder: boolean;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** On the native side. */
  readonly handle?: FileSystemHandle;
}

type Tree = Map<string, Entry>;

/** Milliseconds by which times of the two sides may differ and still be the same. */
const SAME_MS = 2;

/** A mounted file system, as Emscripten knows it. */
interface Mount {
  readonly mountpoint: string;
  readonly opts: { readonly fileSystemHandle: FileSystemDirectoryHandle };
}

/** What FS.mount() takes, and FS.syncfs() calls. */
interface FileSystemType {
  mount(mount: Mount): unknown;
  syncfs(mount: Mount, populate: boolean, callback: (error: unknown) => void): void;
}

/** @throws TypeError for what is no handle of a folder. */
export function checkHandle(handle: FileSystemDirectoryHandle): void {
  if ((handle as { kind?: unknown } | null | undefined)?.kind !== "directory") {
    throw new TypeError("Expected argument 'fileSystemHandle' to be a FileSystemDirectoryHandle");
  }
}

/** The type of file system. Both directions of FS.syncfs() carry changes both ways: nothing newer is lost. */
export function nativeFileSystem(FS: Files): FileSystemType {
  const known = new WeakMap<Mount, Tree>();
  const running = new WeakMap<Mount, Promise<void>>();
  const sync = async (mount: Mount): Promise<void> => {
    const before = known.get(mount) ?? new Map<string, Entry>();
    known.set(mount, await synchronise(FS, mount.mountpoint, mount.opts.fileSystemHandle, before));
  };
  return {
    mount: (mount) => FS.filesystems.MEMFS.mount(mount),
    syncfs: (mount, _populate, callback) => {
      // One after the other: two at once would both copy, and one of them old content.
      const turn = (running.get(mount) ?? Promise.resolve()).then(() => sync(mount));
      running.set(
        mount,
        turn.catch(() => undefined),
      );
      turn.then(() => callback(null), callback);
    },
  };
}

/** Copy a folder in, and give the means to keep it equal. */
export async function mountNativeFS(FS: Files, path: string, root: FileSystemDirectoryHandle): Promise<NativeFS> {
  const type = FS.filesystems["NATIVEFS_ASYNC"] as FileSystemType;
  FS.mount(type, { fileSystemHandle: root }, path);
  const { mount } = FS.lookupPath(path, {}).node;
  const syncfs = (): Promise<void> =>
    new Promise((resolve, reject) => {
      type.syncfs(mount, false, (error) => {
        if (error === null) resolve();
        else reject(error as Error);
      });
    });
  try {
    await syncfs();
  } catch (error) {
    FS.unmount(path);
    throw error;
  }
  return { syncfs };
}

async function synchronise(
  FS: Files,
  path: string,
  root: FileSystemDirectoryHandle,
  known: Tree,
): Promise<Tree> {
  const inside = localTree(FS, path);
  const outside = await nativeTree(root);
  const names = [...new Set([...inside.keys(), ...outside.keys()])].sort();
  const gone: string[] = [];
  const goneInside: string[] = [];
  for (const name of names) {
    const here = inside.get(name);
    const there = outside.get(name);
    const before = known.get(name);
    if (here !== undefined && there !== undefined) {
      if (here.folder !== there.folder) {
        throw new Error(`mountNativeFS: ${path}/${name} is a folder on one side and a file on the other; rename one`);
      }
      if (here.folder || Math.abs(here.time - there.time) <= SAME_MS) continue;
      if (here.time > there.time) await writeNative(FS, path, root, name);
      else await writeLocal(FS, path, name, there);
    } else if (here !== undefined) {
      if (before !== undefined && here.time <= before.time + SAME_MS) gone.push(name);
      else if (here.folder) await nativeFolder(root, name.split("/"));
      else await writeNative(FS, path, root, name);
    } else if (there !== undefined) {
      if (before !== undefined && there.time <= before.time + SAME_MS) goneInside.push(name);
      else if (there.folder) FS.mkdirTree(`${path}/${name}`);
      else await writeLocal(FS, path, name, there);
    }
  }
  // Deepest first, so that folders are empty by then.
  for (const name of gone.reverse()) {
    if (inside.get(name)?.folder === true) {
      if (FS.readdir(`${path}/${name}`).length === 2) FS.rmdir(`${path}/${name}`);
    } else {
      FS.unlink(`${path}/${name}`);
    }
  }
  for (const name of goneInside.reverse()) await removeNative(root, name);
  // What the native side says now decides about times: it sets its own when it is written.
  const after = await nativeTree(root);
  for (const [name, entry] of after) {
    if (!entry.folder) FS.utime(`${path}/${name}`, entry.time, entry.time);
  }
  return new Map([...after].map(([name, { folder, time }]) => [name, { folder, time }]));
}

function localTree(FS: Files, root: string): Tree {
  const tree: Tree = new Map();
  const visit = (below: string): void => {
    for (const name of FS.readdir(`${root}/${below}`)) {
      if (name === "." || name === "..") continue;
      const path = `${below}${name}`;
      const { mode, mtime } = FS.stat(`${root}/${path}`);
      if (FS.isDir(mode)) {
        tree.set(path, { folder: true, time: 0 });
        visit(`${path}/`);
      } else if (FS.isFile(mode)) {
        tree.set(path, { folder: false, time: mtime.getTime() });
      }
    }
  };
  visit("");
  return tree;
}

async function nativeTree(root: FileSystemDirectoryHandle): Promise<Tree> {
  const tree: Tree = new Map();
  const visit = async (folder: FileSystemDirectoryHandle, below: string): Promise<void> => {
    for await (const [name, handle] of folder.entries()) {
      const path = `${below}${name}`;
      if (handle.kind === "directory") {
        tree.set(path, { folder: true, time: 0, handle });
        await visit(handle as FileSystemDirectoryHandle, `${path}/`);
      } else {
        const file = await (handle as FileSystemFileHandle).getFile();
        tree.set(path, { folder: false, time: file.lastModified, handle });
      }
    }
  };
  await visit(root, "");
  return tree;
}

async function writeLocal(FS: Files, root: string, name: string, entry: Entry): Promise<void> {
  const file = await (entry.handle as FileSystemFileHandle).getFile();
  const path = `${root}/${name}`;
  FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  FS.writeFile(path, new Uint8Array(await file.arrayBuffer()));
}

async function nativeFolder(
  root: FileSystemDirectoryHandle,
  parts: readonly string[],
  create = true,
): Promise<FileSystemDirectoryHandle> {
  let folder = root;
  for (const part of parts) folder = await folder.getDirectoryHandle(part, { create });
  return folder;
}

async function writeNative(FS: Files, root: string, native: FileSystemDirectoryHandle, name: string): Promise<void> {
  const parts = name.split("/");
  const last = parts.pop() as string;
  const folder = await nativeFolder(native, parts);
  const writable = await (await folder.getFileHandle(last, { create: true })).createWritable();
  try {
    await writable.write(FS.readFile(`${root}/${name}`));
  } finally {
    await writable.close();
  }
}

async function removeNative(root: FileSystemDirectoryHandle, name: string): Promise<void> {
  const parts = name.split("/");
  const last = parts.pop() as string;
  try {
    const folder = await nativeFolder(root, parts, false);
    await folder.removeEntry(last);
  } catch (error) {
    // It is gone already, or something new is in the folder: that stays.
    const name = (error as { name?: string } | null)?.name ?? "";
    if (name !== "NotFoundError" && name !== "InvalidModificationError") throw error;
  }
}

/** Whether there is a host with files. */
export function inNode(): boolean {
  return (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;
}

/** @throws Error when Node's host has no such folder. */
export function checkHostFolder(path: string): void {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  const { statSync } = process.getBuiltinModule("node:fs") as {
    statSync(path: string, options: object): { isDirectory(): boolean } | undefined;
  };
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`hostPath '${path}' does not exist`);
  if (!found.isDirectory()) throw new Error(`hostPath '${path}' is not a directory`);
}
