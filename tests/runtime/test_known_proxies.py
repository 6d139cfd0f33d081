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
    "from an heir": ENDED,
    "behind a Proxy": ENDED,
}


async def test_a_proxy_that_ended_at_once_is_known_in_every_way(runtime: Any) -> None:
    at_once, afterwards = await runtime.js(SCRIPTS.ended_at_once)
    assert at_once == EXPECTED
    assert afterwards == EXPECTED


async def test_arguments_that_ended_with_their_call_are_known(runtime: Any) -> None:
    result, texts, instances = await runtime.js(SCRIPTS.ended_arguments)
    borrowed = (
        "This borrowed proxy was automatically destroyed at the end of a function call. "
        "Try using create_proxy or create_once_callable."
    )
    assert result == {way: borrowed if text == ENDED else text for way, text in EXPECTED.items()}
    assert texts == [borrowed]
    assert instances is True


async def test_an_argument_goes_back_to_python_while_its_call_runs(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.arguments_that_go_back)


async def test_nobody_else_is_taken_for_a_proxy_or_sees_how_it_is_known(runtime: Any) -> None:
    """But a Proxy that passes everything on stands for the proxy behind it, as for JavaScript's own."""
    passed_on, heir, forged, itself, ended_is, forged_is, ended, keys, secrets = await runtime.js(
        SCRIPTS.impostors
    )
    assert passed_on == itself == "list"
    assert heir.startswith("Js")
    assert forged.startswith("Js")
    assert ended_is is True
    assert forged_is is False
    assert ended == ENDED
    assert keys == "x"
    assert secrets == []


async def test_methods_of_a_proxy_work_behind_a_proxy_of_the_pages_own(runtime: Any) -> None:
    """Libraries that watch objects wrap them; the methods took `this` for something foreign."""
    assert await runtime.js(SCRIPTS.behind_a_proxy) == [2, [1, 2], "[1, 2]", 4, 3, False]


async def test_two_runtimes_in_one_page_mix_their_proxies(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.two_runtimes, runtime.host.dist, runtime.core) == [
        [],
        [True, False],
    ]


async def test_short_and_long_text_of_every_width_arrives(runtime: Any) -> None:
    """Around the lengths where one way to decode gives way to another; C1 controls are no windows-1252."""
    assert json.loads(await runtime.value(PROGRAMS.texts_of_every_width)) == []
