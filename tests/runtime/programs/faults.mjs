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
