// junction.ts - carries bytes between the far end of a connection inside and a line to outside.
//
// What a transport has in common with others: half-close in both directions, resets, and back-pressure
// both ways. The line is a connection of Node (host/tcp.ts) or a stream of the relay (relay/).
//
// Invariants
//  1. Bytes are in one place: in a socket inside, held here, or the line's.
//  2. The line is asked for no more while bytes are held: a program that does not read stops its peer.
//  3. Each direction ends once; the junction lets go of the far end when both have, or one broke.

import { listen } from "../files/anonymous.ts";
import { EWAIT, IPPROTO_TCP, SHUT_WR, SOL_SOCKET, SO_KEEPALIVE, SO_OOBINLINE, TCP_NODELAY } from "../numbers.ts";
import type { InnerStream } from "./transport.ts";

/** A connection to outside, as seen from here. */
export interface Line {
  /** Bytes that can be written now; Junction.pump() is called when there is room again. */
  readonly room: number;
  /** The bytes are the line's from now on. */
  write(bytes: Uint8Array): void;
  /** No more bytes will be written; `isClosed`: and nobody reads what comes. */
  end(isClosed: boolean): void;
  /** Break the connection. */
  reset(): void;
  /** So many bytes of those received have found room inside. */
  taken(count: number): void;
  /** Bytes are held: send no more until resume(). */
  pause(): void;
  resume(): void;
  /** Socket options that mean something outside. */
  setOptions(noDelay: boolean, keepAlive: boolean): void;
  /** Both directions have ended: nothing will be asked of the line any more. */
  done(): void;
}

/** Bytes that are handed to a line in one piece, at most. */
const PIECE = 65536;
/** How long a peer may go on sending to a program that has closed its end, as on Linux (tcp_fin_timeout). */
const ORPHAN_MS = 60_000;

/** One connection that crosses the border. */
export class Junction {
  readonly #far: InnerStream;
  readonly #line: Line;
  readonly #stop: () => void;
  #held: Uint8Array[] = [];
  #isPaused = false;
  #sentAll = false;
  #receivedAll = false;
  /** The program's end knows that. */
  #toldEnd = false;
  #isOver = false;
  #optionsSeen = -1;
  #orphan: ReturnType<typeof setTimeout> | undefined;

  /** `far` is our end of a connection with a program. */
  constructor(far: InnerStream, line: Line) {
    this.#far = far;
    this.#line = line;
    far.setOption(SOL_SOCKET, SO_OOBINLINE, Uint8Array.of(1, 0, 0, 0)); // urgent bytes go with the others
    this.#stop = listen(far.node, () => this.pump());
  }

  /** Carry what can be carried now. */
  pump(): void {
    if (this.#isOver) return;
    this.#applyOptions();
    this.#inward();
    this.#outward();
    this.#settle();
  }

  /** Bytes have come. */
  received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#held.push(bytes);
    this.#inward();
    if (!this.#isOver && this.#held.length > 0 && !this.#isPaused) {
      this.#isPaused = true;
      this.#line.pause();
    }
  }

  /** The peer will send no more. */
  ended(): void {
    if (this.#receivedAll) return;
    this.#receivedAll = true;
    this.pump();
  }

  /** The connection broke. */
  broke(errno: number): void {
    if (this.#isOver) return;
    // What has arrived can still be read, as far as there is room for it.
    this.#inward();
    this.#far.breakOff(errno);
    this.#over();
  }

  /** End it from here: the peer sees a reset, the program an error. */
  abort(errno: number): void {
    if (this.#isOver) return;
    this.#line.reset();
    this.broke(errno);
  }

  #inward(): void {
    while (this.#held.length > 0) {
      const bytes = this.#held[0] as Uint8Array;
      const count = this.#far.send(bytes, 0, undefined);
      if (count === -EWAIT) return;
      if (count < 0) return this.#lost();
      if (count < bytes.length) this.#held[0] = bytes.subarray(count);
      else this.#held.shift();
      this.#line.taken(count);
    }
    if (this.#receivedAll && !this.#toldEnd) {
      this.#toldEnd = true;
      this.#far.shutdown(SHUT_WR);
    } else if (this.#isPaused) {
      this.#isPaused = false;
      this.#line.resume();
    }
  }

  #outward(): void {
    while (!this.#isOver && !this.#sentAll && this.#line.room > 0) {
      const piece = new Uint8Array(Math.min(PIECE, this.#line.room, Math.max(1, this.#far.available)));
      const { count } = this.#far.receive(piece, 0);
      if (count === -EWAIT) return;
      if (count < 0) return this.#lost();
      if (count > 0) {
        this.#line.write(piece);
      } else {
        this.#sentAll = true;
        this.#line.end(this.#far.peer === undefined);
      }
    }
  }

  /** The program broke the connection, or bytes come for one that has closed. */
  #lost(): void {
    this.#line.reset();
    this.#over();
  }

  #settle(): void {
    if (this.#isOver || !this.#sentAll) return;
    if (this.#receivedAll && this.#held.length === 0) {
      this.#line.done();
      this.#over();
    } else if (this.#far.peer === undefined && this.#orphan === undefined) {
      this.#orphan = setTimeout(() => this.#lost(), ORPHAN_MS);
      (this.#orphan as { unref?: () => void }).unref?.();
    }
  }

  #over(): void {
    this.#isOver = true;
    this.#stop();
    clearTimeout(this.#orphan);
    this.#held = [];
    this.#far.close();
  }

  #applyOptions(): void {
    const near = this.#far.peer;
    if (near === undefined || near.optionsSet === this.#optionsSeen) return;
    this.#optionsSeen = near.optionsSet;
    const isSet = (level: number, name: number): boolean => (near.number(level, name) ?? 0) !== 0;
    this.#line.setOptions(isSet(IPPROTO_TCP, TCP_NODELAY), isSet(SOL_SOCKET, SO_KEEPALIVE));
  }
}
