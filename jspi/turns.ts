/*
 * Which stack of a group may run: one at a time, from wait to wait. A stack can be suspended at the end of
 * a time slice in the middle of anything. The steps of the page's loop are one group: two steps that both
 * were in the middle of something changed the loop's tables under each other's hands. The runs of
 * runPythonAsync() that share their globals are another: programs written for Pyodide count on code up to
 * the first `await` being undisturbed, and PyScript's scripts deleted each other's names.
 * Kept by scheduler.ts; stacks are entered by tasks.ts.
 *
 * Invariants
 *  1. At most one stack of a group has the turn. It keeps it through its time slices and gives it up when
 *     it waits or ends: code between two waits is not interrupted by its own group.
 *  2. A stack has the turn from the moment its wait is granted to be over, not only from when it really
 *     goes on: nothing can come between the two.
 *  3. Those whose wait is over, and runs that begin, get the turn in that order, before any new step.
 *  4. A group is kept while a stack of it is under way: its key may be another object's address later.
 */

/** The group of the page loop's steps. */
export const LOOP = 0;
/** The group of runs in the main namespace; that of any other one is its dict's address. */
export const MAIN_NAMESPACE = 1;

interface Group {
  readonly key: number;
  /** The task that has the turn; 0: nobody. */
  turn: number;
  /** Stacks under way. */
  members: number;
  readonly queue: { task: number; go: () => void }[];
}

/** The turns of one runtime. */
export class Turns {
  readonly #groups = new Map<number, Group>();
  readonly #of = new Map<number, Group>();
  /** Called when the loop's turn is free and no step waits for it. */
  onLoopFree: (() => void) | undefined;

  /** Does a stack of the group have the turn? */
  isTaken(key: number): boolean {
    return (this.#groups.get(key)?.turn ?? 0) !== 0;
  }

  /** A new stack of the group: `go` is called when it may be entered, at once if the turn is free. */
  begin(task: number, key: number, go: () => void): void {
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = { key, turn: 0, members: 0, queue: [] }));
    group.members++;
    this.#of.set(task, group);
    this.resume(task, go);
  }

  /** The stack has ended. */
  end(task: number): void {
    const group = this.#of.get(task);
    if (group === undefined) return;
    this.pause(task);
    this.#of.delete(task);
    if (--group.members === 0) this.#groups.delete(group.key);
  }

  /** The task waits: if it has its group's turn, it is the next one's. */
  pause(task: number): void {
    const group = this.#of.get(task);
    if (group === undefined || group.turn !== task) return;
    group.turn = 0;
    const next = group.queue.shift();
    if (next !== undefined) {
      group.turn = next.task;
      next.go();
    } else if (group.key === LOOP) {
      this.onLoopFree?.();
    }
  }

  /** The task's wait is over: `go` is called when it may go on, at once if it belongs to no group. */
  resume(task: number, go: () => void): void {
    const group = this.#of.get(task);
    if (group === undefined || group.turn === task) {
      go();
    } else if (group.turn === 0) {
      group.turn = task;
      go();
    } else {
      group.queue.push({ task, go });
    }
  }

  /** The runtime has ended: let everybody go, to be told so. */
  clear(): void {
    this.#of.clear();
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    for (const group of groups) for (const { go } of group.queue.splice(0)) go();
  }
}
