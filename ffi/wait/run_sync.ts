/*
 * Promises that Python waits for: the imports behind ffi/wait/run_sync.c. A stack in
 * run_sync() watches a promise by a key; a coroutine's `await` gives a Python
 * future to be settled.
 *
 * Invariants
 *  1. What is watched is in `watched` until its outcome was read or given up; a
 *     promise that settles later finds nobody and wakes nobody.
 *  2. A stack that waits for one settled promise after the other leaves the page
 *     its turn: what comes late in a turn is put off to the next.
 *  3. A future is settled once, from the event loop or from a thenable that
 *     calls back at once; its reference then belongs to Python again.
 *  4. A PyProxy that the promise of a call gives ends when Python has its object, as one
 *     that a call returns does; so does what an asynchronous generator returns.
 */

import { engineHost } from "../../jspi/scheduler.ts";
import { SETTLE_END, SETTLE_ERROR, SETTLE_IGNORED, SETTLE_STEP, SETTLE_STOP, SETTLE_VALUE } from "../abi/abi.ts";
import type { AnyImport, Bridge } from "../bridge/bridge_types.ts";
import { ASYNC_GENERATOR_IS_OVER, endGiven, isOfCall, PROMISE_IS_OVER } from "../bridge/call_results.ts";

/**
 * Milliseconds that stacks may go on from one settled promise to the next before
 * the page has its turn: promises alone never reach the event loop.
 */
const SLICE_MS = 16;

interface Watched {
  state: "pending" | "fulfilled" | "rejected";
  value: unknown;
}

/** Imports of ffi/wait/run_sync.c. */
export function runSyncImports(bridge: () => Bridge): Record<string, AnyImport> {
  const watched = new Map<number, Watched>();
  const host = engineHost();
  /** When the first wake of this turn of the event loop came; -1 when none has. */
  let turnBegan = -1;

  /** Note an outcome and wake the waiter, unless it has given up. */
  const wake = (id: number, outcome: Watched, state: "fulfilled" | "rejected", value: unknown): void => {
    if (outcome.state !== "pending" || watched.get(id) !== outcome) return;
    outcome.state = state;
    outcome.value = value;
    const go = (): void => {
      const b = bridge();
      if (!b.space.closed) b.exports.sospeso_wake(id);
    };
    const now = host.now();
    if (turnBegan < 0) {
      turnBegan = now;
      host.soon(() => (turnBegan = -1));
    }
    if (now - turnBegan < SLICE_MS) go();
    else host.soon(go);
  };

  const settle = (future: number, how: number, value: unknown, ofCall: boolean): void => {
    const b = bridge();
    if (b.space.closed) return; // the runtime was destroyed
    let status = how;
    let given = value;
    if (how === SETTLE_STEP) {
      try {
        const step = value as IteratorResult<unknown>;
        status = step.done === true ? SETTLE_STOP : SETTLE_VALUE;
        given = step.value;
      } catch (error) {
        status = SETTLE_ERROR;
        given = error;
      }
    } else if (how === SETTLE_END && (value as IteratorResult<unknown> | null | undefined)?.done !== true) {
      status = SETTLE_IGNORED;
    }
    try {
      if (status === SETTLE_ERROR) {
        b.fail(given);
      } else {
        b.beginText();
        b.writeSlot(b.slots, given);
      }
    } catch (error) {
      status = SETTLE_ERROR;
      b.fail(error);
    }
    b.exports.sospeso_future_settle(future, b.slots, status);
    if (ofCall && how === SETTLE_VALUE) endGiven(b, given, PROMISE_IS_OVER);
    else if (status === SETTLE_STOP) endGiven(b, given, ASYNC_GENERATOR_IS_OVER);
  };

  return {
    js_watch: (promise, key) => {
      const b = bridge();
      const id = (key as number) >>> 0;
      try {
        const outcome: Watched = { state: "pending", value: undefined };
        watched.set(id, outcome);
        (b.handles.get(promise as number) as PromiseLike<unknown>).then(
          (value) => wake(id, outcome, "fulfilled", value),
          (error: unknown) => wake(id, outcome, "rejected", error),
        );
        return 0;
      } catch (error) {
        watched.delete(id);
        return b.fail(error);
      }
    },

    js_outcome: (key, result) => {
      const b = bridge();
      const id = (key as number) >>> 0;
      const outcome = watched.get(id);
      watched.delete(id);
      try {
        if (outcome === undefined || outcome.state === "pending") throw new Error("a promise woke its waiter too early");
        if (outcome.state === "rejected") return b.fail(outcome.value);
        b.beginText();
        b.writeSlot((result as number) >>> 0, outcome.value);
        return 0;
      } catch (error) {
        return b.fail(error);
      }
    },

    js_unwatch: (key) => {
      watched.delete((key as number) >>> 0);
    },

    js_settle: (promise, future, how) => {
      const b = bridge();
      let open = true;
      const once = (value: unknown, status: number): void => {
        if (!open) return;
        open = false;
        settle(future as number, status, value, ofCall);
      };
      let ofCall = false;
      try {
        const thenable = b.handles.get(promise as number) as PromiseLike<unknown>;
        ofCall = isOfCall(thenable);
        if (typeof thenable.then !== "function") return 1; // not any more
        thenable.then(
          (value) => once(value, how as number),
          (error: unknown) => once(error, SETTLE_ERROR),
        );
        return 0;
      } catch (error) {
        if (!open) return 0; // settled already: the reference is gone
        open = false;
        return b.fail(error);
      }
    },
  };
}
