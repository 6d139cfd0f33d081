// What a detector says: `node ask.mjs BUNDLE BEFORE`. BUNDLE is the address of a module with
// detectJspi() and perhaps detectFeatures(); BEFORE is JavaScript that runs first and changes the
// engine. Prints JSON. A promise that a detector left behind and that rejects ends the process.
// Used by test_detect.py and test_features.py.

import process from "node:process";

const [bundle, before] = process.argv.slice(2);
const { detectFeatures, detectJspi } = await import(bundle);
(0, eval)(before);
console.log(JSON.stringify({ ...detectFeatures?.(), ...detectJspi() }));
await new Promise((resolve) => setTimeout(resolve, 0));
