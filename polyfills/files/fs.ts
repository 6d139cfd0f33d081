// fs.ts - the part of Emscripten's `FS` that devices use, typed.
//
// Emscripten ships no types for the FS internals (streams, nodes, device tables) that a device
// must plug into. Declaring just these keeps the rest of the project typed and lets unit tests
// give a small fake. Used by device.ts, stdio.ts and polyfills/http.

import { AT_FDCWD, ERRNO } from "../numbers.ts";

/** An open file description. `fd` is null once closed. */
export interface FSStream {
  fd: number | null;
  flags: number;
  position: number;
  seekable: boolean;
  /** Where it was opened, absolute. */
  path?: string;
  /** The open file: duplicates of a descriptor share it. */
  readonly shared: object;
  node: FSNode;
  stream_ops: StreamOps;
  /** Present (truthy) exactly on terminals; isatty() and the tty ioctls look at it. */
  tty?: TtyState | undefined;
  /** A device that needs nothing of FS for a read or a write: waiting_io.ts calls it past FS. */
  direct?: Pick<StreamOps, "read" | "write"> | undefined;
}

/** An inode. */
export interface FSNode {
  /** Inode number. */
  readonly id: number;
  mode: number;
  node_ops: { getattr?(node: FSNode): object };
  /** Milliseconds. */
  atime?: number;
  mtime?: number;
  ctime?: number;
  stream_ops: StreamOps;
  /** Have `callback` called whenever what poll() says of this node may have changed. */
  addListener(callback: (flags: number) => void): { listeners: Set<unknown>; entry: unknown };
  /** Call the listeners; FS.close() does, too. They must not run user code. */
  notifyListeners(flags: number): void;
}

/** struct termios as Emscripten's ioctl hands it over. */
export interface CTermios {
  c_iflag: number;
  c_oflag: number;
  c_cflag: number;
  c_lflag: number;
  c_cc: readonly number[];
}

/** Terminal hooks that Emscripten's ioctl implementation calls. */
export interface TtyState {
  ops: {
    ioctl_tcgets(stream: FSStream): CTermios;
    ioctl_tcsets(tty: TtyState, action: number, termios: CTermios): number;
    /** Rows, columns. */
    ioctl_tiocgwinsz(tty: TtyState): [number, number];
  };
  /** Drop what was typed and not read; fcntl.ts calls it for tcflush(). */
  flushInput?(): void;
}

/** What Emscripten calls on a stream; a `buffer` is often the heap as an Int8Array. */
export interface StreamOps {
  open?(stream: FSStream): void;
  dup?(stream: FSStream): void;
  close?(stream: FSStream): void;
  fsync?(stream: FSStream): number;
  poll?(stream: FSStream): number;
  getattr?(stream: FSStream): object;
  ioctl?(stream: FSStream, request: number, argument: number): number;
  read?(stream: FSStream, buffer: HeapView, offset: number, length: number): number;
  write?(stream: FSStream, buffer: HeapView, offset: number, length: number): number;
}

/** Any view FS hands to a stream. */
export type HeapView = Int8Array | Uint8Array;

/** Emscripten's `Module.FS`, as far as it is used here. */
export interface EmscriptenFS {
  initialized: boolean;
  filesystems: {
    MEMFS: { ops_table: Record<string, { node: { getattr(node: FSNode): Record<string, unknown> } }> };
  };
  streams: (FSStream | null | undefined)[];
  /** There is no descriptor from this one on. */
  readonly MAX_OPEN_FDS: number;
  ErrnoError: new (errno: number) => object;
  FSNode: new (parent: null, name: string, mode: number, rdev: number) => FSNode;
  createStream(stream: object, fd?: number): FSStream;
  getStream(fd: number): FSStream | null | undefined;
  open(path: string, flags: number): FSStream;
  close(stream: FSStream): void;
  dupStream(stream: FSStream, fd?: number): FSStream;
  lookupPath(path: string, options: { follow: boolean }): { node: FSNode };
  mknod(path: string, mode: number, device: number): FSNode;
  cwd(): string;
  unlink(path: string): void;
  truncate(file: string | FSNode, length: number): void;
  makedev(major: number, minor: number): number;
  registerDevice(dev: number, ops: StreamOps): void;
  mkdev(path: string, mode: number, dev: number): FSNode;
}

/** The wasm module as imports see it: valid by the time any import is called. */
export interface WasmHost {
  readonly FS: EmscriptenFS;
  /** The heap; read it afresh at each use, it is replaced when memory grows. */
  readonly HEAPU8: Uint8Array<ArrayBufferLike>;
}

/** The absolute path that a system call's directory descriptor and path, a C string, mean. */
export function pathAt(host: Pick<WasmHost, "FS" | "HEAPU8">, directory: number, path: number): string {
  const heap = host.HEAPU8;
  const name = new TextDecoder().decode(heap.slice(path >>> 0, heap.indexOf(0, path >>> 0)));
  if (name.startsWith("/")) return name;
  const base = directory === AT_FDCWD ? host.FS.cwd() : host.FS.getStream(directory)?.path;
  if (base === undefined) throw new host.FS.ErrnoError(ERRNO.EBADF);
  return name === "" ? name : `${base}/${name}`;
}
