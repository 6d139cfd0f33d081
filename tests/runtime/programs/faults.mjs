// Programs of test_faults.py.

/** Interrupts a program once it waits; the type of what it ended with. */
export async function interrupt_while_it_waits({ pyodide, until, failure }, program) {
  const ended = failure(pyodide.runPythonAsync(program));
  await until(() => pyodide.stats().waiting > 0);
  pyodide.interrupt();
  return (await ended).type;
}

/** What an address says whose last part leads out of the folder of kept packages. */
export async function load_from_an_unsafe_address({ pyodide }) {
  try {
    await pyodide.loadPackage("http://127.0.0.1:9/..%2Fx-1.0-py3-none-any.whl");
  } catch (error) {
    return error.message;
  }
  return "";
}

/** Loads a wheel of these bytes; the error's message. */
export async function install_a_wheel({ pyodide }, base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  pyodide.FS.writeFile("/tmp/x-1.0-py3-none-any.whl", bytes);
  try {
    await pyodide.runPythonAsync(`
from pyodide._package_loader import install
install("/tmp/x-1.0-py3-none-any.whl", "x-1.0-py3-none-any.whl");`);
  } catch (error) {
    return [error.message, pyodide.FS.analyzePath("/etc/evil").exists];
  }
  return ["", pyodide.FS.analyzePath("/etc/evil").exists];
}

/** What Python sees of devices whose functions throw. */
export async function throw_in_a_device({ pyodide }, program) {
  const { FS } = pyodide;
  const throwing = (word) => () => {
    throw new TypeError(word);
  };
  const device = FS.makedev(77, 1);
  FS.registerDevice(device, {
    open: () => undefined,
    close: () => undefined,
    ...Object.fromEntries(["read", "write", "llseek", "fsync", "ioctl", "mmap", "poll"].map((name) => [name, throwing(name)])),
  });
  FS.mkdev("/dev/throws", device);
  FS.createDevice("/dev", "created", throwing("created"), throwing("created"));
  const { error: report } = console;
  let reports = 0;
  console.error = () => reports++;
  try {
    const told = await pyodide.runPythonAsync(program);
    try {
      return { ...told.toJs({ dict_converter: Object.fromEntries }), reports };
    } finally {
      told.destroy();
      FS.unlink("/dev/throws");
      FS.unlink("/dev/created");
    }
  } finally {
    console.error = report;
  }
}

/** What a page's handler of lines gets, and when. */
export async function partial_lines({ pyodide, until }) {
  const seen = [];
  const told = () => seen.splice(0).join("|");
  pyodide.setStdout({ batched: (line) => void seen.push(line) });
  pyodide.setStdin({
    stdin: () => {
      seen.push("asked");
      return "Bob";
    },
  });
  const result = {};
  const run = async (name, code) => {
    await pyodide.runPythonAsync(code);
    result[name] = told();
    pyodide.runPython(code.includes("sleep") ? "" : code);
    result[`${name}, plain`] = told();
  };
  await run("input", `input("Name: ")`);
  await run("flush", `print("a", end="", flush=True); print("b")`);
  await run("buffer", `import sys; sys.stdout.buffer.write(b"a"); sys.stdout.buffer.flush(); print("b")`);
  await run("no flush", `sys.stdout.write("a\\nb"); sys.stdout.write("c\\n")`);
  await run("end", `print("end", end="")`);
  await run("wait", `import os, time; os.write(1, b"a"); time.sleep(0.001); print("b")`);
  await run("long", `print("x" * 20000, end=""); print("y")`);
  result.long = result.long.length;
  delete result["long, plain"];
  await run("half a character", `os.write(1, b"a\\xc3"); time.sleep(0.001); os.write(1, b"\\xa9\\n")`);
  pyodide.setStdout({ batched: (line) => Promise.resolve().then(() => void seen.push(line)) });
  await pyodide.runPythonAsync(`print("one", end="", flush=True); print("two"); print("three", end="")`);
  await until(() => seen.length === 3);
  result.asynchronous = told();
  pyodide.setStdout();
  pyodide.setStdin();
  return result;
}

/** How the awaited things of a runtime end that is destroyed: it must be one of its own. */
export async function destroy_what_is_awaited({ pyodide, failure }, kinds) {
  const told = {};
  for (const [kind, code] of Object.entries(kinds)) {
    told[kind] = pyodide.runPython(code);
  }
  const ends = Object.entries(told).map(async ([kind, proxy]) => [kind, (await failure(proxy.then((value) => value))).message]);
  pyodide.destroy();
  return Object.fromEntries(await Promise.all(ends));
}

/** Keys of any content. */
export function keys_of_a_json_view({ pyodide, toJs }) {
  const dict = pyodide.runPython(`{"a\\0b": 1, "c": 2, "\\0": 3, "\\1": 4, "\\1a": 5, "": 6}`);
  const view = dict.asJsJson();
  const told = [JSON.stringify(view), Object.keys(view).length];
  view.destroy();
  dict.destroy();
  return told;
}

/** How many tasks hold a lock of multiprocessing at once. */
export async function hold_at_once({ pyodide }, define, take) {
  pyodide.runPython(define);
  await Promise.all([1, 2, 3].map(() => pyodide.runPythonAsync(take)));
  return pyodide.runPython("most");
}

/** Megabytes of C stacks that are kept. */
export async function stacks_that_are_kept({ pyodide }, program) {
  const { stackBytes } = pyodide.stats();
  await pyodide.runPythonAsync(program);
  return (pyodide.stats().stackBytes - stackBytes) / 2 ** 20;
}

/** A package whose import is given up in the middle, imported again. */
export async function interrupt_an_import({ pyodide, failure }) {
  const { FS } = pyodide;
  FS.mkdirTree("/tmp/halves/half");
  FS.writeFile("/tmp/halves/half/whole.py", "word = 'whole'");
  FS.writeFile(
    "/tmp/halves/half/__init__.py",
    "from .whole import word\nimport sys\nif not hasattr(sys, 'second'):\n    sys.second = True\n    raise KeyboardInterrupt\n",
  );
  pyodide.runPython("import sys; sys.path.insert(0, '/tmp/halves')");
  const first = (await failure(pyodide.runPythonAsync("import half"))).type;
  const then = await pyodide.runPythonAsync("import half; half.whole.word");
  pyodide.runPython("sys.path.pop(0); del sys.second, sys.modules['half'], sys.modules['half.whole']");
  return [first, then];
}
