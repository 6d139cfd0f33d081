"""Who lives how long on the bridge: destroy, copies, arguments of calls, the collector, and its statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def collect_until_proxies_are(runtime: Any, count: int) -> None:
    """What JavaScript's collector has found is let go of in a later turn of the event loop."""
    for _ in range(50):
        await runtime.host.collect()
        proxies = (await runtime.stats())["proxies"]
        if proxies == count:
            return
    raise AssertionError(f"{proxies} proxies are left, not {count}")


@dataclass(frozen=True)
class Memory:
    """What a runtime takes once both collectors have run."""

    blocks: int  # that Python has allocated
    heap: float  # bytes of JavaScript's heap; in a page with the memory of all cores
    proxies: int

    @classmethod
    async def of(cls, runtime: Any) -> Memory:
        heap = await runtime.host.collect()
        if runtime.engine == "node":  # there it is all that the process has
            heap = await runtime.js("return process.memoryUsage().heapUsed;")
        blocks = await runtime.value("import gc, sys; gc.collect(); sys.getallocatedblocks()")
        return cls(blocks, heap, (await runtime.stats())["proxies"])

    def is_like(self, before: Memory, *, blocks: int, heap: int) -> None:
        """Assert that no more than this has come since."""
        assert self.proxies == before.proxies
        assert self.blocks - before.blocks < blocks
        assert self.heap - before.heap < heap


async def test_a_proxy_keeps_its_object_until_it_is_destroyed(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.object_of_a_proxy) == "true,true,false"


async def test_attributes_end_with_the_proxy_they_were_got_from(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.attributes) == "2,true,2"


async def test_views_end_together(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.views) == "true,2,Object has already been destroyed"


async def test_arguments_end_with_their_call(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.arguments_of_a_call) == "2 true"


async def test_arguments_live_as_long_as_the_promise_that_is_returned(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.arguments_of_a_promise) == 2


async def test_an_argument_that_is_given_back_is_the_python_object(runtime: Any) -> None:
    """As the key of a map whose get() returns it, it came back destroyed: its call was over."""
    assert await runtime.value(PROGRAMS.arguments_given_back) == "[True, True, True, True, 'mine']"
    # Whoever awaited a promise may come late: what it gives is left to the collector.
    await collect_until_proxies_are(runtime, 1)


async def test_what_a_promise_gives_python_is_let_go_by_javascript_at_once(runtime: Any) -> None:
    """The proxy of an asynchronous result lived until the collector came, and its object with it."""
    before = (await runtime.stats())["proxies"]
    assert await runtime.value(PROGRAMS.given_by_promises) == "[2, 3, 2, True]"
    assert (await runtime.stats())["proxies"] == before


async def test_what_a_generator_was_sent_and_returns_ends_with_it(runtime: Any) -> None:
    before = (await runtime.stats())["proxies"]
    texts = ["{1}", "{2}", "{3}"]
    assert await runtime.value(PROGRAMS.given_by_a_generator) == str([texts, True, 2, 2])
    assert await runtime.value(PROGRAMS.given_by_an_async_generator) == str([texts, 2])
    assert (await runtime.stats())["proxies"] == before


async def test_an_array_finds_the_python_object_that_it_holds(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.an_array_of_python_objects) == "[True, True, False, 0, 1]"


async def test_a_proxy_made_by_create_proxy_lives_until_destroy(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.created_proxy, PROGRAMS.create_proxy_of_a_lambda)
        == "2,3,Object has already been destroyed"
    )


async def test_a_roundtrip_proxy_stays_a_proxy_in_python(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.roundtrip_proxy, PROGRAMS.roundtrips) == "[True, True, True]"


async def test_a_once_callable_is_called_once(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.once_callables, PROGRAMS.three_once_callables)
        == "2,called once,ZeroDivision,called once,called once"
    )


async def test_destroy_proxies_ends_what_a_conversion_made(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.destroyed_proxies, PROGRAMS.destroys_proxies) == "gone,gone"


async def test_a_cycle_across_both_heaps_is_broken_by_destroy(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.cycle_across_both_heaps) == "1,true"


async def test_use_after_destroy_tells_more_in_debug_mode(runtime: Any) -> None:
    message, cause = await runtime.js(SCRIPTS.use_after_destroy)
    assert message == 'as I said\nThe object was of type "list" and had repr "[\'the object\']"'
    assert "maker" in cause
    assert "ender" in cause


async def test_statistics_name_origins_in_debug_mode(runtime: Any) -> None:
    stats, python, listed = await runtime.js(SCRIPTS.statistics)
    assert any("maker" in one["origin"] and one["type"] == "list" for one in stats["origins"])
    assert python["proxies"] == stats["proxies"]
    assert listed is False


async def test_proxies_that_are_dropped_are_collected(runtime: Any) -> None:
    before = (await runtime.stats())["proxies"]
    assert await runtime.js(SCRIPTS.drop_proxies, 500) == 500
    await collect_until_proxies_are(runtime, before)


async def test_a_dropped_proxy_lets_go_of_its_methods_too(runtime: Any) -> None:
    """The record of the proxy that got its mark last was held, and with it the proxies of its attributes."""
    before = (await runtime.stats())["proxies"]
    for _ in range(3):
        await runtime.js(SCRIPTS.drop_a_proxy_and_its_method)
        await collect_until_proxies_are(runtime, before)


async def test_what_is_awaited_is_released_once(runtime: Any) -> None:
    """Its proxy could be collected before it was done, and was released then and at the end: the
    memory of the coroutine went to another object that was in use."""
    before = (await runtime.stats())["proxies"]
    await runtime.js(SCRIPTS.begin_to_await)
    for _ in range(5):
        await runtime.host.collect()
    assert (await runtime.stats())["proxies"] == before + 1
    assert await runtime.js(SCRIPTS.open_the_gate) is True
    assert (await runtime.stats())["proxies"] == before


async def test_make_and_destroy_in_a_loop_leaves_nothing(runtime: Any) -> None:
    await runtime.js(SCRIPTS.make_and_destroy, 1000)
    before = await Memory.of(runtime)
    await runtime.js(SCRIPTS.make_and_destroy, 50_000)
    (await Memory.of(runtime)).is_like(before, blocks=100, heap=1_000_000)


async def test_many_attribute_names_do_not_grow_memory(runtime: Any) -> None:
    """Names are kept on both sides of the bridge, a few thousand of them (MAX_NAMES in py_record.ts)."""
    assert await runtime.js(SCRIPTS.use_attribute_names, 0, 20_000) == 0
    before = await Memory.of(runtime)
    assert await runtime.js(SCRIPTS.use_attribute_names, 20_000, 120_000) == 0
    (await Memory.of(runtime)).is_like(before, blocks=5000, heap=2_000_000)


async def test_getters_that_use_python_meanwhile_disturb_nothing(runtime: Any) -> None:
    assert (
        await runtime.js(SCRIPTS.getters_that_use_python)
        == "str,JsProxy,JsProxy,str,outer text,last text"
    )
