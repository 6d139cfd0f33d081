// node_stdio.ts - the terminal, pipes and files that Node was started with, as device operations.
//
// Reading waits on process.stdin, so that timers and other tasks run meanwhile; a reader that
// cannot wait reads descriptor 0 directly and really blocks. Writing goes to the descriptor
// itself: nothing is lost when the process exits, and a closed pipe is an EPIPE in Python rather
// than an event on a stream. Used by stdio.ts as the default in Node; gets Node's modules passed
// in, so that browser bundles do not import them.

import type { Chunk, DeviceOps } from "./device.ts";

/** The part of `process.stdin` that is used. */
export interface NodeReadable {
  read(): Uint8Array | string | null;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  on(event: string, listener: (argument: unknown) => void): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** What of Node is used. */
export interface NodeModules {
  process: {
    readonly stdin: NodeReadable;
    readonly stdout: { readonly rows?: number; readonly columns?: number };
  };
  fs: {
    readSync(fd: number, buffer: Uint8Array): number;
    writeSync(fd: number, buffer: Uint8Array): number;
  };
  tty: { isatty(fd: number): boolean };
}

/** Node's modules when this is Node, else undefined. */
export function nodeModules(): NodeModules | undefined {
  const proc = (globalThis as { process?: NodeModules["process"] & {
    versions?: { node?: string };
    getBuiltinModule?: (name: string) => unknown;
  } }).process;
  if (proc?.versions?.node === undefined || proc.getBuiltinModule === undefined) return undefined;
  return {
    process: proc,
    fs: proc.getBuiltinModule("node:fs") as NodeModules["fs"],
    tty: proc.getBuiltinModule("node:tty") as NodeModules["tty"],
  };
}

/** Operations on Node's standard input. */
export function nodeStdin({ process, fs, tty }: NodeModules): DeviceOps & { release(): void } {
  let stream: NodeReadable | undefined;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;

  // Touching process.stdin makes Node open it, so only a reader that waits does.
  function opened(): NodeReadable {
    if (stream !== undefined) return stream;
    stream = process.stdin;
    const changed = (): void => wake?.();
    const finished = (): void => {
      ended = true;
      changed();
    };
    ended = stream.readableEnded || stream.destroyed;
    stream.on("end", finished);
    stream.on("close", finished);
    stream.on("error", (error) => {
      failure = { error };
      changed();
    });
    stream.on("readable", changed);
    return stream;
  }

  function buffered(from: NodeReadable): Uint8Array | undefined {
    const got = from.read();
    if (got === null) return undefined;
    return typeof got === "string" ? new TextEncoder().encode(got) : got;
  }

  return {
    async pull() {
      const from = opened();
      // Keeps the process alive only while somebody waits for input.
      from.ref?.();
      try {
        for (;;) {
          const got = buffered(from);
          if (got !== undefined) return got;
          if (failure !== undefined) {
            const { error } = failure;
            failure = undefined;
            throw error;
          }
          if (ended) return null;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      } finally {
        from.unref?.();
      }
    },
    pullSync(max): Chunk {
      const got = stream === undefined ? undefined : buffered(stream);
      if (got !== undefined) return got;
      if (ended) return null;
      const buffer = new Uint8Array(max);
      try {
        return buffer.subarray(0, fs.readSync(0, buffer));
      } catch (error) {
        if ((error as { code?: unknown }).code === "EOF") return null; // how Windows says it
        throw error;
      }
    },
    isatty: () => tty.isatty(0),
    terminalSize: () => terminalSize(process),
    release: () => stream?.unref?.(),
  };
}

/** Operations on Node's standard output (1) or error (2). */
export function nodeOutput({ process, fs, tty }: NodeModules, fd: 1 | 2): DeviceOps {
  return {
    push: (bytes) => fs.writeSync(fd, bytes),
    isatty: () => tty.isatty(fd),
    terminalSize: () => terminalSize(process),
  };
}

function terminalSize({ stdout }: NodeModules["process"]): [number, number] {
  return [stdout.rows ?? 24, stdout.columns ?? 80];
}
