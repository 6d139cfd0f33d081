// terminal.ts - a terminal of JavaScript (xterm.js, or anything like it) as Python's terminal.
//
// Between a terminal and a program stands the line discipline: echo, erase, kill, Ctrl-C, Ctrl-D,
// raw and cooked mode, flow control. It is xterm-pty's; this turns its two ends into what the
// standard streams want: handlers that may wait, attributes for termios, and back-pressure. Made by
// attach.ts, which connects it to a runtime.
//
// Invariants
//  1. In cooked mode one read gives at most one line, and Ctrl-D at the start of one gives end of file
//     once: xterm-pty joins lines and has no end of file, so each delivery is kept apart here.
//  2. A signal key throws away what was typed and not read, unless NOFLSH says otherwise.
//  3. No more than HIGH bytes are ahead of what the terminal has drawn; beyond, a write waits.

import { openpty } from "xterm-pty";

import type { TerminalAttributes, TerminalControl } from "./control.ts";

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

/** Keys and events that become a signal, by the signal's number on Linux. */
const SIGNALS = { SIGINT: 2, SIGQUIT: 3, SIGTSTP: 20, SIGWINCH: 28 } as const;

const ICANON = 2;
const NOFLSH = 128;
const VTIME = 5;
const VMIN = 6;

/** Bytes written at once; the line discipline works byte by byte and spreads its arrays into calls. */
const PIECE = 4096;
const HIGH = 64 * 1024;

/** A pseudo-terminal: the program's side of a terminal. */
export class PtyTerminal {
  readonly #terminal: TerminalLike;
  readonly #pty = openpty();
  readonly #disposers: Disposer[] = [];
  /** What was typed, by delivery; an empty one is end of file. */
  #typed: Uint8Array[] = [];
  #readers: (() => void)[] = [];
  #writers: (() => void)[] = [];
  /** Bytes given to the line discipline since the terminal had drawn everything. */
  #ahead = 0;
  #drawing = 0;
  #epoch = 0;
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
          this.#typed = [];
          this.#epoch++;
        }
        onSignal(SIGNALS[name]);
      }),
    );
    // All that the master wants of an xterm.js terminal.
    const lower = {
      onData: (listener: (text: string) => void) => terminal.onData((text) => inPieces(text, listener)),
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
    if ((this.#lflag & ICANON) === 0) {
      // A Ctrl-D of cooked mode is no end of file in raw mode.
      this.#typed = this.#typed.filter((bytes) => bytes.length > 0);
    }
    if (this.#typed.length > 0) return this.#take(buffer);
    const { cc } = this.control.getAttributes();
    if ((this.#lflag & ICANON) !== 0 || cc[VMIN] !== 0) {
      return new Promise<void>((resolve) => this.#readers.push(resolve)).then(() => this.read(buffer));
    }
    const tenths = cc[VTIME] ?? 0;
    if (tenths === 0) return 0;
    return new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#readers = this.#readers.filter((reader) => reader !== end);
        resolve();
      };
      const timer = setTimeout(end, 100 * tenths);
      this.#readers.push(end);
    }).then(() => (this.#typed.length > 0 ? this.#take(buffer) : 0));
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
    setAttributes: (attributes: TerminalAttributes) => this.#pty.slave.ioctl("TCSETS", attributes),
    flushInput: () => {
      this.#typed = [];
      this.#epoch++;
    },
    mayBeEmpty: () => (this.#lflag & ICANON) === 0,
    epoch: () => this.#epoch,
  };

  /** Let go of the terminal. Whoever reads or writes goes on, and finds other handlers. */
  dispose(): void {
    this.#disposed = true;
    for (const disposer of this.#disposers.splice(0)) disposer.dispose();
    this.#wake();
    for (const resume of this.#readers.splice(0)) resume();
  }

  get #lflag(): number {
    return this.#pty.slave.ioctl("TCGETS").lflag;
  }

  #deliver(): void {
    const bytes = Uint8Array.from(this.#pty.slave.read());
    if (bytes.length === 0 && (this.#lflag & ICANON) === 0) return; // a key that meant something else
    this.#typed.push(bytes);
    for (const resume of this.#readers.splice(0)) resume();
  }

  #take(buffer: Uint8Array): number {
    const oneLine = (this.#lflag & ICANON) !== 0;
    let taken = 0;
    while (taken < buffer.length) {
      const next = this.#typed[0];
      if (next === undefined || (next.length === 0 && taken > 0)) break;
      const count = Math.min(next.length, buffer.length - taken);
      buffer.set(next.subarray(0, count), taken);
      taken += count;
      if (count < next.length) this.#typed[0] = next.subarray(count);
      else this.#typed.shift();
      if (oneLine || next.length === 0) break;
    }
    return taken;
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
