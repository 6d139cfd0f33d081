/*
 * The imports of polyfill.c for Emscripten's own runtime: a library that goes into its glue.
 * Given to emcc by polyfill.py.
 */
addToLibrary({
  host_wait__async: true,
  host_wait__deps: ["$Asyncify"],
  host_wait: (x) => Asyncify.handleAsync(() => globalThis.benchmarkPromise),
  host_value: (x) => x,
  host_plain: (x) => x,
});
