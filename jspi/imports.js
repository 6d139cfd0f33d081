/* imports.js - names of the wasm imports in module "sospeso", for emcc only.
 *
 * emcc checks every import of the wasm against its JavaScript library and knows
 * nothing of import modules other than its own. The functions themselves are
 * given at instantiation by runtime/core.ts; these stand-ins are never called.
 * Given to the link as --js-library (cpython/link.py).
 */
addToLibrary(
  Object.fromEntries(
    ["wait", "notify", "slice", "start", "block", "new_key", "schedule", "io_pending", "io_resume", "http_open", "http_error", "http_timeout"].map(
      (name) => [name, () => {}],
    ),
  ),
);
