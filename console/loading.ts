/*
 * The line that says how far loading is: a bar, and how many files have come. It watches
 * the page's resource timings for the runtime's files, so the runtime needs no hook for it, and it
 * leaves nothing behind in the terminal. Made by session.ts for each start.
 */

import type { Terminal } from "@xterm/xterm";

import { dim, green } from "./ansi.ts";

/** What loadPyodide() fetches, in the folder of the runtime; the wasm's name depends on the core. */
const FILES = [/^sospeso\.mjs$/, /^core\.mjs$/, /^core\.\w+\.wasm$/, /^python_stdlib\.zip$/];
/** Modules are fetched once in a page's life: a later start finds them there. */
const MODULE = /\.mjs$/;
const CELLS = 12;

/** Draws progress until stop(). */
export class LoadingLine {
  readonly #terminal: Terminal;
  readonly #folder: string;
  readonly #begun = performance.now();
  readonly #found = new Set<RegExp>();
  #observer: PerformanceObserver | undefined;
  #stopped = false;

  /** @param folder the address of the runtime's files, with a slash at its end. */
  constructor(terminal: Terminal, folder: string) {
    this.#terminal = terminal;
    this.#folder = folder;
    this.#draw();
    try {
      this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
      this.#observer.observe({ type: "resource", buffered: true });
    } catch {
      // An engine without resource timings: the line stays as it is.
    }
  }

  /** Take the line away. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#observer?.disconnect();
    this.#terminal.write("\r\x1b[2K\x1b[?25h");
  }

  #note(entries: PerformanceEntryList): void {
    for (const { name, startTime } of entries) {
      if (!name.startsWith(this.#folder)) continue;
      const file = name.slice(this.#folder.length).replace(/[?#].*/, "");
      const kind = FILES.find((pattern) => pattern.test(file));
      if (kind === undefined || this.#found.has(kind)) continue;
      if (startTime < this.#begun && !MODULE.test(file)) continue; // of an earlier start
      this.#found.add(kind);
      if (!this.#stopped) this.#draw();
    }
  }

  #draw(): void {
    const found = this.#found.size;
    const label = found === FILES.length ? "starting" : `${found} of ${FILES.length} files`;
    const filled = Math.round((found / FILES.length) * CELLS);
    const room = this.#terminal.cols - "Loading Python  ".length - CELLS - 1;
    const tail = label.length <= room ? dim(label) : "";
    const bar = green("━".repeat(filled)) + dim("─".repeat(CELLS - filled));
    this.#terminal.write(`\x1b[?25l\r\x1b[2K${dim("Loading Python")} ${bar} ${tail}`);
  }
}
