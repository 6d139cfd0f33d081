# Emscripten's glue without what it does for exports that only libraries want.
# Why: it gives each export a variable and a property of its module object, for every page at each
# start, and libraries find these symbols elsewhere (symbols.py). Called by link.py.
"""Cuts exports out of core.mjs."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..engine.errors import BuildError

# `var _a,_b,memory;function assignWasmExports(wasmExports){_a=Module["_a"]=wasmExports["a"];...}`
_DECLARED = re.compile(r"var ([\w$,]+);(?=function assignWasmExports)")
_ASSIGNED = re.compile(
    r'\b_[\w$]+=(?:Module\["[\w$]+"\]=)?wasmExports\["([\w$]+)"\](?:\.value(?:>>>0)?)?;'
    r'|wasmExports\["([\w$]+)"\]=makeWrapper_\w+\(wasmExports\["[\w$]+"\]\);'
)


def without_exports(glue: str, names: Collection[str]) -> tuple[str, set[str]]:
    """The glue without the variables of exports, as far as it does not use them itself.

    Returns:
        The glue, and the exports among `names` that it still has.

    Raises:
        BuildError: the glue does not look as it should.
    """
    declared = _DECLARED.search(glue)
    if declared is None:
        raise BuildError(
            "core.mjs does not declare its exports in the known way",
            "teach cpython/build/wasm/glue.py what this Emscripten writes",
        )
    others = declared[1].split(",")
    bare = glue.replace(declared[0], "", 1)
    used = set(re.findall(r"\b_[\w$]+", _ASSIGNED.sub("", bare)))
    kept = {name for name in names if f"_{name}" in used}
    gone = set(names) - kept
    variables = [name for name in others if name.removeprefix("_") not in gone]
    text = glue.replace(declared[0], f"var {','.join(variables)};", 1)
    return (
        _ASSIGNED.sub(lambda match: "" if (match[1] or match[2]) in gone else match[0], text),
        kept,
    )
