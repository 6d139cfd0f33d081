// A terminal's settings as `stty -g` writes them and takes them back.
// Why: there are two formats, and the bits in them are each system's own, while Python here has Linux's.
// GNU, busybox (Linux): `500:5:bf:8a3b:3:1c:...`, input, output, control and local modes, then the characters.
// macOS and the BSDs (stty(1), gfmt.c): `gfmt1:cflag=4b00:iflag=2b02:...:eof=4:...:ospeed=9600`, by name;
// the same words back, any of them. No Mac runs the tests: they have its words from its documentation.
// Called by terminal.ts.

import * as linux from "../../polyfills/numbers.ts";
import type { TerminalAttributes } from "../../polyfills/tty/control.ts";

/** Settings and the words that give them back. */
export interface Settings {
  readonly attributes: TerminalAttributes;
  /** The words for other attributes of this terminal. */
  words(changed: TerminalAttributes): string;
}

/** Read what `stty -g` wrote; undefined when it is neither format. */
export function readSettings(text: string): Settings | undefined {
  return text.startsWith("gfmt1:") ? readNamed(text) : readNumbers(text);
}

function hex(word: number): string {
  return (word >>> 0).toString(16);
}

function readNumbers(text: string): Settings | undefined {
  const numbers = text.split(":").map((word) => (/^[0-9a-f]+$/.test(word) ? Number.parseInt(word, 16) : NaN));
  const [iflag, oflag, cflag, lflag, ...cc] = numbers;
  if (iflag === undefined || oflag === undefined || cflag === undefined || lflag === undefined) return undefined;
  if (numbers.some(Number.isNaN)) return undefined;
  return {
    attributes: { iflag, oflag, cflag, lflag, cc },
    // The struct of the core has room for 32 control characters, stty wants as many as it gave.
    words: (changed) =>
      [changed.iflag, changed.oflag, changed.cflag, changed.lflag, ...changed.cc.slice(0, cc.length)].map(hex).join(":"),
  };
}

type Mode = "iflag" | "oflag" | "cflag" | "lflag";

/** Bits of a BSD, and those of Linux with the same meaning. What is in no table stays as it was found. */
const BITS: Record<Mode, readonly (readonly [bsd: number, linux: number])[]> = {
  iflag: [
    // the same
    ...[
      linux.IGNBRK,
      linux.BRKINT,
      linux.IGNPAR,
      linux.PARMRK,
      linux.INPCK,
      linux.ISTRIP,
      linux.INLCR,
      linux.IGNCR,
      linux.ICRNL,
      linux.IXANY,
      linux.IMAXBEL,
    ].map((bit) => [bit, bit] as const),
    [0x200, linux.IXON],
    [0x400, linux.IXOFF],
    [0x4000, linux.IUTF8],
  ],
  oflag: [
    [0x1, linux.OPOST],
    [0x2, linux.ONLCR],
    [0x4, linux.TAB3], // OXTABS
    [0x10, linux.OCRNL],
    [0x20, linux.ONOCR],
    [0x40, linux.ONLRET],
  ],
  cflag: [
    [0x100, linux.CS6],
    [0x200, linux.CS7], // both are CS8
    [0x400, linux.CSTOPB],
    [0x800, linux.CREAD],
    [0x1000, linux.PARENB],
    [0x2000, linux.PARODD],
    [0x4000, linux.HUPCL],
    [0x8000, linux.CLOCAL],
  ],
  lflag: [
    [0x1, linux.ECHOKE],
    [0x2, linux.ECHOE],
    [0x4, linux.ECHOK],
    [0x8, linux.ECHO],
    [0x10, linux.ECHONL],
    [0x20, linux.ECHOPRT],
    [0x40, linux.ECHOCTL],
    [0x80, linux.ISIG],
    [0x100, linux.ICANON],
    [0x400, linux.IEXTEN],
    [0x400000, linux.TOSTOP],
    [0x80000000, linux.NOFLSH],
  ],
};

/** Names of control characters, and their places in Linux's c_cc; a BSD says ff where Linux says 0 for none. */
const CHARACTERS = Object.entries({
  intr: linux.VINTR,
  quit: linux.VQUIT,
  erase: linux.VERASE,
  kill: linux.VKILL,
  eof: linux.VEOF,
  time: linux.VTIME,
  min: linux.VMIN,
  start: linux.VSTART,
  stop: linux.VSTOP,
  susp: linux.VSUSP,
  eol: linux.VEOL,
  reprint: linux.VREPRINT,
  discard: linux.VDISCARD,
  werase: linux.VWERASE,
  lnext: linux.VLNEXT,
  eol2: linux.VEOL2,
});
const MODES = ["iflag", "oflag", "cflag", "lflag"] as const;
const NONE = 0xff;

function readNamed(text: string): Settings | undefined {
  const found = new Map<string, string>();
  for (const word of text.split(":").slice(1)) {
    const [name, value] = word.split("=");
    if (name !== undefined && value !== undefined) found.set(name, value);
  }
  const number = (name: string): number => Number.parseInt(found.get(name) ?? "", 16);
  if (MODES.some((mode) => Number.isNaN(number(mode)))) return undefined;
  const toLinux = (mode: Mode): number =>
    BITS[mode].reduce((bits, [bsd, linux]) => ((number(mode) & bsd) !== 0 ? bits | linux : bits), 0);
  const toBsd = (mode: Mode, bits: number): string =>
    hex(BITS[mode].reduce((all, [bsd, linux]) => ((bits & linux) !== 0 ? all | bsd : all & ~bsd), number(mode)));
  const isCount = (name: string): boolean => name === "min" || name === "time";
  const cc = new Array<number>(1 + Math.max(...CHARACTERS.map(([, place]) => place))).fill(0);
  for (const [name, place] of CHARACTERS) {
    const character = number(name);
    if (!Number.isNaN(character) && (character !== NONE || isCount(name))) cc[place] = character;
  }
  return {
    attributes: {
      iflag: toLinux("iflag"),
      oflag: toLinux("oflag"),
      // Its speed stands in words of its own; Linux's 38400 is as good as any.
      cflag: toLinux("cflag") | linux.B38400,
      lflag: toLinux("lflag"),
      cc,
    },
    words(changed) {
      const modes = MODES.map((mode) => `${mode}=${toBsd(mode, changed[mode])}`);
      const characters = CHARACTERS.flatMap(([name, place]) => {
        if (!found.has(name)) return [];
        const character = changed.cc[place] ?? 0;
        // Written in hexadecimal like everything, but these two are read as decimal (gfmt.c).
        if (isCount(name)) return [`${name}=${character}`];
        return [`${name}=${hex(character === 0 ? NONE : character)}`];
      });
      return `gfmt1:${[...modes, ...characters].join(":")}`;
    },
  };
}
