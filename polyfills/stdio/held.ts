// held.ts - output of a burst is held back and handed over together; the JavaScript half of held.c.
//
// A program that prints in a loop makes a system call for each line, and each line costs more for the way
// to its handler than for all the rest. JavaScript cannot see output before it runs: so when a program has
// written a few times in one turn, held.c keeps what follows, and it is handed over before any JavaScript
// does run. Only for handlers of lines and bytes, which a page draws from; a `write` handler or a terminal
// gets each write as it comes. Made by runtime/load/load.ts; devices tell of writes.
//
// Invariants
//  1. What is held is handed over before: the turn ends (a microtask), a plain call returns, Python calls
//     JavaScript or returns to it, a read, a write to another descriptor, a tick of the eval breaker's clock
//     (0.03 ms), a change of handler, the end of the runtime.
//  2. Only a device that took its last write at once, without an error or a promise, has output held.
//  3. The first writes of a turn go directly: an error of the handler is that write's own.

import type { WasmHost } from "../files/fs.ts";
import { HELD_DATA, HELD_FD, HELD_LENGTH, HELD_MAY_HOLD, HELD_PARTIAL } from "../numbers.ts";

/** Writes of a turn that go directly. */
const DIRECT = 4;

/** A device whose output may be held back. */
export interface HeldDevice {
  /** Write output that was held back; true when it was taken at once. */
  pushHeld(bytes: Uint8Array): boolean;
}

/** The output that is held back in a runtime. */
export class HeldOutput {
  readonly #host: Pick<WasmHost, "HEAPU8">;
  #at = 0;
  readonly #devices = new Map<number, HeldDevice>();
  readonly #writes = new Map<number, number>();
  #turnEnds = false;

  /** `host.HEAPU8` is read at call time only. */
  constructor(host: Pick<WasmHost, "HEAPU8">) {
    this.#host = host;
  }

  /** From now on output may be held. @param at address of struct held_output. */
  attach(at: number): void {
    this.#at = at >>> 0;
  }

  /** A device took a write at once: after a few of them the rest of the turn's is held. */
  noteWrite(fd: number, device: HeldDevice): void {
    if (this.#at === 0 || fd > 2) return;
    const writes = (this.#writes.get(fd) ?? 0) + 1;
    this.#writes.set(fd, writes);
    if (writes < DIRECT) return;
    this.#devices.set(fd, device);
    this.#word(HELD_MAY_HOLD + fd, 1);
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    queueMicrotask(() => this.endTurn());
  }

  /** Hand over what is held. */
  flush(): void {
    if (this.#at === 0) return;
    const words = this.#words;
    const length = words[HELD_LENGTH] as number;
    if (length === 0) return;
    const fd = words[HELD_FD] as number;
    const from = this.#at + 4 * HELD_DATA;
    const bytes = this.#host.HEAPU8.slice(from, from + length);
    words[HELD_LENGTH] = 0; // first: the handler may write itself
    if (this.#devices.get(fd)?.pushHeld(bytes) !== true) this.#word(HELD_MAY_HOLD + fd, 0);
  }

  /** Hand over what is held, and hold nothing until there is another burst. */
  endTurn(): void {
    this.flush();
    this.#turnEnds = false;
    for (const fd of this.#devices.keys()) this.#word(HELD_MAY_HOLD + fd, 0);
    this.#devices.clear();
    this.#writes.clear();
  }

  /** A handler of lines has a part of one, or none has any more. */
  setPartial(has: boolean): void {
    if (this.#at !== 0) this.#word(HELD_PARTIAL, has ? 1 : 0);
  }

  get #words(): Int32Array {
    return new Int32Array(this.#host.HEAPU8.buffer, this.#at, HELD_DATA);
  }

  #word(index: number, value: number): void {
    this.#words[index] = value;
  }
}
