// slots.ts - slots of the core's table for libraries. Taken in blocks: to grow the table for each of
// the thousands of functions of a C++ library would take seconds. Used by linker.ts.
//
// Invariants
//  1. A slot that was given back is empty, so that a call of it traps, until it is taken again.
//  2. A row that was given back is taken again as a whole: a library that is loaded, unloaded and loaded
//     does not make the table grow.

/** How many slots the table grows by at least. */
const BLOCK = 256;

/** Gives slots, and takes them back. */
export class Slots {
  readonly #table: WebAssembly.Table;
  #next = 0;
  #end = 0;
  /** Length of rows -> their first slots. */
  readonly #free = new Map<number, number[]>();

  constructor(table: WebAssembly.Table) {
    this.#table = table;
  }

  /** So many slots in a row; the first. */
  take(count: number): number {
    if (count === 0) return 0;
    return this.#free.get(count)?.pop() ?? this.#table.grow(count);
  }

  takeOne(): number {
    const known = this.#free.get(1)?.pop();
    if (known !== undefined) return known;
    if (this.#next === this.#end) {
      this.#next = this.#table.grow(BLOCK);
      this.#end = this.#next + BLOCK;
    }
    return this.#next++;
  }

  /** A row that was taken. */
  giveBack(first: number, count: number): void {
    if (count === 0) return;
    for (let slot = first; slot < first + count; slot++) this.#table.set(slot, null);
    const rows = this.#free.get(count) ?? [];
    this.#free.set(count, rows);
    rows.push(first);
  }

  set(slot: number, value: unknown): void {
    this.#table.set(slot, value as never);
  }
}
