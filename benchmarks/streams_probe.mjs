/*
 * What printing and reading cost: the loops of `--only streams`, the same for every contender.
 * probe.mjs takes them for its action "streams"; names are those of benchmarks/streams.py. One operation
 * is a megabyte: ten thousand lines of a hundred characters.
 */

const PYTHON = `
import sys

LINE = "x" * 99


def print_lines(n):
    for _ in range(n * 10_000):
        print(LINE)


def read_lines(n):
    total = 0
    for line in sys.stdin:
        total += len(line)
    if total != n * 1_000_000:
        raise ValueError(total)


def read_all(n):
    total = len(sys.stdin.read())
    if total != n * 1_000_000:
        raise ValueError(total)
`;

/** Loops by name: each takes a number of megabytes. */
export function makeStreamLoops(pyodide) {
  pyodide.runPython(PYTHON);
  const print = pyodide.globals.get("print_lines");
  const read = pyodide.globals.get("read_lines");
  const printing = (makeHandler) => (n) => {
    const seen = { bytes: 0 };
    pyodide.setStdout(makeHandler(seen));
    print(n);
    pyodide.runPython("sys.stdout.flush()");
    pyodide.setStdout({ batched: () => undefined });
    if (seen.bytes !== n * 1_000_000) throw new Error(`${seen.bytes} bytes of ${n} MB arrived`);
  };
  const readAll = pyodide.globals.get("read_all");
  const reading = (makeHandler, program = read) => (n) => {
    pyodide.setStdin(makeHandler(n));
    program(n);
  };
  const line = "x".repeat(99);
  const block = new TextEncoder().encode(`${line}\n`.repeat(10_000));
  const blocks = (n) => {
    let at = 0;
    const end = n * block.length;
    return {
      read(buffer) {
        const from = at % block.length;
        const part = block.subarray(from, from + Math.min(buffer.length, end - at));
        buffer.set(part);
        at += part.length;
        return part.length;
      },
    };
  };
  return {
    "print.batched": printing((seen) => ({ batched: (text) => void (seen.bytes += text.length + 1) })),
    "print.raw": printing((seen) => ({ raw: () => void seen.bytes++ })),
    "print.write": printing((seen) => ({
      write(bytes) {
        seen.bytes += bytes.length;
        return bytes.length;
      },
    })),
    "read.lines": reading((n) => {
      let left = n * 10_000;
      return { stdin: () => (left-- > 0 ? line : null) };
    }),
    "read.buffer": reading(blocks),
    "read.all": reading(blocks, readAll),
  };
}
