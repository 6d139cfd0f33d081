"""How a PyProxy is known again. The newest few are known by identity and get their mark only when
they outlive that or the turn of the event loop: none of it may show, whoever asks, and whenever."""

from __future__ import annotations

import json
from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_a_proxy_is_the_same_object_in_python_in_its_turn_and_after_it(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.same_object) == [True, True, True]


async def test_many_live_at_once_are_all_known(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.many_at_once) == [[], True, 32]


ENDED = "Object has already been destroyed"
EXPECTED = {
    "passed": ENDED,
    "passed after another": ENDED,
    "passed in a record": ENDED,
    "attribute": ENDED,
    "own method": ENDED,
    "destroyed again": "undefined",
    "method got before": "undefined",
    "copy got before": ENDED,
    "text got before": ENDED,
    "instanceof": "true",
    "toPy": "true",
    "globals": ENDED,
    "set": ENDED,
    "from an heir": "this method is called on something that is no PyProxy",
    # What is no PyProxy is described by what it answers: an ended one answers nothing.
    "behind a Proxy": "1",
}


async def test_a_proxy_that_ended_at_once_is_known_in_every_way(runtime: Any) -> None:
    at_once, afterwards = await runtime.js(SCRIPTS.ended_at_once)
    assert at_once == EXPECTED
    assert afterwards == EXPECTED


async def test_arguments_that_ended_with_their_call_are_known(runtime: Any) -> None:
    result, texts, instances = await runtime.js(SCRIPTS.ended_arguments)
    assert result == EXPECTED
    assert texts == [ENDED]
    assert instances is True


async def test_an_argument_goes_back_to_python_while_its_call_runs(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.arguments_that_go_back)


async def test_nobody_else_is_taken_for_a_proxy_or_sees_how_it_is_known(runtime: Any) -> None:
    kinds, secrets = await runtime.js(SCRIPTS.impostors)
    assert kinds[3] == "list"
    assert all(name.startswith("Js") for name in [*kinds[:3], kinds[6]]), kinds
    assert kinds[4:6] == [False, False]
    assert kinds[7] == "x"
    assert secrets == []


async def test_two_runtimes_in_one_page_mix_their_proxies(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.two_runtimes, runtime.host.dist, runtime.core) == [
        [],
        [True, False],
    ]


async def test_short_and_long_text_of_every_width_arrives(runtime: Any) -> None:
    """Around the lengths where one way to decode gives way to another; C1 controls are no windows-1252."""
    assert json.loads(await runtime.value(PROGRAMS.texts_of_every_width)) == []
