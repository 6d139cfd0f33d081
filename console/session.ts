/*
 * One life of Python in a terminal: load the runtime, attach the terminal, run the program or the
 * prompt, say how it ended. Made by component.ts for each start; a restart is another session.
 *
 * Invariants
 *  1. After dispose() a session changes no state and writes nothing: what it has under way is
 *     destroyed as soon as it arrives.
 *  2. `pyodide` settles exactly once; whoever does not await it gets no unhandled rejection.
 */

import type { Terminal } from "@xterm/xterm";

import { attachTerminal, type AttachedTerminal, type AttachTarget } from "../polyfills/tty/attach.ts";
import type { TerminalLike } from "../polyfills/tty/terminal.ts";
import type { loadPyodide, Pyodide, PythonError } from "../runtime/index.ts";
import { bold, dim, plain, red, wrapped } from "./ansi.ts";
import { LoadingLine } from "./loading.ts";
import { attachPictures, type AttachedPictures } from "./pictures.ts";
import { ConsoleError, messageOf, readProgram, ScriptError, type Program, type Script } from "./program.ts";

export type ConsoleState = "idle" | "loading" | "running" | "waiting" | "ended" | "failed";

/** What a session is to do. */
export interface SessionOptions {
  /** Folder of the runtime's files, with a slash at its end. */
  readonly indexURL: string;
  readonly core: string;
  readonly packages: readonly string[];
  readonly program: Program;
  /** Whether the prompt follows the script. */
  readonly interactive: boolean;
}

/** Who is told what happens. */
export interface SessionObserver {
  onState(state: ConsoleState): void;
  onReady(pyodide: Pyodide): void;
  onError(error: unknown): void;
  /** A program shows a picture. */
  onPicture(picture: HTMLElement): void;
}

/** As much of dist/sospeso.mjs as is used. */
interface RuntimeModule {
  readonly loadPyodide: typeof loadPyodide;
}

/** TERM names the terminal that xterm.js is; COLORTERM says that it has 16 million colours. */
const ENVIRONMENT = { TERM: "xterm-256color", COLORTERM: "truecolor" };
/** Nobody reads any more. */
const HIDE_CURSOR = "\x1b[?25l";
/** An expression, so that no name is left in the program's namespace. */
const FLUSH = "[stream.flush() for s in [__import__('sys')] for stream in (s.stdout, s.stderr)];";
/** A program that reads again within this time has not been "running" to anybody's eye. */
const READS_AGAIN_MS = 80;

export class Session {
  /** The runtime, when it has loaded. */
  readonly pyodide: Promise<Pyodide>;
  readonly #terminal: Terminal;
  readonly #keys: TerminalLike;
  readonly #options: SessionOptions;
  readonly #observer: SessionObserver;
  readonly #ended = new AbortController();
  #runtime: Pyodide | undefined;
  #attached: AttachedTerminal | undefined;
  #pictures: AttachedPictures | undefined;
  #line: LoadingLine | undefined;
  #state: ConsoleState = "idle";
  #reads = 0;
  #runningTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts at once.
   * @param keys the same terminal, with the touch keys taken into account.
   */
  constructor(terminal: Terminal, keys: TerminalLike, options: SessionOptions, observer: SessionObserver) {
    this.#terminal = terminal;
    this.#keys = keys;
    this.#options = options;
    this.#observer = observer;
    const script = readProgram(options.program, this.#ended.signal);
    this.pyodide = this.#load(script);
    this.pyodide.catch(() => undefined); // invariant 2
    void this.#live(script);
  }

  /** Send SIGINT to what runs or waits. */
  interrupt(): void {
    if (this.#state === "running" || this.#state === "waiting") this.#runtime?.interrupt();
  }

  /** Let go of everything. Idempotent. */
  dispose(): void {
    if (this.#disposed) return;
    this.#ended.abort();
    clearTimeout(this.#runningTimer);
    this.#line?.stop();
    this.#release();
  }

  get #disposed(): boolean {
    return this.#ended.signal.aborted;
  }

  #release(): void {
    this.#attached?.dispose();
    this.#attached = undefined;
    this.#pictures = undefined; // goes with the runtime
    this.#runtime?.destroy();
    this.#runtime = undefined;
  }

  #setState(state: ConsoleState): void {
    if (this.#disposed || state === this.#state) return;
    this.#state = state;
    this.#observer.onState(state);
  }

  async #load(script: Promise<Script | undefined>): Promise<Pyodide> {
    const { indexURL, core } = this.#options;
    await null; // the observer hears of the state when the constructor has returned
    this.#setState("loading");
    if (!this.#disposed) this.#line = new LoadingLine(this.#terminal, indexURL);
    const loading = (async () => {
      const { loadPyodide } = await importRuntime(new URL("sospeso.mjs", indexURL).href);
      if (this.#disposed) throw new ConsoleError("the console was stopped while it loaded");
      const name = (await script)?.name ?? "";
      return loadPyodide({
        indexURL,
        core: core as "auto", // loadPyodide() says what is wrong with another one
        env: ENVIRONMENT,
        args: [name],
      });
    })();
    try {
      // A script that is missing is said at once, not after megabytes have come.
      const [pyodide] = await Promise.all([loading, script]);
      if (this.#disposed) throw new ConsoleError("the console was stopped while it loaded");
      this.#runtime = pyodide;
      await this.#loadPackages(pyodide);
      return pyodide;
    } catch (error) {
      loading.then((late) => late.destroy()).catch(() => undefined); // its failure is thrown here
      throw error;
    } finally {
      this.#line?.stop();
    }
  }

  /**
   * Not by loadPyodide()'s option: what goes wrong with it is said in the browser's console only. A package
   * that is missing does not keep the program from starting; its import says so again.
   */
  async #loadPackages(pyodide: Pyodide): Promise<void> {
    const { packages } = this.#options;
    if (packages.length === 0) return;
    const failures: string[] = [];
    try {
      await pyodide.loadPackage(packages, {
        messageCallback: () => undefined,
        errorCallback: (message) => failures.push(message),
      });
    } catch (error) {
      failures.push(messageOf(error));
    }
    if (this.#disposed) throw new ConsoleError("the console was stopped while it loaded");
    if (failures.length === 0) return;
    this.#line?.stop();
    const text = `${failures.join("\n")}. Check the attribute packages`;
    this.#terminal.write(
      `${red(bold("Not all packages were loaded."))}\r\n${red(wrapped(text, this.#terminal.cols))}\r\n`,
    );
    this.#observer.onError(new ConsoleError(text));
  }

  async #live(program: Promise<Script | undefined>): Promise<void> {
    let pyodide: Pyodide;
    try {
      pyodide = await this.pyodide;
    } catch (error) {
      this.#fail(error instanceof ScriptError ? "The script did not load." : "Python did not load.", error);
      return;
    }
    try {
      this.#attached = attachTerminal(this.#watched(pyodide), this.#keys);
      this.#pictures = attachPictures(pyodide, (picture) => {
        if (!this.#disposed) this.#observer.onPicture(picture);
      });
      this.#setState("running");
      this.#observer.onReady(pyodide);
      if (this.#disposed) return; // by who was told
      const script = await program;
      let [what, how] = ["Python", "ended"];
      if (script !== undefined) [what, how] = [script.name, await this.#runScript(pyodide, script)];
      if (script === undefined || this.#options.interactive) {
        if (script !== undefined) await this.#newLine(this.#note(`${what} ${how}`));
        [what, how] = ["Python", await this.#runPrompt(pyodide, script === undefined)];
      }
      if (this.#disposed) return;
      await this.#newLine(`${this.#note(`${what} ${how}. Enter starts it again.`)}${HIDE_CURSOR}`);
      this.#setState("ended");
    } catch (error) {
      this.#fail("Python died.", error);
    }
  }

  /** @returns how it ended. */
  async #runScript(pyodide: Pyodide, { name, source }: Script): Promise<string> {
    pyodide.FS.writeFile(name, source); // __file__ is there, as it is for `python script.py`
    pyodide.globals.set("__file__", name);
    return this.#toItsEnd(pyodide, async () => {
      const value: unknown = await pyodide.runPythonAsync(source, { filename: name });
      if (!(value instanceof pyodide.ffi.PyProxy)) return;
      this.#pictures?.show(value);
      value.destroy();
    });
  }

  /** @returns how it ended. */
  async #runPrompt(pyodide: Pyodide, banner: boolean): Promise<string> {
    const globals = pyodide.toPy({}); // the names needed here are not the user's
    const source = `from pyodide._repl import main\nmain(${banner ? "" : "banner=None"})`;
    const status = () => pyodide.runPythonAsync(source, { globals }) as Promise<number>;
    const how = await this.#toItsEnd(pyodide, status);
    if (!this.#disposed) globals.destroy();
    return how;
  }

  /** Run something and say how it ended; a traceback is shown. @throws what is no Python exception. */
  async #toItsEnd(pyodide: Pyodide, run: () => Promise<number | void>): Promise<string> {
    let how: string;
    let traceback = "";
    try {
      how = ended(await run());
    } catch (error) {
      if (this.#disposed) return "";
      if (!isPythonError(error)) throw error;
      if (error.type === "SystemExit") {
        how = ended(error.exitCode);
      } else {
        how = error.type === "KeyboardInterrupt" ? "was interrupted" : `ended with ${error.type}`;
        traceback = error.message;
      }
    }
    if (this.#disposed) return "";
    await pyodide.runPythonAsync(FLUSH).catch(() => undefined); // the streams may be the program's own
    if (traceback !== "") await this.#newLine(coloured(traceback));
    return how;
  }

  /** A line of the console's own. */
  #note(text: string): string {
    return `${dim(wrapped(text, this.#terminal.cols))}\r\n`;
  }

  /** Text that begins a line, after all that was printed. */
  async #newLine(text: string): Promise<void> {
    await this.#attached?.drained();
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
    if (this.#disposed) return;
    const begins = this.#terminal.buffer.active.cursorX === 0;
    this.#terminal.write(`\x1b[?25h\x1b[0m${begins ? "" : "\r\n"}${text}`);
  }

  #fail(what: string, error: unknown): void {
    if (this.#disposed) return;
    this.#release();
    void this.#newLine(
      `${red(bold(what))}\r\n${red(wrapped(messageOf(error), this.#terminal.cols))}\r\n` +
        `${this.#note("Enter tries again.")}${HIDE_CURSOR}`,
    );
    this.#setState("failed");
    this.#observer.onError(error);
  }

  /** The runtime for the terminal, with an eye on who reads: "waiting" is a read that has to wait. */
  #watched(pyodide: Pyodide): AttachTarget {
    return {
      setStdin: (options) => {
        const read = options?.read;
        if (read === undefined) return pyodide.setStdin(options);
        return pyodide.setStdin({ ...options, read: (buffer) => this.#noteRead(read(buffer)) });
      },
      setStdout: (options) => pyodide.setStdout(options),
      setStderr: (options) => pyodide.setStderr(options),
      interrupt: (signum) => pyodide.interrupt(signum),
    };
  }

  #noteRead(count: number | Promise<number>): number | Promise<number> {
    if (typeof count === "number") return count;
    this.#reads++;
    clearTimeout(this.#runningTimer);
    if (this.#state === "running") this.#setState("waiting");
    const done = (): void => {
      if (--this.#reads > 0) return;
      this.#runningTimer = setTimeout(() => {
        if (this.#state === "waiting") this.#setState("running");
      }, READS_AGAIN_MS);
    };
    count.then(done, done);
    return count;
  }
}

/** A traceback whose last line, which says what happened, stands out. */
function coloured(traceback: string): string {
  const lines = plain(traceback.trimEnd()).split("\r\n");
  const last = lines.pop() ?? "";
  return [...lines, red(bold(last)), ""].join("\r\n");
}

/** How a program ended that was not ended by an exception. */
function ended(status: number | void): string {
  return typeof status === "number" && status !== 0 ? `exited with status ${status}` : "ended";
}

function isPythonError(error: unknown): error is PythonError {
  return error instanceof Error && error.name === "PythonError";
}

async function importRuntime(url: string): Promise<RuntimeModule> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as RuntimeModule;
  } catch (error) {
    throw new ConsoleError(
      `cannot load ${url}: ${await whyNot(url, error)}. ` +
        "Check the attribute index-url: it is the folder of sospeso.mjs and the other files of one build",
      { cause: error },
    );
  }
}

/** import() does not say what the server said. */
async function whyNot(url: string, error: unknown): Promise<string> {
  try {
    const { ok, status, statusText } = await fetch(url);
    if (!ok) return `HTTP ${status} ${statusText}`.trimEnd();
  } catch (failure) {
    return messageOf(failure);
  }
  return messageOf(error);
}
