// Programs of test_huge.py.

const outcome = (f) => {
  try {
    return `gave ${f()}`;
  } catch (error) {
    return `${error.type ?? error.name}: ${String(error.message).trim().split("\n").at(-1)}`;
  }
};

export function python_strings_beyond_the_engines({ pyodide }) {
  const seen = [];
  for (const [unit, count] of [
    ["a", "2**29"],
    ["\xe9", "2**29"],
  ]) {
    seen.push(outcome(() => pyodide.runPython(`'${unit}' * (${count})`).length));
    seen.push(outcome(() => pyodide.runPython(`['${unit}' * (${count})]`).toJs()[0].length));
    seen.push(outcome(() => pyodide.runPython(`import js; js.String('${unit}' * (${count}))`).length));
  }
  // Wide ones need a gigabyte each.
  seen.push(outcome(() => pyodide.runPython("'\u0394' * 2**29").length));
  seen.push(outcome(() => pyodide.runPython("chr(0x1f600) * 2**28").length));
  return seen;
}

export function a_long_string_both_ways({ pyodide }) {
  const text = "a".repeat(2 ** 29 - 24);
  pyodide.globals.set("text", text);
  const length = pyodide.runPython("len(text)");
  const back = pyodide.globals.get("text");
  const same = back === text;
  pyodide.runPython("del text");
  return [length, same];
}

export function a_buffer_beyond_two_gigabytes({ pyodide }) {
  const buffer = new ArrayBuffer(2 ** 31 + 8);
  const bytes = new Uint8Array(buffer);
  bytes[2 ** 31] = 7;
  pyodide.globals.set("b", bytes);
  const seen = [];
  for (const code of [
    "len(b)",
    "b[2**31]",
    "b[-8]",
    "b.to_bytes()",
    "b.to_memoryview()",
    "b.to_py()",
    "b.assign(bytes(8))",
    "b.assign_to(bytearray(8))",
    "bytearray(2**31)",
    "b.to_string()",
  ]) {
    seen.push(`${code} ${outcome(() => String(pyodide.runPython(code)))}`);
  }
  pyodide.runPython("del b");
  return seen;
}
