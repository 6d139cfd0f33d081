// What JavaScript programs of several tests use: they look at Python's globals while a program is under way.

/** A global of Python's, or undefined: also while a program is in an import, whose lock this plain call cannot wait for. */
export function globalOf(pyodide, name) {
  try {
    return pyodide.globals.get(name);
  } catch (error) {
    if (!String(error).includes("cannot wait here")) throw error;
    return undefined;
  }
}
