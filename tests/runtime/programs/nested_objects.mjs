// Programs of test_nested_objects.py.

/** The same program from a thread, or as a callback of the page. */
export async function run_elsewhere({ pyodide }, definition, name, where) {
  const names = pyodide.toPy({});
  pyodide.runPython(definition, { globals: names });
  const call = names.get(name);
  let told;
  try {
    if (where === "callback") {
      told = await new Promise((resolve, reject) => {
        setTimeout(() => {
          try {
            resolve(call());
          } catch (error) {
            reject(error);
          }
        }, 0);
      });
    } else {
      told = await pyodide.runPythonAsync(
        `import threading
told = []
thread = threading.Thread(target=lambda: told.append(${name}()))
thread.start()
thread.join()
told[0]`,
        { globals: names },
      );
    }
    return told.toJs({ dict_converter: Object.fromEntries });
  } finally {
    told?.destroy();
    call.destroy();
    names.destroy();
  }
}
