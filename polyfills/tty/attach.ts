// attach.ts - makes a terminal in a page the terminal of a runtime.
//
// `attachTerminal(pyodide, xterm)`: from then on Python's standard streams are that terminal, with
// isatty(), termios, echo and line editing, Ctrl-C and window size. Used by console/ and, as
// dist/terminal.mjs, by pages that bring their own xterm.js.

import type { OutputOptions, StdinOptions } from "../stdio/stdio.ts";
import { PtyTerminal, type TerminalLike } from "./terminal.ts";

export type { Disposer, TerminalLike } from "./terminal.ts";

/** The part of a runtime that is used. */
export interface AttachTarget {
  setStdin(options?: StdinOptions): void;
  setStdout(options?: OutputOptions): void;
  setStderr(options?: OutputOptions): void;
  interrupt(signum?: number): void;
}

/** A terminal in use. */
export interface AttachedTerminal {
  /** Give the runtime its default streams back. May be called again. */
  dispose(): void;
  /** Resolves when all that Python wrote so far is drawn. */
  drained(): Promise<void>;
}

/**
 * Make `terminal` the terminal of `pyodide`.
 * @param pyodide a runtime, from loadPyodide().
 * @param terminal an xterm.js Terminal, or an object with its `cols`, `rows`, `write`, `onData` and
 *   `onResize`. It is not disposed of.
 */
export function attachTerminal(pyodide: AttachTarget, terminal: TerminalLike): AttachedTerminal {
  const pty = new PtyTerminal(terminal, (signal) => {
    try {
      pyodide.interrupt(signal);
    } catch {
      // the runtime has ended: nobody to tell
    }
  });
  const { control } = pty;
  pyodide.setStdin({ read: (buffer) => pty.read(buffer), isatty: true, terminal: control });
  const output: OutputOptions = { write: (bytes) => pty.write(bytes), isatty: true, terminal: control };
  pyodide.setStdout(output);
  pyodide.setStderr(output);
  let attached = true;
  return {
    drained: () => pty.drained(),
    dispose() {
      if (!attached) return;
      attached = false;
      try {
        pyodide.setStdin();
        pyodide.setStdout();
        pyodide.setStderr();
      } catch {
        // the runtime has ended: it has no streams
      } finally {
        pty.dispose();
      }
    },
  };
}
