// The terminal that Node runs in, for Python's termios: its settings are read and changed by stty.
// Why: Node itself only knows raw and not raw, and the kernel's line discipline is the best there is:
// with the settings really changed, echo, erase, Ctrl-C and Ctrl-Z are the user's own. Called by cli.ts.
//
// Invariants:
//  1. The terminal is left as it was found, however the process ends (cli.ts calls restore(), also at
//     SIGTERM and SIGHUP; when this process is killed by SIGKILL, sospeso/run.py does it).
//  2. Outside of cooked mode the kernel hands out each key: VMIN and VTIME are kept to by the reader (stdio.ts),
//     who reads without waiting.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { isatty } from "node:tty";

import { ECHO, ECHONL, ICANON, VMIN, VTIME } from "../../polyfills/numbers.ts";
import type { TerminalAttributes, TerminalControl } from "../../polyfills/tty/control.ts";
import { readSettings, type Settings } from "./stty.ts";

/** Where Linux has termios bits of its own, which are not those that Python has here. */
const OTHER_BITS = ["mips", "mipsel", "ppc", "ppc64"];

/** A GNU stty that somebody put on a Mac's path writes bits of the Mac in the format of Linux. */
const STTY = process.platform === "linux" ? "stty" : "/bin/stty";

/**
 * Call stty on the terminal at a descriptor; undefined where that does not work. It looks at its standard input:
 * the option to name a terminal is -F with GNU and -f with BSD.
 */
function stty(fd: number, words: string[]): string | undefined {
  const done = spawnSync(STTY, words, { stdio: [fd, "pipe", "ignore"], encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/** The terminal at a descriptor. */
export class NodeTerminal implements TerminalControl {
  /** Called before cooked mode ends. */
  onUncook: (() => void) | undefined;
  /** Called after settings were changed. */
  onChange: (() => void) | undefined;
  readonly #fd: number;
  readonly #found: string;
  readonly #settings: Settings;
  #attributes: TerminalAttributes;
  #changed = false;

  private constructor(fd: number, found: string, settings: Settings) {
    this.#fd = fd;
    this.#found = found;
    this.#settings = settings;
    this.#attributes = settings.attributes;
  }

  /** The terminal of this process, by the first of its standard streams that is one. */
  static open(): NodeTerminal | undefined {
    if (process.platform === "linux" && OTHER_BITS.includes(process.arch)) return undefined;
    for (const fd of [0, 1, 2]) {
      if (!isatty(fd)) continue;
      const found = stty(fd, ["-g"]);
      const settings = found === undefined ? undefined : readSettings(found);
      if (found !== undefined && settings !== undefined) return new NodeTerminal(fd, found, settings);
    }
    return undefined;
  }

  getTerminalSize(): [number, number] {
    const screen = isatty(1) ? process.stdout : isatty(2) ? process.stderr : undefined;
    if (screen !== undefined) {
      const [columns, rows] = screen.getWindowSize(); // Node keeps it up to date
      return [rows, columns];
    }
    const [rows, columns] = (stty(this.#fd, ["size"]) ?? "24 80").split(" ").map(Number);
    return [rows ?? 24, columns ?? 80];
  }

  getAttributes(): TerminalAttributes {
    return this.#attributes;
  }

  /** Whether lines are edited and Ctrl-D ends them. */
  get isCooked(): boolean {
    return (this.#attributes.lflag & ICANON) !== 0;
  }

  /** @throws Error with code EIO when the terminal does not take them. */
  setAttributes(attributes: TerminalAttributes): void {
    if (this.isCooked && (attributes.lflag & ICANON) === 0) this.onUncook?.();
    this.#apply(attributes);
    this.#attributes = attributes;
    this.onChange?.();
  }

  /** While `call` runs the beginning of a line can be read, too: otherwise nobody could drop it. */
  asKeys(call: () => void): void {
    if (!this.isCooked) {
      call();
      return;
    }
    this.#apply({ ...this.#attributes, lflag: this.#attributes.lflag & ~(ICANON | ECHO | ECHONL) });
    try {
      call();
    } finally {
      this.#apply(this.#attributes);
    }
  }

  #apply(attributes: TerminalAttributes): void {
    const cc = [...attributes.cc];
    if ((attributes.lflag & ICANON) === 0) {
      cc[VMIN] = 1;
      cc[VTIME] = 0;
    }
    if (stty(this.#fd, [this.#settings.words({ ...attributes, cc })]) === undefined) {
      throw Object.assign(new Error("stty could not change the terminal's settings"), { code: "EIO" });
    }
    this.#changed = true;
  }

  /** Settings as they were before; nothing when nobody changed them. */
  restore(): void {
    if (!this.#changed) return;
    this.#changed = false;
    stty(this.#fd, [this.#found]);
  }
}
