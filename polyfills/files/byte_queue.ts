// byte_queue.ts - bytes on their way through a pipe or a connection: first in, first out.
//
// A ring that grows by doubling up to its capacity, so that a thousand idle pipes cost nothing
// and a busy one allocates only while it fills up. Used by pipe.ts and polyfills/sockets.

const SMALLEST = 1024;

/** At most `capacity` bytes, in order. */
export class ByteQueue {
  capacity: number;
  #ring = new Uint8Array(0);
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that can be written now. */
  get space(): number {
    return Math.max(0, this.capacity - this.#length);
  }

  /** Append as many of the bytes as there is room for; how many that were. */
  write(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.space);
    if (this.#length + count > this.#ring.length) this.#grow(this.#length + count);
    const ring = this.#ring;
    const at = (this.#start + this.#length) % ring.length;
    const first = Math.min(count, ring.length - at);
    ring.set(bytes.subarray(0, first), at);
    if (first < count) ring.set(bytes.subarray(first, count), 0);
    this.#length += count;
    return count;
  }

  /** Copy the oldest bytes to `target` and leave them; how many that were. */
  peek(target: Uint8Array): number {
    const ring = this.#ring;
    const count = Math.min(target.length, this.#length);
    const first = Math.min(count, ring.length - this.#start);
    target.set(ring.subarray(this.#start, this.#start + first));
    if (first < count) target.set(ring.subarray(0, count - first), first);
    return count;
  }

  /** Take the oldest bytes; how many that were. */
  read(target: Uint8Array): number {
    const count = this.peek(target);
    this.skip(count);
    return count;
  }

  /** Drop the oldest bytes. */
  skip(count: number): void {
    this.#length -= count;
    this.#start = this.#length === 0 ? 0 : (this.#start + count) % this.#ring.length;
  }

  /** Drop all, and the memory. */
  clear(): void {
    this.#ring = new Uint8Array(0);
    this.#start = this.#length = 0;
  }

  #grow(needed: number): void {
    let size = Math.max(SMALLEST, this.#ring.length);
    while (size < needed) size *= 2;
    const ring = new Uint8Array(size);
    const length = this.peek(ring.subarray(0, this.#length));
    this.#ring = ring;
    this.#start = 0;
    this.#length = length;
  }
}
