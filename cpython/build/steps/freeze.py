"""Turns Python modules into one C file of frozen bytecode.

What every start imports (encodings, the runner) is linked into the wasm: no zip
directory is read and nothing is inflated before the first result. Run by the
build driver with the *build* Python, which has the same bytecode:

    python3.13 freeze.py OUT.c NAME=FILE [NAME=FILE ...]     (a package: NAME/=FILE)

The table `sospeso_frozen_modules` has the shape of CPython's `struct _frozen`
(Include/cpython/import.h) and is put before the standard frozen modules.
"""

import marshal
import sys
from pathlib import Path


def c_bytes(data: bytes) -> str:
    """The bytes as the body of a C array initialiser, 24 a line."""
    lines = (data[i : i + 24] for i in range(0, len(data), 24))
    return "\n".join(",".join(map(str, line)) + "," for line in lines)


def freeze(out: Path, modules: list[tuple[str, bool, Path]]) -> None:
    """Write the table for (name, is_package, source file) triples to `out`."""
    arrays, rows = [], []
    for name, is_package, source in modules:
        code = compile(
            source.read_bytes(), f"<frozen {name}>", "exec", dont_inherit=True, optimize=0
        )
        data = marshal.dumps(code)
        symbol = "frozen_" + name.replace(".", "_")
        arrays.append(f"static const unsigned char {symbol}[] = {{\n{c_bytes(data)}\n}};")
        rows.append(f'    {{"{name}", {symbol}, (int)sizeof {symbol}, {int(is_package)}}},')
    out.write_text(
        "/* Made by cpython/build/steps/freeze.py: do not edit. */\n#include <Python.h>\n"
        + "\n".join(arrays)
        + "\nextern struct _frozen sospeso_frozen_modules[];\n"
        + "struct _frozen sospeso_frozen_modules[] = {\n"
        + "\n".join(rows)
        + "\n    {NULL, NULL, 0, 0},\n};\n"
    )


def main(arguments: list[str]) -> None:
    modules = []
    for pair in arguments[1:]:
        name, _, file = pair.partition("=")
        modules.append((name.rstrip("/"), name.endswith("/"), Path(file)))
    freeze(Path(arguments[0]), modules)


if __name__ == "__main__":
    main(sys.argv[1:])
