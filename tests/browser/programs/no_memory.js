// Run in a page before all else: no core gets its memory.

const real = WebAssembly.instantiate;
WebAssembly.instantiate = (module, imports) =>
  imports?.sospeso ? Promise.reject(new RangeError("could not allocate memory")) : real(module, imports);
