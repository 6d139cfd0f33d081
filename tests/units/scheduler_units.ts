// scheduler_units.ts - who waits for what, against a host loop that the tests turn by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HAND_OVER, INTERRUPTED, NOTIFIED, SLOW, TIMED_OUT } from "../../jspi/numbers.ts";
import { type Host, Scheduler } from "../../jspi/scheduler.ts";
import { LOOP, MAIN_NAMESPACE } from "../../jspi/turns.ts";

/** An event loop with a clock of its own: nothing happens unless a test says so. */
class FakeLoop implements Host {
  time = 0;
  readonly queue: (() => void)[] = [];
  readonly timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }
  setTimer(callback: () => void, ms: number): object {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return timer;
  }
  clearTimer(timer: unknown): void {
    const at = this.timers.indexOf(timer as { at: number; callback: () => void });
    if (at >= 0) this.timers.splice(at, 1);
  }
  soon(callback: () => void): void {
    this.queue.push(callback);
  }
  /** One turn: what was due by now, then what was queued. */
  turn(ms = 0): void {
    this.time += ms;
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      this.clearTimer(timer);
      timer.callback();
    }
    for (const callback of this.queue.splice(0)) callback();
  }
}

const TIME = 0;
const SLICE = 1;

async function settled(wait: number | Promise<number>): Promise<number | undefined> {
  const open = Symbol();
  await Promise.resolve();
  const got = await Promise.race([wait, Promise.resolve(open)]);
  return got === open ? undefined : (got as number);
}

test("a notification wakes one waiter of the key, or all", async () => {
  const scheduler = new Scheduler(new FakeLoop());
  const waits = [1, 2, 3].map((task) => scheduler.wait(task, 500, -1));
  scheduler.notify(500, false);
  assert.deepEqual(await Promise.all(waits.map(settled)), [NOTIFIED, undefined, undefined]);
  scheduler.notify(500, true);
  assert.deepEqual(await Promise.all(waits.map(settled)), [NOTIFIED, NOTIFIED, NOTIFIED]);
  assert.equal(scheduler.waiting, 0);
});

test("a key of ours remembers a notification that came before the wait", async () => {
  const scheduler = new Scheduler(new FakeLoop());
  const key = scheduler.newKey();
  scheduler.notify(key, true);
  assert.equal(await scheduler.wait(1, key, -1), NOTIFIED);
});

test("a timeout ends a wait and clears its queue", async () => {
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  const wait = scheduler.wait(1, 500, 10);
  loop.turn(9);
  assert.equal(await settled(wait), undefined);
  loop.turn(1);
  assert.equal(await settled(wait), TIMED_OUT);
  assert.equal(loop.timers.length, 0);
});

test("signals end the waits of the main thread's tasks only", async () => {
  const scheduler = new Scheduler(new FakeLoop());
  scheduler.addThread(2);
  const main = scheduler.wait(1, 500, -1);
  const thread = scheduler.wait(2, 500, -1);
  scheduler.interruptAll();
  assert.equal(await settled(main), INTERRUPTED);
  assert.equal(await settled(thread), undefined);
});

test("stacks that only wake each other leave the page its turn", async () => {
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  const first = scheduler.wait(1, 500, -1);
  scheduler.notify(500, true);
  assert.equal(await settled(first), NOTIFIED); // at once: the slice has just begun
  loop.time += 20;
  const second = scheduler.wait(1, 500, -1);
  scheduler.notify(500, true);
  assert.equal(await settled(second), undefined);
  loop.turn();
  assert.equal(await settled(second), NOTIFIED);
});

test("a computation hands over by the switch interval when there are others", () => {
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  loop.time = 10;
  assert.equal(scheduler.look(5) & HAND_OVER, 0);
  loop.time = 16;
  assert.equal(scheduler.look(5) & HAND_OVER, HAND_OVER);
  scheduler.turn();
  void scheduler.wait(7, 500, -1);
  loop.time += 4;
  assert.equal(scheduler.look(5) & HAND_OVER, 0);
  loop.time += 1;
  assert.equal(scheduler.look(5) & HAND_OVER, HAND_OVER);
  scheduler.computeMs = 2;
  scheduler.turn();
  loop.time += 2;
  assert.equal(scheduler.look(5) & HAND_OVER, HAND_OVER);
});

test("a computation of long C calls is told to look more often", () => {
  // A fixed number of checks between two looks held the page for as many C calls.
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  loop.time = 0.1;
  assert.equal(scheduler.look(5) & SLOW, 0);
  loop.time += 3;
  assert.equal(scheduler.look(5) & SLOW, SLOW);
  loop.time += 0.2;
  assert.equal(scheduler.look(5) & SLOW, 0);
  loop.time += 500; // it waited; the time since says nothing
  scheduler.turn();
  assert.equal(scheduler.look(5) & SLOW, 0);
});

test("a step keeps its turn through time slices, until it waits or ends", async () => {
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  let free = 0;
  scheduler.turns.onLoopFree = () => free++;
  scheduler.begin(1, LOOP);
  const slice = scheduler.wait(1, SLICE, 0);
  loop.turn();
  assert.equal(await settled(slice), TIMED_OUT);
  assert.equal(scheduler.turns.isTaken(LOOP), true); // it goes on computing
  assert.equal(free, 0);
  void scheduler.wait(1, TIME, 5);
  assert.equal(scheduler.turns.isTaken(LOOP), false);
  assert.equal(free, 1);
  scheduler.begin(2, LOOP);
  scheduler.turns.end(2);
  assert.equal(free, 2);
});

test("a step whose wait is over is held while another step has the turn", async () => {
  // Two steps in the middle of a turn changed the loop's tables under each other's hands.
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  scheduler.begin(1, LOOP);
  const first = scheduler.wait(1, 500, -1); // a callback that waits, so that others may run
  scheduler.begin(3, LOOP);
  const third = scheduler.wait(3, 600, -1);
  scheduler.begin(2, LOOP);
  const slice = scheduler.wait(2, SLICE, 0);
  scheduler.notify(500, true);
  scheduler.notify(600, true);
  loop.turn();
  assert.equal(await settled(slice), TIMED_OUT);
  assert.deepEqual([await settled(first), await settled(third)], [undefined, undefined]);
  void scheduler.wait(2, 700, -1); // it comes to a wait
  loop.turn();
  assert.deepEqual([await settled(first), await settled(third)], [NOTIFIED, undefined]);
  const again = scheduler.wait(1, SLICE, 0); // and now the first is in the middle
  loop.turn();
  assert.equal(await settled(again), TIMED_OUT);
  assert.equal(await settled(third), undefined);
  scheduler.turns.end(1);
  loop.turn();
  assert.equal(await settled(third), NOTIFIED);
  // What is no step is never held.
  const other = scheduler.wait(9, 800, -1);
  scheduler.notify(800, true);
  assert.equal(await settled(other), NOTIFIED);
});

test("a run begins when those of its namespace that compute have come to a wait, in order", async () => {
  // PyScript starts all its scripts at once, in one namespace; a time slice let one delete another's names.
  const loop = new FakeLoop();
  const scheduler = new Scheduler(loop);
  assert.equal(scheduler.begin(1, MAIN_NAMESPACE), undefined);
  const second = scheduler.begin(2, MAIN_NAMESPACE);
  const third = scheduler.begin(3, MAIN_NAMESPACE);
  assert.equal(scheduler.begin(4, 0x1000), undefined); // another namespace
  const slice = scheduler.wait(1, SLICE, 0);
  loop.turn();
  assert.equal(await settled(slice), TIMED_OUT);
  assert.equal(await settled(second as Promise<number>), undefined);
  const first = scheduler.wait(1, 500, -1);
  assert.equal(await settled(second as Promise<number>), NOTIFIED);
  scheduler.notify(500, true); // its wait is over, and the third came before it
  scheduler.turns.end(2);
  assert.deepEqual([await settled(third as Promise<number>), await settled(first)], [NOTIFIED, undefined]);
  scheduler.turns.end(3);
  assert.equal(await settled(first), NOTIFIED);
  scheduler.turns.end(1);
  assert.equal(scheduler.turns.isTaken(MAIN_NAMESPACE), false);
});

test("runs that have not begun are told of the runtime's end", async () => {
  const scheduler = new Scheduler(new FakeLoop());
  scheduler.begin(1, MAIN_NAMESPACE);
  const second = scheduler.begin(2, MAIN_NAMESPACE) as Promise<number>;
  scheduler.failAll(new Error("over"));
  await assert.rejects(second, /over/);
});
