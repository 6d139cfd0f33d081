/*
 * Programs of test_file_arguments.py.
 */

function failing(pyodide, call) {
  let told = "no error";
  try {
    call(pyodide.FS);
  } catch (error) {
    told = String(error);
  }
  return [told, pyodide.runPython("6 * 7")];
}

export function reads_in_an_encoding_that_is_none({ pyodide }) {
  pyodide.FS.writeFile("/tmp/there", "text");
  return failing(pyodide, (FS) => FS.readFile("/tmp/there", { encoding: "latin1" }));
}

export function writes_a_number({ pyodide }) {
  return failing(pyodide, (FS) => FS.writeFile("/tmp/new", 5));
}

export function writes_an_array_of_numbers({ pyodide }) {
  return failing(pyodide, (FS) => FS.writeFile("/tmp/new", [1, 2, 3]));
}

export function writes_nothing({ pyodide }) {
  return failing(pyodide, (FS) => FS.writeFile("/tmp/new"));
}

export function refused_and_read_again({ pyodide }) {
  pyodide.FS.writeFile("/tmp/kept", "before");
  failing(pyodide, (FS) => FS.writeFile("/tmp/kept", { length: 1 }));
  return pyodide.runPython("open('/tmp/kept').read()");
}

export function writes_and_reads({ pyodide }) {
  const { FS } = pyodide;
  const bytes = (path, options) => [...FS.readFile(path, options)];
  FS.writeFile("/tmp/text", "grün");
  FS.writeFile("/tmp/words", new Uint16Array([1, 2]));
  FS.writeFile("/tmp/view", new DataView(new Uint8Array([7, 8]).buffer));
  FS.writeFile("/tmp/added", "one");
  FS.writeFile("/tmp/added", ", two", { flags: "a" });
  return {
    text: FS.readFile("/tmp/text", { encoding: "utf8" }),
    bytes: bytes("/tmp/text"),
    "named binary": bytes("/tmp/text", { encoding: "binary" }),
    "a view of words": bytes("/tmp/words"),
    "a DataView": bytes("/tmp/view"),
    added: FS.readFile("/tmp/added", { encoding: "utf8" }),
  };
}
