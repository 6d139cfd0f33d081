// The terminal that Node runs in, for Python's termios: its settings are read and changed by stty.
// Why: Node itself only knows raw and not raw, and the kernel's line discipline is the best there is:
// with the settings really changed, echo, erase, Ctrl-C and Ctrl-Z are the user's own. Called by cli.ts.
//
// Invariants:
//  1. The terminal is left as it was found, however the process ends (cli.ts calls restore(), also at
//     SIGTERM and SIGHUP; when this process is killed by SIGKILL, sospeso/run.py does it).
//  2. Settings cross as `stty -g` writes them: four hexadecimal words and the control characters.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { isatty } from "node:tty";

import type { TerminalAttributes, TerminalControl } from "../../polyfills/tty/control.ts";

const ICANON = 2;

/** Call stty on the terminal at a descriptor; undefined where that does not work. */
function stty(fd: number, words: string[]): string | undefined {
  const done = spawnSync("stty", words, { stdio: [fd, "pipe", "ignore"], encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

function parse(text: string): TerminalAttributes | undefined {
  const [iflag, oflag, cflag, lflag, ...cc] = text.split(":").map((word) => Number.parseInt(word, 16));
  if (iflag === undefined || oflag === undefined || cflag === undefined || lflag === undefined) return undefined;
  if ([iflag, oflag, cflag, lflag, ...cc].some(Number.isNaN)) return undefined;
  return { iflag, oflag, cflag, lflag, cc };
}

function format({ iflag, oflag, cflag, lflag, cc }: TerminalAttributes, characters: number): string {
  // The struct of the core has room for 32 control characters, stty wants as many as it gave.
  return [iflag, oflag, cflag, lflag, ...cc.slice(0, characters)].map((word) => (word >>> 0).toString(16)).join(":");
}

/** The terminal at a descriptor. */
export class NodeTerminal implements TerminalControl {
  readonly #fd: number;
  readonly #found: string;
  #attributes: TerminalAttributes;
  readonly #characters: number;
  #changed = false;

  private constructor(fd: number, found: string, attributes: TerminalAttributes) {
    this.#fd = fd;
    this.#found = found;
    this.#attributes = attributes;
    this.#characters = attributes.cc.length;
  }

  /** The terminal of this process, by the first of its standard streams that is one. */
  static open(): NodeTerminal | undefined {
    for (const fd of [0, 1, 2]) {
      if (!isatty(fd)) continue;
      const found = stty(fd, ["-g"]);
      const attributes = found === undefined ? undefined : parse(found);
      if (found !== undefined && attributes !== undefined) return new NodeTerminal(fd, found, attributes);
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
    if (stty(this.#fd, [format(attributes, this.#characters)]) === undefined) {
      throw Object.assign(new Error("stty could not change the terminal's settings"), { code: "EIO" });
    }
    this.#changed = true;
    this.#attributes = attributes;
  }

  /** Settings as they were before; nothing when nobody changed them. */
  restore(): void {
    if (!this.#changed) return;
    this.#changed = false;
    stty(this.#fd, [this.#found]);
  }
}
