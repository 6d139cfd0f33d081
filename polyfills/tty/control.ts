// control.ts - what termios, os.get_terminal_size() and isatty() ask a terminal.
//
// The seam between the standard streams (polyfills/stdio) and whatever the terminal is: xterm.js behind
// a line discipline (terminal.ts), or the terminal that Node runs in (runtime/node/terminal.ts).
// Given to setStdin(), setStdout() and setStderr() as `terminal`.

import {
  B38400,
  CREAD,
  CS8,
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  ICANON,
  ICRNL,
  IEXTEN,
  ISIG,
  IXON,
  ONLCR,
  OPOST,
} from "../numbers.ts";

/** A struct termios, by the names and bits of Linux. */
export interface TerminalAttributes {
  readonly iflag: number;
  readonly oflag: number;
  readonly cflag: number;
  readonly lflag: number;
  /** Control characters by VINTR (0), VQUIT (1) and so on; up to 32. */
  readonly cc: readonly number[];
}

/** A terminal's settings. Errors become an errno of the call that asked. */
export interface TerminalControl {
  /** Rows and columns. */
  getTerminalSize(): [number, number];
  getAttributes(): TerminalAttributes;
  setAttributes(attributes: TerminalAttributes): void;
  /** Forget what was typed and not read (tcflush, TCSAFLUSH). */
  flushInput?(): void;
  /**
   * After a read of no bytes that only means that nothing was typed (VMIN 0): settles when it is worth
   * another one. Undefined when it was the end of file.
   */
  whenTyped?(): Promise<unknown> | undefined;
  /** Another number after each time that what was typed is thrown away: bytes read before are void. */
  epoch?(): number;
}

/** Settings of a terminal that nobody can change: cooked mode, echo and signals, as on Linux. */
export const COOKED: TerminalAttributes = {
  iflag: ICRNL | IXON,
  oflag: OPOST | ONLCR,
  cflag: B38400 | CS8 | CREAD,
  lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
  cc: [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, ...Array<number>(16).fill(0)],
};

/** A terminal of which only the size is known: changed settings are remembered and have no effect. */
export function plainControl(size: () => [number, number]): TerminalControl {
  let attributes = COOKED;
  return {
    getTerminalSize: size,
    getAttributes: () => attributes,
    setAttributes: (changed) => {
      attributes = changed;
    },
  };
}
