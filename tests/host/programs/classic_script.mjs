// What kind of thing `loadPyodide` is after a classic script: `node classic_script.mjs SCRIPT`.
// The script runs in a context that has the few globals of a page that it needs. Used by test_js.py.

import { readFileSync } from "node:fs";
import process from "node:process";
import vm from "node:vm";

const page = { URL, TextDecoder, TextEncoder, location: { href: "http://x/y.html" } };
const context = vm.createContext(page);
vm.runInContext(readFileSync(process.argv[2], "utf8"), context);
console.log(vm.runInContext("typeof loadPyodide", context));
