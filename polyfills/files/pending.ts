// pending.ts - how a file says that a read or write has to wait.
//
// The interfaces between files that can block (pipes, sockets, devices) and what lets C wait for
// them (../stdio/waiting_io.ts, which says how that goes and implements PendingOps).

/** The part of jspi/scheduler.ts that devices need. */
export interface WaitKeys {
  newKey(): number;
  notify(key: number, all: boolean): void;
  /** The key is done with: a notification nobody waited for is forgotten. */
  forget(key: number): void;
}

/** One read or write that has to wait. */
export interface PendingOp {
  /** Milliseconds to wait at most; negative for ever. */
  readonly timeoutMs: number;
  /**
   * Called once before the wait, with the key that ends it; `canWait` is false when the stack
   * cannot suspend, in which case the outcome will be CANNOT_WAIT.
   */
  begin?(key: number, canWait: boolean): void;
  /** Called once after the wait: true to call again, false to fail because of `outcome`. */
  resume(key: number, outcome: number): boolean;
}

/** Where files announce what has to wait. */
export interface PendingOps {
  /** Announce what the EAGAIN about to be thrown on `fd` waits for. */
  pend(fd: number, op: PendingOp): void;
  /** The write that now returns was short for want of room: the caller is to write the rest, too. */
  expectMore(fd: number): void;
  /** Wake whoever waits for `key`. */
  notify(key: number): void;
}
