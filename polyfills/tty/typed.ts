// typed.ts - what was typed at a terminal and not read yet, and when a read takes how much of it.
//
// Line disciplines hand over a line or some keys at a time. What a read gives of that differs: a line in
// cooked mode, otherwise as VMIN and VTIME say. Used by terminal.ts, and at the user's own terminal by
// runtime/node/stdio.ts.
//
// Invariants
//  1. In cooked mode one read gives at most one delivery, and an empty one is end of file once.
//  2. Whoever waits looks again after each delivery, and when it is told to.

import { ICANON, VMIN, VTIME } from "../numbers.ts";
import type { TerminalAttributes } from "./control.ts";

/** Deliveries in order. */
export class Typed {
  readonly #attributes: () => TerminalAttributes;
  #deliveries: Uint8Array[] = [];
  #waiting: (() => void)[] = [];
  #epoch = 0;

  /** @param attributes the terminal's settings at any time. */
  constructor(attributes: () => TerminalAttributes) {
    this.#attributes = attributes;
  }

  /** Another number after each clear(). */
  get epoch(): number {
    return this.#epoch;
  }

  get isEmpty(): boolean {
    return this.#deliveries.length === 0;
  }

  /** Add a delivery; an empty one is end of file. */
  put(bytes: Uint8Array): void {
    this.#deliveries.push(bytes);
    this.look();
  }

  /** Forget everything. */
  clear(): void {
    this.#deliveries = [];
    this.#epoch++;
  }

  /** Have whoever waits look again: other settings apply, or it is over. */
  look(): void {
    for (const looks of this.#waiting.splice(0)) looks();
  }

  /**
   * How long a read waits for more before it takes what is there: milliseconds, 0 to take it now, Infinity
   * until more is typed. To be asked anew after each delivery.
   * @param length bytes that the reader has room for.
   */
  patience(length: number): number {
    const { lflag, cc } = this.#attributes();
    if ((lflag & ICANON) !== 0) return this.isEmpty ? Infinity : 0;
    // A Ctrl-D of cooked mode is no end of file in raw mode.
    this.#deliveries = this.#deliveries.filter((bytes) => bytes.length > 0);
    const size = this.#deliveries.reduce((sum, bytes) => sum + bytes.length, 0);
    const least = cc[VMIN] ?? 1;
    const limit = 100 * (cc[VTIME] ?? 0);
    if (least === 0) return size > 0 ? 0 : limit;
    if (size >= Math.min(least, length)) return 0;
    // With VMIN the time is that between two keys, and runs from the first one on.
    return size === 0 || limit === 0 ? Infinity : limit;
  }

  /** Wait for so many milliseconds: true when it is time to look again, false when they are over. */
  wait(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const looks = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const gaveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== looks);
        resolve(false);
      };
      const timer = patience === Infinity ? undefined : setTimeout(gaveUp, patience);
      this.#waiting.push(looks);
    });
  }

  /** Move to the buffer what a read gets; how many bytes that are. */
  take(buffer: Uint8Array): number {
    const oneLine = (this.#attributes().lflag & ICANON) !== 0;
    let taken = 0;
    while (taken < buffer.length) {
      const next = this.#deliveries[0];
      if (next === undefined || (next.length === 0 && taken > 0)) break;
      const count = Math.min(next.length, buffer.length - taken);
      buffer.set(next.subarray(0, count), taken);
      taken += count;
      if (count < next.length) this.#deliveries[0] = next.subarray(count);
      else this.#deliveries.shift();
      if (oneLine || next.length === 0) break;
    }
    return taken;
  }
}
