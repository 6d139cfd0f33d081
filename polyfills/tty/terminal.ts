// terminal.ts - a terminal of JavaScript (xterm.js, or anything like it) as Python's terminal.
//
// Between a terminal and a program stands the line discipline: echo, erase, kill, Ctrl-C, Ctrl-D,
// raw and cooked mode, flow control. It is xterm-pty's; this turns its two ends into what the
// standard streams want: handlers that may wait, attributes for termios, and back-pressure. Made by
// attach.ts, which connects it to a runtime.
//
// Invariants
//  1. xterm-pty joins lines and has no end of file, so each delivery is taken at once and kept apart (typed.ts).
//  2. A signal key throws away what was typed and not read, unless NOFLSH says otherwise.
//  3. No more than HIGH bytes are ahead of what the terminal has drawn; beyond, a write waits.

import { openpty } from "xterm-pty";

import { ECHO, ECHONL, ICANON, NOFLSH, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH } from "../numbers.ts";
import type { TerminalAttributes, TerminalControl } from "./control.ts";
import { Typed } from "./typed.ts";

/** What is used of a terminal; xterm.js's Terminal is one. */
export interface TerminalLike {
  readonly cols: number;
  readonly rows: number;
  /** Draw; `done` is called when that has happened. */
  write(data: Uint8Array | string, done?: () => void): void;
  onData(listener: (text: string) => void): Disposer;
  onResize(listener: (size: { cols: number; rows: number }) => void): Disposer;
}

/** What xterm.js gives for a listener. */
export interface Disposer {
  dispose(): void;
}

/** Keys and events that become a signal. */
const SIGNALS = { SIGINT, SIGQUIT, SIGTSTP, SIGWINCH } as const;

/** Bytes written at once; the line discipline works byte by byte and spreads its arrays into calls. */
const PIECE = 4096;
const HIGH = 64 * 1024;

/** A pseudo-terminal: the program's side of a terminal. */
export class PtyTerminal {
  readonly #terminal: TerminalLike;
  readonly #pty = openpty();
  readonly #disposers: Disposer[] = [];
  readonly #typed = new Typed(() => this.control.getAttributes());
  /** Gives keys to the line discipline. */
  #key: (keys: string) => void = () => undefined;
  #writers: (() => void)[] = [];
  /** Bytes given to the line discipline since the terminal had drawn everything. */
  #ahead = 0;
  #drawing = 0;
  #disposed = false;

  /** @param onSignal gets the number of each signal that a key or a new size means. */
  constructor(terminal: TerminalLike, onSignal: (signal: number) => void) {
    this.#terminal = terminal;
    const { master, slave } = this.#pty;
    this.#disposers.push(
      slave.onReadable(() => this.#deliver()),
      slave.onWritable(() => this.#wake()),
      slave.onSignal((name) => {
        if (name !== "SIGWINCH" && (this.#lflag & NOFLSH) === 0) {
          this.#typed.clear();
        }
        onSignal(SIGNALS[name]);
      }),
    );
    // All that the master wants of an xterm.js terminal.
    const lower = {
      onData: (listener: (text: string) => void) => {
        this.#key = listener;
        return terminal.onData((text) => inPieces(text, listener));
      },
      onBinary: () => ({ dispose: () => undefined }),
      onResize: (listener: (size: { cols: number; rows: number }) => void) => terminal.onResize(listener),
      write: (bytes: Uint8Array, done: () => void) => this.#draw(bytes, done),
    };
    master.activate(lower as unknown as Parameters<typeof master.activate>[0]);
    this.#disposers.push(master);
  }

  /** For setStdin(). */
  read(buffer: Uint8Array): number | Promise<number> {
    if (this.#disposed) return 0;
    const patience = this.#typed.patience(buffer.length);
    if (patience === 0) return this.#typed.take(buffer);
    return this.#typed.wait(patience).then((look) => (look ? this.read(buffer) : this.#typed.take(buffer)));
  }

  /** For setStdout() and setStderr(). */
  write(bytes: Uint8Array): number | Promise<number> {
    const { slave } = this.#pty;
    if (this.#disposed) return bytes.length;
    if (this.#ahead >= HIGH || !slave.writable) {
      return new Promise<void>((resolve) => this.#writers.push(resolve)).then(() => this.write(bytes));
    }
    const piece = bytes.subarray(0, PIECE);
    this.#ahead += piece.length;
    slave.write(Array.from(piece));
    return piece.length;
  }

  /** Resolves when all that was written so far is drawn, or the terminal was let go. */
  async drained(): Promise<void> {
    while (this.#drawing > 0 && !this.#disposed) {
      await new Promise<void>((resolve) => this.#writers.push(resolve));
    }
  }

  /** For termios. */
  readonly control: TerminalControl = {
    getTerminalSize: () => [this.#terminal.rows, this.#terminal.cols],
    getAttributes: () => this.#pty.slave.ioctl("TCGETS"),
    setAttributes: (attributes: TerminalAttributes) => this.#setAttributes(attributes),
    flushInput: () => this.#flushInput(),
    whenTyped: () =>
      this.#disposed || (this.#lflag & ICANON) !== 0 ? undefined : this.#typed.wait(Infinity),
    epoch: () => this.#typed.epoch,
  };

  /** Let go of the terminal. Whoever reads or writes goes on, and finds other handlers. */
  dispose(): void {
    this.#disposed = true;
    for (const disposer of this.#disposers.splice(0)) disposer.dispose();
    this.#wake();
    this.#typed.look();
  }

  get #lflag(): number {
    return this.#pty.slave.ioctl("TCGETS").lflag;
  }

  #setAttributes(attributes: TerminalAttributes): void {
    const { slave } = this.#pty;
    const wasCooked = (this.#lflag & ICANON) !== 0;
    slave.ioctl("TCSETS", attributes);
    // The beginning of a line is keys in raw mode; xterm-pty would keep it until the next one.
    if (wasCooked && (attributes.lflag & ICANON) === 0) this.#key("");
    this.#typed.look(); // to whom other rules apply now
  }

  /** Forget what was typed, the beginning of a line included. */
  #flushInput(): void {
    const { slave } = this.#pty;
    const attributes = slave.ioctl("TCGETS");
    // xterm-pty has no way to say so, but hands everything out in raw mode.
    slave.ioctl("TCSETS", { ...attributes, lflag: attributes.lflag & ~(ICANON | ECHO | ECHONL) });
    this.#key("");
    slave.ioctl("TCSETS", attributes);
    this.#typed.clear();
  }

  #deliver(): void {
    const bytes = Uint8Array.from(this.#pty.slave.read());
    if (bytes.length === 0 && (this.#lflag & ICANON) === 0) return; // a key that meant something else
    this.#typed.put(bytes);
  }

  #draw(bytes: Uint8Array, done: () => void): void {
    this.#drawing++;
    this.#terminal.write(bytes, () => {
      this.#drawing--;
      done(); // may draw more at once
      if (this.#drawing === 0) {
        this.#ahead = 0;
        this.#wake();
      }
    });
  }

  #wake(): void {
    for (const resume of this.#writers.splice(0)) resume();
  }
}

/**
 * A paste may be long, and the line discipline spreads what it gets into a call's arguments; so it does with a
 * line when it is complete, which may be some 100,000 characters long.
 */
function inPieces(text: string, listener: (text: string) => void): void {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + PIECE, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end++;
    listener(text.slice(at, end));
    at = end;
  }
}
