// Runs the example of an Emscripten project where the engine has no JSPI: `node without_jspi.mjs MAIN`
// with the address of its main.mjs. Prints JSON. Used by test_emscripten_project.py.

for (const name of ["Suspending", "promising", "SuspendError"]) delete WebAssembly[name];
const { hasJspi, main } = await import(process.argv[2]);
console.log(JSON.stringify({ hasJspi, ...(await main(hasJspi)) }));
