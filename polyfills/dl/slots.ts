// slots.ts - slots of the core's table for libraries. Taken in blocks: to grow the table for each of
// the thousands of functions of a C++ library would take seconds. Used by linker.ts.

/** How many slots the table grows by at least. */
const BLOCK = 256;

/** Gives slots. */
export class Slots {
  readonly #table: WebAssembly.Table;
  #next = 0;
  #end = 0;

  constructor(table: WebAssembly.Table) {
    this.#table = table;
  }

  /** So many slots in a row; the first. */
  take(count: number): number {
    if (count === 0) return 0;
    return this.#table.grow(count);
  }

  takeOne(): number {
    if (this.#next === this.#end) {
      this.#next = this.#table.grow(BLOCK);
      this.#end = this.#next + BLOCK;
    }
    return this.#next++;
  }

  set(slot: number, value: unknown): void {
    this.#table.set(slot, value as never);
  }
}
