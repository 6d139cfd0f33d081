// Run before all else in a page: it has no storage, and says so loudly.

Object.defineProperty(globalThis, "localStorage", {
  get() {
    throw new DOMException("no", "SecurityError");
  },
});
