// The page side of `sospeso run --engine chromium`: runs one program with its standard streams
// bridged to the host. The page is /__sospeso__/run.html (sospeso/page.py), which drives it through
// Playwright: the bindings `sospesoRead` and `sospesoWrite` are functions of the host, and the host
// calls `sospesoRun` and `sospesoInterrupt` here. Bundled to dist/cli-page.mjs.

import { asksForPackages, CannotInstall, install, type Requirements } from "./requirements.ts";
import { NOT_OF_A_PROGRAM, type Program, programSource, Ticks } from "./program.ts";

type Runtime = typeof import("../index.ts");

interface Request {
  readonly program: Program;
  readonly core: "auto" | "jspi" | "asyncify";
  readonly ticks: boolean;
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Whether stdin, stdout and stderr are terminals. */
  readonly terminals: readonly [boolean, boolean, boolean];
  /** The files to put into the file system; their contents follow each other at `filesURL`. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly filesURL: string;
  readonly moduleURL: string;
  readonly packages: Requirements;
}

/** What the command line learns of a program that has ended. */
interface Ended {
  readonly code: number;
  readonly ticks: string;
  /** Why it did not run. */
  readonly refused: string;
}

/** As much of Emscripten's FS as is needed here. */
interface WritingFS {
  mkdirTree(path: string): void;
  writeFile(path: string, data: Uint8Array): void;
}

declare global {
  /** Up to `size` bytes of the host's standard input in base64; "" at its end. */
  function sospesoRead(size: number): Promise<string>;
  /** Write base64 bytes to the host's descriptor 1 or 2. */
  function sospesoWrite(fd: number, data: string): Promise<void>;
  var sospesoRun: (request: Request) => Promise<Ended>;
  var sospesoInterrupt: () => boolean;
}

/** One message to the host: large enough to be fast, small enough for String.fromCharCode. */
const EXIT_USAGE = 2;
const PIECE = 32 * 1024;

let interrupt: (() => void) | undefined;

function writer(fd: number, isatty: boolean) {
  return {
    isatty,
    async write(bytes: Uint8Array): Promise<number> {
      const piece = bytes.subarray(0, PIECE);
      const size = piece.length;
      await sospesoWrite(fd, btoa(String.fromCharCode(...piece)));
      return size;
    },
  };
}

function reader(isatty: boolean) {
  return {
    isatty,
    async read(buffer: Uint8Array): Promise<number> {
      const text = atob(await sospesoRead(Math.min(buffer.length, PIECE)));
      for (let at = 0; at < text.length; at++) buffer[at] = text.charCodeAt(at);
      return text.length;
    },
  };
}

globalThis.sospesoInterrupt = () => {
  interrupt?.();
  return interrupt !== undefined;
};

globalThis.sospesoRun = async (request) => {
  const [runtime, response] = await Promise.all([
    import(request.moduleURL) as Promise<Runtime>,
    fetch(request.filesURL),
  ]);
  const contents = new Uint8Array(await response.arrayBuffer());
  const pyodide = await runtime.loadPyodide({
    core: request.core,
    loadPackagesOnImport: true,
    // Lines come and go, not keys: the terminal's settings are out of reach from here.
    env: { ...NOT_OF_A_PROGRAM, PYTHON_BASIC_REPL: "1", ...request.env },
    stdin: reader(request.terminals[0]),
    stdout: writer(1, request.terminals[1]),
    stderr: writer(2, request.terminals[2]),
    fsInit: (given: unknown) => {
      const FS = given as WritingFS;
      FS.mkdirTree(request.cwd);
      let at = 0;
      for (const { path, size } of request.files) {
        FS.mkdirTree(path.slice(0, path.lastIndexOf("/")) || "/");
        FS.writeFile(path, contents.slice(at, (at += size)));
      }
    },
  });
  interrupt = () => pyodide.interrupt(2);
  const ticks = request.ticks ? new Ticks() : undefined;
  const shown = (): string => ticks?.stop(String(pyodide.core)) ?? "";
  try {
    if (asksForPackages(request.packages)) await install(pyodide, request.packages);
    const code = Number(await pyodide.runPythonAsync(programSource(request.program, request.cwd)));
    return { code, ticks: shown(), refused: "" };
  } catch (error) {
    if (error instanceof CannotInstall) return { code: EXIT_USAGE, ticks: "", refused: error.message };
    const status = (error as { status?: unknown } | null)?.status;
    if (typeof status === "number") return { code: status & 0xff, ticks: shown(), refused: "" };
    throw error;
  } finally {
    interrupt = undefined;
  }
};
