/*
 * Keys, between xterm.js and the program: the keys a touch screen lacks (press(), and Ctrl that
 * holds until the next key), and those that a browser's user expects to keep (copy, paste, and a way
 * to leave the terminal with the keyboard). Programs get their input through `terminal`, a view of
 * xterm.js. Used by component.ts and touch_bar.ts.
 */

import type { Terminal } from "@xterm/xterm";

import type { TerminalLike } from "../polyfills/tty/terminal.ts";

export type Key = "Escape" | "Tab" | "ArrowUp" | "ArrowDown" | "ArrowRight" | "ArrowLeft";

const ARROWS: Partial<Record<Key, string>> = { ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D" };

export class Keyboard {
  /** What programs read from and write to: xterm.js, but with the held Ctrl applied. */
  readonly terminal: TerminalLike;
  /** Told when Ctrl is held or let go. */
  onControl: (held: boolean) => void = () => undefined;
  readonly #terminal: Terminal;
  #control = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.terminal = {
      get cols() {
        return terminal.cols;
      },
      get rows() {
        return terminal.rows;
      },
      write: (data, done) => terminal.write(data, done),
      onData: (listener) => terminal.onData((text) => listener(this.#typed(text))),
      onResize: (listener) => terminal.onResize(listener),
    };
    terminal.attachCustomKeyEventHandler((event) => this.#forProgram(event));
  }

  /** Whether Ctrl is held for the next key. */
  get control(): boolean {
    return this.#control;
  }

  set control(held: boolean) {
    if (held === this.#control) return;
    this.#control = held;
    this.onControl(held);
  }

  /** Type a key, as if it were on the keyboard. */
  press(key: Key): void {
    const { applicationCursorKeysMode } = this.#terminal.modes;
    const arrow = ARROWS[key];
    let sequence = key === "Tab" ? "\t" : "\x1b";
    if (arrow !== undefined) {
      sequence = this.#control ? `\x1b[1;5${arrow}` : `\x1b${applicationCursorKeysMode ? "O" : "["}${arrow}`;
      this.control = false;
    }
    this.#terminal.input(sequence, true);
  }

  /** What the program gets for what was typed. */
  #typed(text: string): string {
    if (!this.#control || text.length === 0) return text;
    this.control = false;
    const code = text.toUpperCase().charCodeAt(0);
    // @ A..Z [ \ ] ^ _ have control characters; space is Ctrl-@, ? is Ctrl-?.
    if (code >= 0x40 && code <= 0x5f) return String.fromCharCode(code - 0x40) + text.slice(1);
    if (text.startsWith(" ")) return `\0${text.slice(1)}`;
    return text.startsWith("?") ? `\x7f${text.slice(1)}` : text;
  }

  /** Whether a key is the terminal's; others the browser handles as everywhere. */
  #forProgram(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    if (event.key === "Tab" && event.shiftKey) return false; // leaves the terminal
    const control = event.ctrlKey && !event.altKey && !event.metaKey;
    const key = event.key.toLowerCase();
    if (control && key === "v") return false; // xterm.js gets the paste that follows
    if (control && key === "c" && this.#terminal.hasSelection()) {
      // The browser copies; without the selection the next Ctrl-C interrupts.
      setTimeout(() => this.#terminal.clearSelection());
      return false;
    }
    return true;
  }
}
