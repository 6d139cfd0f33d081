// A terminal's settings as `stty -g` writes them and takes them back.
// Why: there are two formats, and the bits in them are each system's own, while Python here has Linux's.
// GNU, busybox (Linux): `500:5:bf:8a3b:3:1c:...`, input, output, control and local modes, then the characters.
// macOS and the BSDs (stty(1), gfmt.c): `gfmt1:cflag=4b00:iflag=2b02:...:eof=4:...:ospeed=9600`, by name;
// the same words back, any of them. No Mac runs the tests: they have its words from its documentation.
// Called by terminal.ts.

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
    // IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL, IXANY IMAXBEL: the same
    ...[1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x800, 0x2000].map((bit) => [bit, bit] as const),
    [0x200, 0x400], // IXON
    [0x400, 0x1000], // IXOFF
    [0x4000, 0x4000], // IUTF8
  ],
  oflag: [
    [0x1, 0x1], // OPOST
    [0x2, 0x4], // ONLCR
    [0x4, 0x1800], // OXTABS
    [0x10, 0x8], // OCRNL
    [0x20, 0x10], // ONOCR
    [0x40, 0x20], // ONLRET
  ],
  cflag: [
    [0x100, 0x10], // CS6
    [0x200, 0x20], // CS7; both are CS8
    [0x400, 0x40], // CSTOPB
    [0x800, 0x80], // CREAD
    [0x1000, 0x100], // PARENB
    [0x2000, 0x200], // PARODD
    [0x4000, 0x400], // HUPCL
    [0x8000, 0x800], // CLOCAL
  ],
  lflag: [
    [0x1, 0x800], // ECHOKE
    [0x2, 0x10], // ECHOE
    [0x4, 0x20], // ECHOK
    [0x8, 0x8], // ECHO
    [0x10, 0x40], // ECHONL
    [0x20, 0x400], // ECHOPRT
    [0x40, 0x200], // ECHOCTL
    [0x80, 0x1], // ISIG
    [0x100, 0x2], // ICANON
    [0x400, 0x8000], // IEXTEN
    [0x400000, 0x100], // TOSTOP
    [0x80000000, 0x80], // NOFLSH
  ],
};

/** Names of control characters, at their places in Linux's c_cc; a BSD says ff where Linux says 0 for none. */
const CHARACTERS = [
  "intr", "quit", "erase", "kill", "eof", "time", "min", "", "start", "stop", "susp", "eol", "reprint", "discard",
  "werase", "lnext", "eol2",
];
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
  const cc = CHARACTERS.map((name) => {
    const character = number(name);
    return Number.isNaN(character) || (character === NONE && !isCount(name)) ? 0 : character;
  });
  return {
    attributes: {
      iflag: toLinux("iflag"),
      oflag: toLinux("oflag"),
      // Its speed stands in words of its own; Linux's 38400 is as good as any.
      cflag: toLinux("cflag") | 0xf,
      lflag: toLinux("lflag"),
      cc,
    },
    words(changed) {
      const modes = MODES.map((mode) => `${mode}=${toBsd(mode, changed[mode])}`);
      const characters = CHARACTERS.flatMap((name, at) => {
        if (!found.has(name)) return [];
        const character = changed.cc[at] ?? 0;
        // Written in hexadecimal like everything, but these two are read as decimal (gfmt.c).
        if (isCount(name)) return [`${name}=${character}`];
        return [`${name}=${hex(character === 0 ? NONE : character)}`];
      });
      return `gfmt1:${[...modes, ...characters].join(":")}`;
    },
  };
}
