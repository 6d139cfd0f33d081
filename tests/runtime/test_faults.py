"""Faults that were seen once, each told with what it did: the runtime lives on, and nothing is lost."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.archives import wheel
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_sockets_without_end_are_an_oserror(runtime: Any) -> None:
    """JavaScript's exception about the full table of descriptors went through wasm: the runtime ended."""
    got = await runtime.value(PROGRAMS.open_sockets_until_there_is_no_descriptor)
    assert got == "EMFILE alive"


async def test_a_connection_waits_until_there_is_a_descriptor_for_it(runtime: Any) -> None:
    """accept() had taken the connection already, and it was gone."""
    got = await runtime.value(PROGRAMS.accept_without_a_descriptor)
    assert got == "EMFILE EMFILE EMFILE still here"


async def test_epolls_that_watch_each_other_are_refused(runtime: Any) -> None:
    """The question whether one is ready went round for ever and ended the runtime. Linux says ELOOP."""
    assert await runtime.value(PROGRAMS.watch_in_a_circle) == "ELOOP ELOOP EINVAL 0"
    assert await runtime.value(PROGRAMS.nest_too_deep) == "ELOOP"


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_causes_in_a_circle_do_not_freeze_the_page(runtime: Any, length: int) -> None:
    """The walk along __cause__ stopped only at its own beginning."""
    result = await runtime.run_async(PROGRAMS.raise_with_causes_in_a_circle.called(length))
    assert result.error_type == "TypeError"
    assert await runtime.value("1 + 1") == 2


async def test_a_datagram_waits_for_room_and_goes_on(runtime: Any) -> None:
    """send() said "wait", poll() said "go on", and the page froze."""
    assert await runtime.value(PROGRAMS.send_datagrams_to_a_full_socket) == 3000


async def test_a_wait_for_room_can_be_interrupted(runtime: Any) -> None:
    program = PROGRAMS.send_to_a_full_socket_for_ever
    assert await runtime.js(SCRIPTS.interrupt_while_it_waits, program) == "KeyboardInterrupt"


@pytest.mark.parametrize("name", ["../evil", "/evil", "x/../../evil"])
async def test_no_member_of_a_tar_leaves_the_folder(runtime: Any, name: str) -> None:
    """A tar's members went where their names led."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = 4
        archive.addfile(info, io.BytesIO(b"evil"))
    data = base64.b64encode(packed.getvalue()).decode()
    got = await runtime.call(PROGRAMS.unpack_what_leads_out, data, "gztar")
    assert got.endswith(" False False"), got


@pytest.mark.parametrize("place", ["purelib//etc/evil", "purelib/../../evil", "data//etc/evil"])
async def test_no_file_of_a_wheel_leaves_its_folder(runtime: Any, place: str) -> None:
    """What is left of "x-1.0.data/purelib//etc/evil" without its first part begins with "/"."""
    data = wheel("x", "1.0", {"x.py": "", f"x-1.0.data/{place}": "evil"})
    told, is_there = await runtime.js(SCRIPTS.install_a_wheel, base64.b64encode(data).decode())
    assert is_there is False
    assert "unsafe name" in told or place.startswith("data")


async def test_a_slash_that_is_hidden_in_an_address_is_refused(runtime: Any) -> None:
    """The name of the kept file was "../x-1.0...": it was written above packageCacheDir."""
    assert "unsafe file name" in await runtime.js(SCRIPTS.load_from_an_unsafe_address)


async def test_duplicates_without_end_are_an_oserror(runtime: Any) -> None:
    """os.dup() knew no limit."""
    got = await runtime.value(PROGRAMS.duplicate_without_end)
    assert got == "EMFILE EMFILE EINVAL EMFILE"


async def test_what_a_device_throws_is_an_oserror_with_its_cause(runtime: Any) -> None:
    """Any exception but FS's own went through wasm and ended the runtime."""
    told = await runtime.js(SCRIPTS.throw_in_a_device, PROGRAMS.use_a_device_that_throws)
    assert told.pop("reports") > 5
    names = {name: f"29 TypeError: {'llseek' if name == 'seek' else name}" for name in told}
    names["ioctl"] = "28 None"  # FS knows no such request, and does not ask
    assert told == names


async def test_a_handler_of_lines_gets_a_part_when_somebody_waits_for_it(runtime: Any) -> None:
    """input() asked without its prompt, and print(end="", flush=True) showed nothing."""
    told = await runtime.js(SCRIPTS.partial_lines)
    assert told == {
        "input": "Name: |asked",
        "input, plain": "Name: |asked",
        "flush": "a|b",
        "flush, plain": "a|b",
        "buffer": "a|b",
        "buffer, plain": "a|b",
        "no flush": "a|bc",
        "no flush, plain": "a|bc",
        "end": "end",
        "end, plain": "end",
        "wait": "a|b",
        "wait, plain": "",
        "long": 20001,
        "half a character": "a|é",
        "half a character, plain": "",
        "asynchronous": "one|two|three",
    }


async def test_flock_excludes(runtime: Any) -> None:
    """It said yes to everybody."""
    assert await runtime.value(PROGRAMS.exclude_by_flock) == "excluded 0 1 a duplicate holds it"


async def test_an_edge_of_epoll_is_what_has_come(runtime: Any) -> None:
    """A read was an edge for its own end, and an open file was forgotten with its first descriptor."""
    assert await runtime.value(PROGRAMS.edges_of_epoll) == "[1, 1, 0, 1, 0]"


async def test_a_pipe_is_full_when_its_pages_are(runtime: Any) -> None:
    """One byte that was read made it writable; Linux waits for a page."""
    assert await runtime.value(PROGRAMS.a_full_pipe) == "[65536, 0, 'EAGAIN', 1, 4096]"


async def test_a_datagram_pair_says_once_that_its_other_end_was_closed(runtime: Any) -> None:
    got = await runtime.value(PROGRAMS.send_after_the_other_end_was_closed)
    assert got == "ECONNREFUSED ENOTCONN"


async def test_no_descriptor_is_lost_when_all_bytes_are_waited_for(runtime: Any) -> None:
    """MSG_WAITALL read on and wrote over them: they were lost, and open for ever."""
    got = await runtime.value(PROGRAMS.descriptors_that_come_with_all_bytes)
    assert got == "['ab', 1, 'cd', 0]"


async def test_a_lock_of_multiprocessing_excludes_tasks(runtime: Any) -> None:
    """It asked for the thread's ident, which tasks share: three held it at once."""
    define, take = PROGRAMS.hold_a_lock_of_multiprocessing, PROGRAMS.take_the_lock_twice
    assert await runtime.js(SCRIPTS.hold_at_once, define, take) == 1


async def test_stacks_of_many_sizes_are_not_kept(runtime: Any) -> None:
    """Every size that threading.stack_size() had been given kept a stack of its own: 622 MB."""
    kept = await runtime.js(SCRIPTS.stacks_that_are_kept, PROGRAMS.threads_of_many_sizes)
    assert kept < 3


async def test_locales_and_time_zones_that_are_not_there(runtime: Any) -> None:
    """setlocale() took every name, ZoneInfo did not say what is missing, faulthandler could not be enabled."""
    got = await runtime.value(PROGRAMS.ask_for_what_is_not_there)
    assert got == "[True, True, True]"


async def test_anyio_runs_and_nest_asyncio_has_nothing_to_do(runtime: Any) -> None:
    """anyio.run() said "Already running asyncio", and nest_asyncio broke asyncio.run()."""
    got = await runtime.value(PROGRAMS.run_an_event_loop_of_anyio_and_patch_by_nest_asyncio)
    assert got == "[True, True, True]"


async def test_an_interrupted_import_is_made_good_by_the_next(runtime: Any) -> None:
    """The new package had not the submodules of the old one: asyncio was broken for the runtime's life."""
    assert await runtime.js(SCRIPTS.interrupt_an_import) == ["KeyboardInterrupt", "whole"]


async def test_keys_with_any_content_are_seen_in_a_json_view(runtime: Any) -> None:
    """NUL separated the keys on their way: those that contain it were lost."""
    text, count = await runtime.js(SCRIPTS.keys_of_a_json_view)
    assert json.loads(text) == {"a\0b": 1, "c": 2, "\0": 3, "\1": 4, "\1a": 5, "": 6}
    assert count == 6


AWAITED = {
    "future": "import asyncio\nasyncio.get_event_loop().create_future()",
    "task": "asyncio.ensure_future(asyncio.sleep(100))",
    "gathered": "asyncio.gather(asyncio.sleep(100), asyncio.sleep(100))",
    "coroutine": "asyncio.sleep(100)",
}


async def test_what_is_awaited_is_rejected_when_the_runtime_is_destroyed(runtime: Any) -> None:
    """It was never settled, though the documents say so."""
    loaded = await runtime.host.load_beside(runtime.core)
    beside = Runtime(runtime.host, runtime.engine, loaded)
    told = await beside.js(SCRIPTS.destroy_what_is_awaited, AWAITED)
    assert set(told) == set(AWAITED)
    assert set(told.values()) == {"this runtime was destroyed"}
    await runtime.host.ask("destroy", id=beside.id)
