// memory_files.ts - what Emscripten's file system in memory lacks: hard links, and times finer than
// a millisecond.
//
// The JavaScript half of memory_files.c (link()). Installed and imported by runtime/.
//
// Invariants
//  1. The names of one file are nodes of their own, as Emscripten finds files by name, with one
//     Inode between them: what is written through one name is there under the others.
//  2. A name counts as long as its directory has it.

import { AT_SYMLINK_FOLLOW, ERRNO, S_IFMT, S_IFREG } from "../numbers.ts";
import { errnoOf } from "./errno.ts";
import { type EmscriptenFS, type FSNode, pathAt, type WasmHost } from "./fs.ts";

/** The wasm import of memory_files.c; it returns a negative errno when it fails. */
export interface MemoryFileImports {
  file_link(directory: number, path: number, newDirectory: number, newPath: number, flags: number): number;
}

/** The fields of a node that belong to the file, not to its name. */
const SHARED = ["id", "mode", "contents", "usedBytes", "atime", "mtime", "ctime"] as const;

/** A file in memory. */
interface FileNode extends FSNode {
  readonly name: string;
  readonly parent: { contents: Record<string, unknown> };
}

interface Inode {
  readonly names: Set<FileNode>;
  readonly fields: Record<string, unknown>;
}

/** A time with its fraction of a millisecond, which a Date drops. */
class FineDate extends Date {
  readonly #ms: number;

  constructor(ms: number) {
    super(ms);
    this.#ms = ms;
  }

  /** Half a nanosecond more: Emscripten cuts the binary fraction to whole ones. */
  override getTime(): number {
    return this.#ms + 5e-7;
  }
}

/** Make stat() tell times as they were set, and how many names a file has. */
export function completeMemoryFiles(FS: EmscriptenFS): void {
  for (const { node: ops } of Object.values(FS.filesystems.MEMFS.ops_table)) {
    const { getattr } = ops;
    ops.getattr = (node) => {
      const found = getattr(node);
      for (const key of ["atime", "mtime", "ctime"] as const) found[key] = new FineDate(Number(node[key]));
      const inode = inodes.get(node);
      if (inode !== undefined) found.nlink = countNames(inode);
      return found;
    };
  }
}

const inodes = new WeakMap<object, Inode>();

function countNames(inode: Inode): number {
  for (const name of inode.names) {
    if (name.parent.contents[name.name] !== name) inode.names.delete(name);
  }
  return inode.names.size;
}

/** Let a node's fields be those of an inode. */
function join(node: FileNode, inode: Inode): void {
  inode.names.add(node);
  inodes.set(node, inode);
  for (const key of SHARED) {
    Object.defineProperty(node, key, {
      get: () => inode.fields[key],
      set: (value: unknown) => void (inode.fields[key] = value),
      configurable: true,
      enumerable: true,
    });
  }
}

/** The imports; `host` is read at call time only. */
export function memoryFileImports(host: Pick<WasmHost, "FS" | "HEAPU8">): MemoryFileImports {
  return {
    file_link(directory, path, newDirectory, newPath, flags) {
      const { FS } = host;
      try {
        const follow = (flags & AT_SYMLINK_FOLLOW) !== 0;
        const node = FS.lookupPath(pathAt(host, directory, path), { follow }).node as FileNode;
        // Other file systems (the host's folders) and other kinds of files have one name.
        const ops = FS.filesystems.MEMFS.ops_table.file?.node;
        if ((node.mode & S_IFMT) !== S_IFREG || node.node_ops !== ops) return -ERRNO.EPERM;
        const made = FS.mknod(pathAt(host, newDirectory, newPath), node.mode, 0) as FileNode;
        if (made.node_ops !== ops) {
          FS.unlink(pathAt(host, newDirectory, newPath));
          return -ERRNO.EXDEV;
        }
        let inode = inodes.get(node);
        if (inode === undefined) {
          const fields = Object.fromEntries(SHARED.map((key) => [key, node[key as keyof FSNode]]));
          inode = { names: new Set(), fields };
          join(node, inode);
        }
        inode.fields["ctime"] = Date.now();
        join(made, inode);
        return 0;
      } catch (error) {
        return -errnoOf(error);
      }
    },
  };
}
