/*
 * Who waits for what: the JavaScript half of sospeso_wait() and sospeso_notify().
 * It turns "this stack waits for that key, so long at most" into promises, and
 * gives the page its turn. Each runtime has one; called by the wasm imports
 * (jspi/tasks.ts wires them) and by devices (polyfills/stdio).
 *
 * Invariants
 *  1. A waiter is in exactly one place: the queue of its key, until it settles.
 *  2. A waiter settles once; its timer is cleared when it does.
 *  3. Keys made by newKey() remember a notification that came before the wait;
 *     others are addresses of C objects whose state the waiter looks at itself.
 *  4. Nothing here spins; stacks that only yield (sleep(0), a time slice) or only
 *     wake each other reach the host's event loop at least every SLICE_MS.
 */

import { HAND_OVER, INTERRUPTED, KEY_SLICE, KEY_TIME, NOTIFIED, SLOW, TIMED_OUT } from "./numbers.ts";
import { Turns } from "./turns.ts";

/** Milliseconds that stacks may keep the page's thread: one frame at 60 Hz. */
export const SLICE_MS = 16;
/** Milliseconds between two looks at the clock that are too many: it is made of long C calls. */
const SLOW_MS = 1;
/** setTimeout's limit (2^31 - 1 ms); a longer wait is taken in parts. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Keys of C objects are addresses below 2^31 in practice; ours have the top bit. */
const FIRST_KEY = 0x8000_0000;

/** What the scheduler needs of the engine; tests give a fake one. */
export interface Host {
  /** Milliseconds, monotonic. */
  now(): number;
  setTimer(callback: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
  /** Run the callback as a task of the event loop, with no delay. */
  soon(callback: () => void): void;
}

interface Waiter {
  readonly task: number;
  readonly key: number;
  readonly settle: (outcome: number) => void;
  /** End the wait by an error, which takes the stack down. */
  readonly fail: (error: Error) => void;
  timer: unknown;
}

/** Keeps the waiting stacks of one runtime. */
export class Scheduler {
  readonly #host: Host;
  readonly #queues = new Map<number, Set<Waiter>>();
  readonly #latched = new Set<number>();
  /**
   * Tasks of threads: signals do not end their waits. Counted, as a new thread may get the
   * stack of one whose end has not come through yet.
   */
  readonly #threads = new Map<number, number>();
  /** Which stacks may run of those that take turns. */
  readonly turns = new Turns();
  #nextKey = FIRST_KEY;
  #turnStarted: number;
  #waiting = 0;
  /** When a computation last looked at the clock. */
  #looked = 0;
  /** Called when a time slice ends, before the page has its turn. Set by runtime/load/load.ts. */
  onSlice: (() => void) | undefined;
  /** Milliseconds a computation may keep the page's thread; Infinity: as long as it wants; 0: to the next check. */
  computeMs = SLICE_MS;
  /** What ends each wait from now on. */
  #ended: Error | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#turnStarted = host.now();
  }

  /** Stacks suspended now. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A fresh key for an event on the JavaScript side. */
  newKey(): number {
    // Wraps after 2^31 keys; by then the first ones are long gone.
    const key = this.#nextKey;
    this.#nextKey = key === 0xffff_ffff ? FIRST_KEY : key + 1;
    return key;
  }

  /**
   * A new stack of a group that takes turns (turns.ts).
   * @returns a promise that settles when it may be entered; undefined: at once.
   */
  begin(task: number, group: number): Promise<unknown> | undefined {
    if (!this.turns.isTaken(group)) {
      this.turns.begin(task, group, () => undefined);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.turns.begin(task, group, () => this.#goOn(resolve, reject, NOTIFIED));
    });
  }

  /** Call at the start of each task of the event loop that enters wasm. */
  turn(): void {
    this.#turnStarted = this.#host.now();
  }

  /**
   * The running computation looks at the clock.
   * @param switchMs how long it may take if there are others (sys.getswitchinterval()).
   * @returns HAND_OVER when it has had the thread long enough, and SLOW when it last looked long ago.
   */
  look(switchMs: number): number {
    if (this.computeMs === 0) return HAND_OVER | SLOW;
    const now = this.#host.now();
    const slow = now - Math.max(this.#looked, this.#turnStarted) >= SLOW_MS ? SLOW : 0;
    this.#looked = now;
    const others = this.#waiting > 0 || this.#threads.size > 0;
    const limit = others ? Math.min(switchMs, this.computeMs) : this.computeMs;
    return now - this.#turnStarted >= limit ? HAND_OVER | slow : slow;
  }

  #elapsed(): number {
    return this.#host.now() - this.#turnStarted;
  }

  addThread(task: number): void {
    this.#threads.set(task, (this.#threads.get(task) ?? 0) + 1);
  }

  removeThread(task: number): void {
    const count = this.#threads.get(task) ?? 0;
    if (count > 1) this.#threads.set(task, count - 1);
    else this.#threads.delete(task);
  }

  /**
   * What the suspending import returns: the stack goes on when it settles.
   * @param timeoutMs milliseconds; negative for ever.
   */
  wait(task: number, key: number, timeoutMs: number): number | Promise<number> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (key === KEY_SLICE || (key === KEY_TIME && timeoutMs <= 0)) return this.#yield(task, key);
    if (this.#latched.delete(key)) return NOTIFIED;
    this.turns.pause(task);
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting--;
        if (waiter.timer !== undefined) this.#host.clearTimer(waiter.timer);
        const queue = this.#queues.get(key);
        queue?.delete(waiter);
        if (queue?.size === 0) this.#queues.delete(key);
      };
      const waiter: Waiter = {
        task,
        key,
        timer: undefined,
        settle: (outcome) => {
          leave();
          this.turns.resume(task, () => this.#goOn(resolve, reject, outcome));
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      let queue = this.#queues.get(key);
      if (queue === undefined) this.#queues.set(key, (queue = new Set()));
      queue.add(waiter);
      if (timeoutMs >= 0) this.#startTimer(waiter, timeoutMs);
    });
  }

  /** Wake the first waiter of the key, or all. */
  notify(key: number, all: boolean): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) {
      if (key >= FIRST_KEY) this.#latched.add(key);
      return;
    }
    for (const waiter of [...queue]) {
      waiter.settle(NOTIFIED);
      if (!all) return;
    }
  }

  /** A key of newKey() is done with: forget a notification nobody waited for. */
  forget(key: number): void {
    this.#latched.delete(key);
  }

  /** A signal came: end every wait of the main thread's tasks. */
  interruptAll(): void {
    for (const queue of [...this.#queues.values()]) {
      for (const waiter of [...queue]) {
        if (!this.#threads.has(waiter.task)) waiter.settle(INTERRUPTED);
      }
    }
  }

  /**
   * Resume a stack: at once, which is a microtask, while the time slice lasts. Two stacks that
   * only wake each other would otherwise never let the page have its turn.
   */
  #goOn(resolve: (outcome: number) => void, reject: (error: Error) => void, outcome: number): void {
    if (this.#ended !== undefined) {
      reject(this.#ended);
      return;
    }
    if (this.#elapsed() < SLICE_MS && this.computeMs !== 0) {
      resolve(outcome);
      return;
    }
    this.#host.soon(() => {
      this.turn();
      if (this.#ended !== undefined) reject(this.#ended);
      else resolve(outcome);
    });
  }

  /** Resolves in the next turn of the engine's event loop, whether the runtime has ended or not. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#host.soon(resolve));
  }

  /**
   * The runtime has ended: throw the error into every waiting stack. An engine
   * keeps a suspended stack, and all that its frames hold, until it has ended.
   */
  failAll(error: Error): void {
    this.#ended = error;
    for (const queue of [...this.#queues.values()]) for (const waiter of [...queue]) waiter.fail(error);
    this.turns.clear();
  }

  #startTimer(waiter: Waiter, ms: number): void {
    if (ms < 1) {
      // Timers have a floor of 1 ms (4 ms when nested, in pages); the event loop itself has none.
      let open = true;
      waiter.timer = { cancel: () => (open = false) };
      this.#host.soon(() => {
        if (!open) return;
        this.turn();
        waiter.settle(TIMED_OUT);
      });
      return;
    }
    const part = Math.min(ms, LONGEST_TIMER);
    waiter.timer = this.#host.setTimer(() => {
      if (ms > part) {
        this.#startTimer(waiter, ms - part);
        return;
      }
      this.turn();
      waiter.settle(TIMED_OUT);
    }, part);
  }

  #yield(task: number, key: number): number | Promise<number> {
    if (key === KEY_TIME && this.#elapsed() < SLICE_MS) return TIMED_OUT; // other stacks that are ready run; the page need not
    if (key === KEY_SLICE) this.onSlice?.();
    else this.turns.pause(task);
    this.#waiting++;
    return new Promise((resolve, reject) => {
      this.#host.soon(() => {
        this.#waiting--;
        this.turns.resume(task, () => {
          this.turn();
          if (this.#ended !== undefined) reject(this.#ended);
          else resolve(TIMED_OUT);
        });
      });
    });
  }
}

interface OurTimer {
  cancel(): void;
}

/** The engine's own event loop: Node, Deno, Bun, pages and workers. */
export function engineHost(): Host {
  const clock = globalThis.performance;
  return {
    now: () => clock.now(),
    setTimer: (callback, ms) => globalThis.setTimeout(callback, ms),
    clearTimer: (timer) => {
      if (typeof (timer as OurTimer).cancel === "function") (timer as OurTimer).cancel();
      else globalThis.clearTimeout(timer as number);
    },
    soon: zeroDelay(),
  };
}

/** A timer that is due for so long, and for so many turns of the event loop, is being starved. */
const STARVED_MS = 50;
const STARVED_TURNS = 3;

/**
 * Zero-delay tasks: setImmediate where there is one, else a message to ourselves. WebKit's workers
 * fire no timer while messages keep coming, so one timer is watched: when it is starved, the next
 * task is a timer too.
 */
function zeroDelay(): (callback: () => void) => void {
  const immediate = (globalThis as { setImmediate?: (callback: () => void) => void }).setImmediate;
  if (typeof immediate === "function") return (callback) => immediate(callback);
  const queue: (() => void)[] = [];
  const channel = new MessageChannel();
  let watched = 0; // since when; 0: no timer is under way
  let turns = 0;
  const fired = (): void => {
    watched = turns = 0;
  };
  channel.port1.onmessage = () => {
    turns++;
    queue.shift()?.();
  };
  return (callback) => {
    if (watched === 0) {
      watched = performance.now();
      setTimeout(fired, 0);
    } else if (turns >= STARVED_TURNS && performance.now() - watched > STARVED_MS) {
      fired();
      setTimeout(callback, 0);
      return;
    }
    queue.push(callback);
    channel.port2.postMessage(0);
  };
}
