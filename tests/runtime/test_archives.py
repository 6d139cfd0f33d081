"""Wheels and archives stay in the folder that they are unpacked into.

A wheel with `x.data/purelib//etc/evil` wrote /etc/evil, which under `sospeso run` is the host's disk;
archives with `../` and links did the same through unpackArchive(); an address ending in `..%2Fx.whl`
wrote above Node's folder for packages.
"""

from __future__ import annotations

import base64
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.archives import special, tag, tarred, wheel, zipped
from tests.runtime.conftest import CORES, Runtime
from tests.runtime.test_packages import CELLS, loaded

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


def text(packed: bytes) -> str:
    return base64.b64encode(packed).decode()


# Name -> (archive, format, what becomes of it).
ARCHIVES = {
    "zip_up": (zipped({"../escaped.txt": "x"}), "zip", "ValueError"),
    "zip_up_inside": (zipped({"a/../../escaped.txt": "x"}), "wheel", "ValueError"),
    "zip_absolute": (zipped({"/escaped.txt": "x"}), "zip", "ValueError"),
    "zip_backslash": (zipped({"a\\..\\escaped.txt": "x"}), ".whl", "ValueError"),
    "zip_drive": (zipped({"C:/escaped.txt": "x"}), "zip", "ValueError"),
    "zip_through_link": (zipped({"out/escaped.txt": "x"}), "zip", "ValueError"),
    "zip_folder_through_link": (zipped({"out/escaped/": ""}), "zip", "ValueError"),
    "zip_over_link": (zipped({"out": "x"}), "zip", "done"),
    "tar_up": (tarred(("../escaped.txt", "x")), "gztar", "OutsideDestinationError"),
    "tar_absolute": (tarred(("/escaped.txt", "x")), "tgz", "done"),
    "tar_through_link": (tarred(("out/escaped.txt", "x")), ".tar.gz", "OutsideDestinationError"),
    "tar_link_up": (
        tarred(special("l", tarfile.SYMTYPE, "../../outside"), ("l/escaped.txt", "x")),
        "tar.gz",
        "LinkOutsideDestinationError",
    ),
    "tar_link_absolute": (
        tarred(special("l", tarfile.SYMTYPE, "/outside"), mode="w"),
        "tar",
        "AbsoluteLinkError",
    ),
    "tar_hard_link": (
        tarred(special("l", tarfile.LNKTYPE, "../../bin/python3.13")),
        "tar.gz",
        "LinkOutsideDestinationError",
    ),
    "tar_device": (tarred(special("d", tarfile.CHRTYPE)), "tar.gz", "SpecialFileError"),
    "tar_pipe": (tarred(special("p", tarfile.FIFOTYPE), mode="w:bz2"), "bztar", "SpecialFileError"),
    "tar_good": (
        tarred(("a/b.txt", "x"), special("a/l", tarfile.SYMTYPE, "b.txt")),
        "gztar",
        "done",
    ),
}


async def test_archives_are_refused_or_stay_inside(runtime: Any) -> None:
    given = {name: (text(packed), format) for name, (packed, format, _) in ARCHIVES.items()}
    got = await runtime.js(SCRIPTS.unpack, given, PROGRAMS.prepare)
    assert got == {name: outcome for name, (_, _, outcome) in ARCHIVES.items()}
    assert await runtime.value(PROGRAMS.what_is_outside) == "[]"


async def test_the_older_signature_takes_the_folder_as_text(runtime: Any) -> None:
    """It was ignored: the files landed in the current folder."""
    packed = text(zipped({"a.txt": "here"}))
    folders = ["/own", "/own/deeper/"]
    got = await runtime.js(SCRIPTS.unpack_with_a_folder_as_text, packed, "zip", folders)
    assert got == ["here"] * 3


async def test_what_is_no_archive_is_told(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.unpack_what_is_no_buffer)
    assert got[0] == (
        "TypeError: Expected argument 'buffer' to be an ArrayBuffer or an ArrayBuffer view"
    )
    assert got[1] == "PythonError: ValueError: ValueError: Unrecognized format nofmt"
    assert [one.split(":")[1] for one in got[2:]] == [" ReadError"] * 2


def hostile(name: str, member: str) -> bytes:
    return wheel(name, "1.0", {f"{name}.py": "x = 1", member: "x"})


UNSAFE = "ValueError: the archive has a file with the unsafe name "
WHEELS = {
    "hostile_a": ("hostile_a-1.0.data/purelib//etc/evil", f"{UNSAFE}'/etc/evil'"),
    "hostile_b": ("hostile_b-1.0.data/platlib/../../evil", UNSAFE),
    "hostile_c": ("hostile_c-1.0.data/data//evil", f"{UNSAFE}'/evil'"),
    "hostile_d": ("/etc/evil", f"{UNSAFE}'/etc/evil'"),
    "hostile_e": ("../evil", f"{UNSAFE}'../evil'"),
    "hostile_f": (
        "hostile_f-1.0.data/data/dev/null",
        "ValueError: the wheel's 'hostile_f-1.0.data/data/dev/null' would replace /dev/null, which is",
    ),
}


async def test_wheels_write_nothing_elsewhere_and_nothing_at_all(runtime: Any) -> None:
    given = {name: text(hostile(name, member)) for name, (member, _) in WHEELS.items()}
    got = await runtime.js(SCRIPTS.install, given)
    wrong = {name: said for name, said in got.items() if not said.startswith(WHEELS[name][1])}
    assert not wrong
    assert await runtime.value(PROGRAMS.what_the_hostile_wheels_left) == "[]"


async def test_a_wheel_without_metadata_of_its_own_is_refused(runtime: Any) -> None:
    given = {
        "noinfo": text(zipped({"noinfo.py": ""})),
        "another": text(wheel("other", "1.0", {"another.py": ""})),
    }
    error = "pyodide._package_loader.UnsupportedWheel: .dist-info directory"
    assert await runtime.js(SCRIPTS.install, given) == {
        "noinfo": f"{error} not found in wheel 'noinfo'",
        "another": f"{error} 'other-1.0.dist-info' does not start with 'another'",
    }


async def test_data_files_go_to_the_prefix_and_record_says_where(runtime: Any) -> None:
    inside = "datafiles-1.0.data"
    files = {
        f"{inside}/data/share/datafiles/f": "F",
        f"{inside}/data/etc/datafiles": "G",
        f"{inside}/purelib/pure.py": "x = 1",
        f"{inside}/scripts/run": "#!python",
    }
    record = "".join(f"{name},,\n" for name in files)
    packed = text(wheel("datafiles", "1.0", files, record))
    assert await runtime.js(SCRIPTS.install, {"datafiles": packed}) == {"datafiles": "done"}
    assert json.loads(await runtime.value(PROGRAMS.what_the_wheel_left)) == [
        [True, True, True, False],
        "pyodide.loadPackage",
        [
            "../../../share/datafiles/f,,",
            "../../../etc/datafiles,,",
            "pure.py,,",
            f"{inside}/scripts/run,,",
            "datafiles-1.0.dist-info/INSTALLER,,",
        ],
    ]


@pytest.mark.parametrize("core", CORES)
async def test_data_files_never_go_to_a_folder_of_the_host(
    hosts: Any, core: str, tmp_path: Path
) -> None:
    host = hosts["node"]
    made = await host.ask("load", dist=host.dist, core=core)
    packed = text(wheel("ontohost", "1.0", {"ontohost-1.0.data/data/hostdisk/planted": "x"}))
    runtime = Runtime(host, "node", made)
    got = await runtime.js(SCRIPTS.install_onto_the_host, packed, str(tmp_path))
    await host.ask("destroy", id=made["id"])
    assert got["ontohost"].endswith("would be written to /hostdisk, a folder of the host")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("core", CORES)
async def test_only_what_has_a_hash_is_kept(
    hosts: Any, shelf: str, core: str, tmp_path: Path
) -> None:
    """What has no hash is not kept: it could never be told from another file."""
    kept = tmp_path / "deep" / "kept"
    options = {"packageCacheDir": str(kept)}
    name = f"{shelf}/{tag('slug', '0.1')}"
    done, _ = await loaded(hosts, f"node-{core}", options, SCRIPTS.load, [name])
    assert done == ["slug"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cell", CELLS)
async def test_hashes_are_compared_where_the_engine_has_none(
    hosts: Any, shelf: str, cell: str
) -> None:
    """A page that is no secure context has no crypto.subtle; the hash was not looked at there."""
    options = {"lockFileURL": f"{shelf}/lock.json"}
    names = ["forged", "shell"]
    done, said = await loaded(hosts, cell, options, SCRIPTS.load_without_subtle, names)
    assert done == ["shell"]
    assert said[-2:] == [
        "! The following error occurred while loading forged:",
        f"! ValueError: {tag('slug', '0.1')} is not what the lock file names: "
        "its sha256 is another one",
    ]
