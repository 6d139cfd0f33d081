"""Faults that were seen once, each told with what it did: the runtime lives on, and nothing is lost."""

from __future__ import annotations

import base64
import io
import tarfile
from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.archives import wheel

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
