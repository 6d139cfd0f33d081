/*
 * The public entry of dist/detect.mjs: the engine's detector on its own, for
 * pages that want to know before they load anything else. No dependency, below
 * 2000 bytes minified: hence `detectJspi` here gives the facts and the engine's
 * own words, and not the runtime's sentences (detect.ts), which would not fit.
 * Imported by users' pages and tools; the runtime bundles detect.ts.
 */

export { probeJspi as detectJspi, type JspiFacts } from "./probe.ts";
export { detectFeatures, type Features } from "./features.ts";
