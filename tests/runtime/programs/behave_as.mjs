// Programs of test_behave_as.py.

const waits = `
import time
seen = 0
def waits(given):
    global seen
    seen += 1
    time.sleep(0)
    return given.get("key") if hasattr(given, "get") else given
waits
`;

export async function begin_of_promising_calls({ pyodide }) {
  const f = pyodide.runPython(waits);
  const promise = f.callPromising(1);
  const atOnce = pyodide.globals.get("seen");
  await promise;
  f.destroy();
  return `at once: ${atOnce}, in the end: ${pyodide.globals.get("seen")}`;
}

export async function arguments_of_promising_calls({ pyodide }) {
  const f = pyodide.runPython(waits);
  const given = pyodide.toPy({ key: "kept" });
  const promise = f.callPromising(given);
  given.destroy(); // the call has its own reference by now
  const results = [await promise, await f.callPromisingKwargs({ given: "waited" })];
  f.destroy();
  return results.join();
}

export async function destroyed_before_the_turn({ pyodide }) {
  const f = pyodide.runPython(waits);
  const promise = f.callPromising(1);
  pyodide.destroy();
  return promise.catch((error) => error.message);
}
