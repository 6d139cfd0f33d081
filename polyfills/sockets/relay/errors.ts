// errors.ts - what a relay's refusal means to a socket: an errno, and a text with the cure.
//
// Used by tcp.ts and udp.ts.

import { ERRNO } from "../../numbers.ts";
import { BLOCKED, IDLE, INVALID, REFUSED, THROTTLED, NO_ANSWER, UNREACHABLE } from "./frames.ts";

export interface Refusal {
  readonly errno: number;
  /** Only where the errno does not say enough. */
  readonly reason?: Error;
}

/** @param target what was asked for, "host:port". */
export function refusalOf(code: number, target: string): Refusal {
  switch (code) {
    case REFUSED:
      return { errno: ERRNO.ECONNREFUSED };
    case NO_ANSWER:
    case IDLE:
      return { errno: ERRNO.ETIMEDOUT };
    case UNREACHABLE:
      return { errno: ERRNO.EHOSTUNREACH };
    case INVALID:
      return { errno: ERRNO.EINVAL, reason: new Error(`the relay does not understand ${target}`) };
    case BLOCKED:
      return {
        errno: ERRNO.EACCES,
        reason: new Error(
          `the relay does not allow ${target}. Its list needs an entry for it (sospeso relay --allow ${target}), and so does ` +
            "the token's list, if it has one. Addresses that are not public need an entry by CIDR",
        ),
      };
    case THROTTLED:
      return {
        errno: ERRNO.EAGAIN,
        reason: new Error(`the relay opens no more connections for this token now, or it is being shut down: ${target} may work later`),
      };
    default:
      return { errno: ERRNO.ECONNRESET };
  }
}
