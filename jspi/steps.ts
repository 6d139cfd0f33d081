/*
 * Which step of the page's event loop may run: one at a time, from wait to wait.
 * A step is a stack; it can be suspended at the end of a time slice in the middle
 * of a callback, and a callback that waits leaves the loop to another step. Two
 * steps that both were in the middle of something changed the loop's tables under
 * each other's hands. Kept by scheduler.ts; steps are entered by tasks.ts.
 *
 * Invariants
 *  1. At most one step has the turn. It keeps it through its time slices and gives
 *     it up when it waits or ends: code between two awaits is not interrupted by
 *     its own loop.
 *  2. A step has the turn from the moment its wait is granted to be over, not only
 *     from when its stack really goes on: nothing can come between the two.
 *  3. Those whose wait is over get the turn in that order, before any new step.
 */

/** The turns of one runtime's page loop. */
export class Steps {
  readonly #all = new Set<number>();
  readonly #queue: { task: number; go: () => void }[] = [];
  #turn = 0;
  /** Called when the turn is free and no step waits for it. */
  onFree: (() => void) | undefined;

  /** Does a step have the turn? Then no new one may begin. */
  get busy(): boolean {
    return this.#turn !== 0;
  }

  /** A new step is entered; the turn must be free. */
  begin(task: number): void {
    this.#all.add(task);
    this.#turn = task;
  }

  /** The step has ended. */
  end(task: number): void {
    if (this.#all.delete(task)) this.pause(task);
  }

  /** The task waits: if it is the step that has the turn, it is the next one's. */
  pause(task: number): void {
    if (this.#turn !== task || task === 0) return;
    this.#turn = 0;
    const next = this.#queue.shift();
    if (next === undefined) {
      this.onFree?.();
      return;
    }
    this.#turn = next.task;
    next.go();
  }

  /** The task's wait is over: `go` is called when it may go on, at once unless it is a step. */
  resume(task: number, go: () => void): void {
    if (!this.#all.has(task) || this.#turn === task) {
      go();
    } else if (this.#turn === 0) {
      this.#turn = task;
      go();
    } else {
      this.#queue.push({ task, go });
    }
  }

  /** The runtime has ended: let everybody go, to be told so. */
  clear(): void {
    this.#all.clear();
    for (const { go } of this.#queue.splice(0)) go();
  }
}
