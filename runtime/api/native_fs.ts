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
 *  2. A file has changed when anything that is known of it is another than it was: its times may lie, as programs
 *     set them (shutil.copy2(), tar). What is in memory tells besides when its bytes came.
 *  3. What has changed on one side only is carried to the other. When both sides changed a file, the later
 *     change wins; what was changed here and deleted there, or the other way round, stays.
 *  4. A file on the native side is replaced as a whole, and only by bytes that have been read.
 */

/** What mountNativeFS() gives. */
export interface NativeFS {
  /** Carry changes both ways. Rejects with the browser's error if the folder cannot be used. */
  syncfs(): Promise<void>;
}

/** As much of Emscripten's FS as is used. */
interface Files {
  readdir(path: string): string[];
  stat(path: string): { mode: number; mtime: Date; ctime: Date; size: number; ino: number };
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
  /** When it was changed, in milliseconds since 1970. */
  readonly time: number;
  /** What is known of its content without reading it. */
  readonly mark: string;
  /** On the native side. */
  readonly handle?: FileSystemHandle;
}

type Tree = Map<string, Entry>;

/** The marks of a file on both sides when they were equal. */
type Known = Map<string, Marks>;

interface Marks {
  readonly here: string;
  readonly there: string;
}

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
  const known = new WeakMap<Mount, Known>();
  const running = new WeakMap<Mount, Promise<void>>();
  const sync = async (mount: Mount): Promise<void> => {
    const before: Known = known.get(mount) ?? new Map();
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
  known: Known,
): Promise<Known> {
  const inside = localTree(FS, path);
  const outside = await nativeTree(root);
  const names = [...new Set([...inside.keys(), ...outside.keys()])].sort();
  const equal: Known = new Map();
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
      const changedHere = !here.folder && here.mark !== before?.here;
      const changedThere = !here.folder && there.mark !== before?.there;
      if (changedHere && (!changedThere || here.time > there.time)) equal.set(name, await writeNative(FS, path, root, name));
      else if (changedThere) equal.set(name, await writeLocal(FS, path, name, there));
      else equal.set(name, { here: here.mark, there: there.mark });
    } else if (here !== undefined) {
      if (here.mark === before?.here) {
        gone.push(name);
      } else if (here.folder) {
        await nativeFolder(root, name.split("/"));
        equal.set(name, FOLDERS);
      } else {
        equal.set(name, await writeNative(FS, path, root, name));
      }
    } else if (there !== undefined) {
      if (there.mark === before?.there) {
        goneInside.push(name);
      } else if (there.folder) {
        FS.mkdirTree(`${path}/${name}`);
        equal.set(name, FOLDERS);
      } else {
        equal.set(name, await writeLocal(FS, path, name, there));
      }
    }
  }
  // Deepest first, so that folders are empty by then. What Python has changed meanwhile stays, for the next time.
  for (const name of gone.reverse()) {
    if (inside.get(name)?.folder === true) {
      if (FS.readdir(`${path}/${name}`).length === 2) FS.rmdir(`${path}/${name}`);
    } else if (localFile(FS, `${path}/${name}`)?.mark === inside.get(name)?.mark) {
      FS.unlink(`${path}/${name}`);
    }
  }
  for (const name of goneInside.reverse()) await removeNative(root, name);
  return equal;
}

/** The marks of a folder on both sides. */
const FOLDERS = { here: "folder", there: "folder" };

/** What is known of a file in memory; undefined when there is none. */
function localFile(FS: Files, path: string): Entry | undefined {
  try {
    const { mode, mtime, ctime, size, ino } = FS.stat(path);
    if (!FS.isFile(mode)) return undefined;
    const [set, came] = [Math.floor(mtime.getTime()), Math.floor(ctime.getTime())];
    return { folder: false, time: Math.max(set, came), mark: `${set} ${came} ${size} ${ino}` };
  } catch {
    return undefined;
  }
}

function nativeMark(file: File): string {
  return `${file.lastModified} ${file.size}`;
}

function localTree(FS: Files, root: string): Tree {
  const tree: Tree = new Map();
  const visit = (below: string): void => {
    for (const name of FS.readdir(`${root}/${below}`)) {
      if (name === "." || name === "..") continue;
      const path = `${below}${name}`;
      if (FS.isDir(FS.stat(`${root}/${path}`).mode)) {
        tree.set(path, { folder: true, time: 0, mark: "folder" });
        visit(`${path}/`);
        continue;
      }
      const file = localFile(FS, `${root}/${path}`);
      if (file !== undefined) tree.set(path, file);
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
        tree.set(path, { folder: true, time: 0, mark: "folder", handle });
        await visit(handle as FileSystemDirectoryHandle, `${path}/`);
      } else {
        const file = await (handle as FileSystemFileHandle).getFile();
        tree.set(path, { folder: false, time: file.lastModified, mark: nativeMark(file), handle });
      }
    }
  };
  await visit(root, "");
  return tree;
}

/** Copy a file in. It gets the native side's time. */
async function writeLocal(FS: Files, root: string, name: string, entry: Entry): Promise<Marks> {
  const file = await (entry.handle as FileSystemFileHandle).getFile();
  const bytes = new Uint8Array(await file.arrayBuffer());
  const path = `${root}/${name}`;
  FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  FS.writeFile(path, bytes);
  FS.utime(path, file.lastModified, file.lastModified);
  return { here: localFile(FS, path)?.mark ?? "", there: nativeMark(file) };
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

/** Copy a file out, and take over the time that the native side gives it. */
async function writeNative(FS: Files, root: string, native: FileSystemDirectoryHandle, name: string): Promise<Marks> {
  const path = `${root}/${name}`;
  const bytes = FS.readFile(path);
  const read = localFile(FS, path)?.mark ?? "";
  const parts = name.split("/");
  const last = parts.pop() as string;
  const handle = await (await nativeFolder(native, parts)).getFileHandle(last, { create: true });
  const writable = await handle.createWritable();
  try {
    await writable.write(bytes);
  } catch (error) {
    await writable.abort().catch(() => undefined); // what was there stays
    throw error;
  }
  await writable.close();
  const file = await handle.getFile();
  let here = read;
  if (localFile(FS, path)?.mark === read) { // Python has not changed it meanwhile
    FS.utime(path, file.lastModified, file.lastModified);
    here = localFile(FS, path)?.mark ?? read;
  }
  return { here, there: nativeMark(file) };
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
