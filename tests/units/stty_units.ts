// stty_units.ts - a terminal's settings in the two formats of `stty -g`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ECHO, ICANON, VMIN, VTIME } from "../../polyfills/numbers.ts";
import { COOKED } from "../../polyfills/tty/control.ts";
import { readSettings } from "../../runtime/node/stty.ts";

const LINUX = "500:5:bf:8a3b:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0";
/** What macOS says of a fresh window. */
const MAC =
  "gfmt1:cflag=4b00:iflag=6b02:lflag=200005cf:oflag=3:discard=f:dsusp=19:eof=4:eol=ff:eol2=ff:erase=7f:intr=3:" +
  "kill=15:lnext=16:min=1:quit=1c:reprint=12:start=11:status=14:stop=13:susp=1a:time=0:werase=17:ispeed=9600:ospeed=9600";

test("Linux's numbers are read, and written with as many characters", () => {
  const settings = readSettings(LINUX)!;
  assert.deepEqual({ ...settings.attributes, cc: settings.attributes.cc.slice(0, 32) }, COOKED);
  assert.equal(settings.words(settings.attributes), LINUX);
  const raw = { ...settings.attributes, lflag: settings.attributes.lflag & ~(ICANON | ECHO) };
  assert.equal(settings.words(raw), LINUX.replace("8a3b", "8a31"));
});

test("a BSD's names are read as Linux's bits and characters", () => {
  const { attributes } = readSettings(MAC)!;
  assert.equal(attributes.iflag, 0x2 | 0x100 | 0x400 | 0x800 | 0x2000 | 0x4000); // BRKINT ICRNL IXON IXANY IMAXBEL IUTF8
  assert.equal(attributes.oflag, COOKED.oflag);
  assert.equal(attributes.cflag, 0xf | 0x30 | 0x80 | 0x400); // 38400 CS8 CREAD HUPCL
  assert.equal(attributes.lflag, COOKED.lflag);
  assert.deepEqual(attributes.cc, COOKED.cc.slice(0, 17));
});

test("a BSD gets its own bits back, and keeps those that Linux does not have", () => {
  const settings = readSettings(MAC)!;
  const words = (text: string): Map<string, string> =>
    new Map(text.split(":").slice(1).map((word) => word.split("=") as [string, string]));
  const found = words(MAC);
  for (const [name, value] of words(settings.words(settings.attributes))) assert.equal(value, found.get(name), name);
  const cc = [...settings.attributes.cc];
  cc[VMIN] = 12;
  cc[VTIME] = 20;
  const lflag = settings.attributes.lflag & ~(ICANON | ECHO);
  const raw = words(settings.words({ ...settings.attributes, lflag, cc }));
  assert.equal(raw.get("lflag"), "200004c7");
  assert.equal(raw.get("min"), "12", "gfmt.c reads these two as decimal");
  assert.equal(raw.get("time"), "20");
  assert.equal(raw.has("dsusp"), false);
});

test("what is no settings is refused", () => {
  for (const text of ["", "stty: stdin isn't a terminal", "500:5:bf", "gfmt1:cflag=4b00", "500:5:bf:8a3b:3:x"]) {
    assert.equal(readSettings(text), undefined, text);
  }
});
