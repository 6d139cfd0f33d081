"""Arbitrary nested values around the loop, both ways: what comes back is what was sent.

Hypothesis makes the values here; each travels as JSON text in which what JSON lacks is spelled out,
is built by the side it starts on, crosses twice, and is compared there.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
SCALARS = st.one_of(
    st.builds(lambda: {"none": 0}),
    st.builds(lambda: {"null": 0}),
    st.booleans(),
    TEXT,
    st.integers(-(2**70), 2**70).map(lambda n: {"int": str(n)}),
    st.integers().map(lambda n: {"bigint": str(n)}),
    st.floats(allow_nan=False).map(lambda x: {"float": repr(x)}),
    st.binary(max_size=20).map(lambda b: {"bytes": list(b)}),
)
# A node is a scalar, a list of nodes, or {"dict": [[key, node], ...]}.
NODES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.lists(st.tuples(TEXT, inner), max_size=6, unique_by=lambda pair: pair[0]).map(
            lambda pairs: {"dict": [list(pair) for pair in pairs]}
        ),
        st.lists(TEXT, max_size=4, unique=True).map(lambda texts: {"set": texts}),
    ),
    max_leaves=40,
)

PYTHON = '''
import json
from pyodide.ffi import jsnull

def build(node):
    """The Python value of a node."""
    if isinstance(node, list):
        return [build(item) for item in node]
    if not isinstance(node, dict):
        return node
    (kind, value), = node.items()
    if kind == "dict":
        return {key: build(item) for key, item in value}
    if kind == "set":
        return set(value)
    if kind in ("int", "bigint"):
        return int(value)
    if kind == "float":
        return float(value.replace("Infinity", "inf"))
    if kind == "bytes":
        return bytes(value)
    return None if kind == "none" else jsnull

def differs(one, two, where="value"):
    """Where two values differ, or None. A whole float may have become an int: both are numbers."""
    if isinstance(one, bytes):
        if not isinstance(two, memoryview) or two.tobytes() != one:
            return where
    elif isinstance(one, bool) or one is None or one is jsnull:
        if two is not one:
            return where
    elif isinstance(one, (int, float)):
        if isinstance(two, bool) or not isinstance(two, (int, float)) or two != one or str(float(one))[0] != str(float(two))[0]:
            return f"{where}: {one!r} became {two!r}"
    elif type(one) is not type(two) or len(one) != len(two):
        return f"{where}: {one!r} became {two!r}"
    elif isinstance(one, list):
        for i, (a, b) in enumerate(zip(one, two)):
            if found := differs(a, b, f"{where}[{i}]"):
                return found
    elif isinstance(one, dict):
        for key in one:
            if key not in two:
                return f"{where}: no key {key!r}"
            if found := differs(one[key], two[key], f"{where}[{key!r}]"):
                return found
    elif one != two:
        return f"{where}: {one!r} became {two!r}"
    return None
'''

JAVASCRIPT = """
    const build = (node) => {
      if (Array.isArray(node)) return node.map(build);
      if (typeof node !== "object") return node;
      const [[kind, value]] = Object.entries(node);
      if (kind === "dict") {
        const made = {};
        for (const [key, item] of value)
          Object.defineProperty(made, key, { value: build(item), writable: true, enumerable: true, configurable: true });
        return made;
      }
      if (kind === "set") return new Set(value);
      if (kind === "bytes") return new Uint8Array(value);
      if (kind === "bigint") return BigInt(value);
      if (kind === "int") return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
      if (kind === "float") return Number(value.replace("inf", "Infinity"));
      return kind === "none" ? undefined : null;
    };
    const differs = (one, two, where = "value") => {
      if (one instanceof Uint8Array)
        return two instanceof Uint8Array && String(one) === String(two) ? undefined : where;
      if (one instanceof Set)
        return two instanceof Set && one.size === two.size && [...one].every((item) => two.has(item)) ? undefined : where;
      if (typeof one !== "object" || one === null) return Object.is(one, two) ? undefined : `${where}: ${String(one)} became ${String(two)}`;
      if (Array.isArray(one) !== Array.isArray(two)) return where;
      const names = Object.keys(one);
      if (names.length !== Object.keys(two).length) return `${where}: other keys`;
      for (const name of names) {
        if (!Object.hasOwn(two, name)) return `${where}: no key ${JSON.stringify(name)}`;
        const found = differs(one[name], two[name], `${where}[${JSON.stringify(name)}]`);
        if (found) return found;
      }
    };
    pyodide.runPython(session.roundTripPython);
    const get = (name) => pyodide.globals.get(name);
    const pythonBuild = get("build"), pythonDiffers = get("differs"), loads = pyodide.runPython("json.loads");
    const wrong = [];
    for (const text of session.roundTripTexts) {
      // JavaScript, Python, JavaScript
      const mine = build(JSON.parse(text));
      const there = pyodide.toPy(mine);
      const back = there?.toJs ? there.toJs() : there;
      const bad = differs(mine, back);
      if (bad) wrong.push(["js", bad, text]);
      there?.destroy?.();
      // Python, JavaScript, Python
      const node = loads(text);
      const theirs = pythonBuild(node);
      const here = theirs?.toJs ? theirs.toJs() : theirs;
      const again = pyodide.toPy(here);
      const worse = pythonDiffers(theirs, again);
      if (worse) wrong.push(["python", worse, text]);
      for (const proxy of [node, theirs, again]) proxy?.destroy?.();
    }
    for (const proxy of [pythonBuild, pythonDiffers, loads]) proxy.destroy();
    return JSON.stringify(wrong);
"""


def draw_batches() -> list[list[Any]]:
    """What Hypothesis makes, gathered: one crossing for many examples keeps the test quick."""
    nodes: list[Any] = []

    @settings(
        max_examples=400,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(NODES)
    def gather(node: Any) -> None:
        nodes.append(node)

    gather()
    return [nodes[i : i + 100] for i in range(0, len(nodes), 100)]


# Hypothesis warns of values whose repr is long; nobody asks for it here.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
async def test_nested_values_survive_the_loop_both_ways(runtime: Any) -> None:
    for batch in await asyncio.to_thread(draw_batches):
        texts = [json.dumps(node) for node in batch]
        await runtime.js(
            f"session.roundTripPython = {json.dumps(PYTHON)};"
            f"session.roundTripTexts = {json.dumps(texts)};"
        )
        wrong = json.loads(await runtime.js(JAVASCRIPT))
        assert not wrong, wrong[:3]
