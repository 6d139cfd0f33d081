// Must not check: each line that says `error:` is wrong, and what tsc says has these words.
// Used by test_taken_alone.py.
import { createAsyncifyJspi, Suspending } from "./jspi-polyfill.mjs";
const jspi = createAsyncifyJspi({ allocate: () => 0, free() {} });
createAsyncifyJspi({ allocate: () => 0 }); // error: 'free' is missing
createAsyncifyJspi({ allocate: () => '', free() {} }); // error: 'string' is not assignable
createAsyncifyJspi({ allocate: () => 0, free() {}, size: 1 }); // error: 'size' does not exist
new Suspending(5); // error: 'number' is not assignable to parameter of type 'AnyFunction'
Suspending(() => 1); // error: not callable
jspi.promising(5); // error: 'number' is not assignable to parameter of type
jspi.promising((n: number) => n)('1'); // error: 'string' is not assignable
const n: number = jspi.promising((n: number) => n)(1); // error: 'Promise<number>' is not
jspi.wrapImports({ env: { wait: 'text' } }); // error: 'string' is not assignable
jspi.wrapImports({ env: { wait: {} } }); // error: '{}' is not assignable
jspi.attach({}); // error: 'exports' is missing
jspi.stats().suspended = 1; // error: read-only property
jspi.resume(); // error: 'resume' does not exist
