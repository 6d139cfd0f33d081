// Must not check: each line that says `error:` is wrong, and what tsc says has these words.
// Used by test_types.py.
import { loadPyodide } from "./sospeso.mjs";
const pyodide = await loadPyodide();
await loadPyodide({ core: 'none' }); // error: '"none"' is not assignable
await loadPyodide({ jsglobals: 5 }); // error: 'number' is not assignable to type 'object'
pyodide.runPython(5); // error: 'number' is not assignable to parameter of type 'string'
pyodide.runPython('1', { globals: {} }); // error: missing the following properties
pyodide.runPython('1', { file: 'a' }); // error: 'file' does not exist
pyodide.registerJsModule('a', 5); // error: 'number' is not assignable to parameter of type 'object'
pyodide.setInterruptBuffer([1]); // error: is not assignable to parameter of type 'TypedArray
pyodide.noSuchMethod(); // error: 'noSuchMethod' does not exist
pyodide.globals.toJs({ deep: 1 }); // error: 'deep' does not exist
pyodide.canvas.setCanvas2D('canvas'); // error: 'string' is not assignable
pyodide.globals = pyodide.toPy({}); // error: 'globals' because it is a read-only property
