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

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

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
        wrong = await runtime.js(SCRIPTS.send_both_ways, PROGRAMS.define_build_and_differs, texts)
        assert not wrong, wrong[:3]
