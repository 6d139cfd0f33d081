"""What suites.toml says, and the files it means: fetched once, by hash, and kept in the cache.

Why a fetch of our own: pip builds a source archive to learn its metadata, and all that is wanted of
it are its tests. Used by __main__.py.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tomllib
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sospeso.paths import UserError, cache_dir
from tests.runtime.foreign_wheels import bundle_folder, wheel

PINS = tomllib.loads(Path(__file__).with_name("suites.toml").read_text(encoding="utf-8"))
TIMEOUT = 180.0  # seconds
JSON_INDEX = "application/vnd.pypi.simple.v1+json"  # PEP 691


@dataclass(frozen=True)
class Suite:
    """Tests of one package.

    Attributes:
        name: the package's.
        wheels: what to load, as paths.
        tests: a zip archive to unpack into site-packages.
        groups: folders of tests, each of which is run by a process of its own.
        options: of pytest.
        missing: modules that only the tests need, and that are not there.
    """

    name: str
    wheels: tuple[Path, ...]
    tests: Path
    groups: tuple[str, ...]
    options: tuple[str, ...]
    missing: tuple[str, ...]


def names() -> list[str]:
    """The suites there are."""
    return [name for name in PINS if name != "tools"]


def suite(name: str) -> Suite:
    """A suite with its files.

    Raises:
        UserError: one of them cannot be had.
    """
    pins = PINS[name]
    own = bundle_folder() / pins["bundled"] if "bundled" in pins else wheel(pins["wheel"])
    tools = [from_index(file, sha256) for file, sha256 in PINS["tools"].items()]
    archive = from_index(pins["source"], pins["sha256"])
    return Suite(
        name,
        (own, *tools),
        _tests(name, archive, pins),
        tuple(pins["groups"]),
        tuple(pins.get("options", ())),
        tuple(pins.get("missing", ())),
    )


def from_index(file: str, sha256: str) -> Path:
    """A file of the package index, with this hash.

    Raises:
        UserError: the index does not have it, or it is another one.
    """
    folder = cache_dir() / "clients" / "suites"
    path = folder / file
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    name = file.removesuffix(".tar.gz").split("-")[0].replace("_", "-")
    index = f"{_index().rstrip('/')}/{name}/"
    try:
        request = urllib.request.Request(index, headers={"Accept": JSON_INDEX})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            listed = json.load(answer)["files"]
        [address] = [one["url"] for one in listed if one["filename"] == file]
        full = urllib.parse.urljoin(index, address)
        with urllib.request.urlopen(full, timeout=TIMEOUT) as answer:
            data = answer.read()
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{file} cannot be had from {index}: {error}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UserError(f"{file} of {index} is not the pinned one: its sha256 is another one")
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.rename(path)
    return path


def _index() -> str:
    """The index that pip is set up for."""
    if found := os.environ.get("PIP_INDEX_URL"):
        return found
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or "https://pypi.org/simple"


def _tests(name: str, archive: Path, pins: dict[str, Any]) -> Path:
    """The tests of a source archive as a zip archive."""
    digest = hashlib.sha256(json.dumps(pins, sort_keys=True).encode()).hexdigest()[:12]
    target = archive.with_name(f"{name}-tests-{digest}.zip")
    if not target.exists():
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
            for place, data in _members(archive, pins):
                zipped.writestr(place, data)
        target.write_bytes(made.getvalue())
    return target


def _members(archive: Path, pins: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Where the files with tests go, and what is in them."""
    besides = pins.get("besides", ())
    with tarfile.open(archive) as tar:
        for member in tar:
            inner = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            for source, target in pins["tests"].items():
                if not member.isfile() or not inner.is_relative_to(source):
                    continue
                below = inner.relative_to(source)
                wanted = "tests" in below.parts[:-1] or not pins.get("only_tests")
                if wanted or str(inner) in besides:
                    file = tar.extractfile(member)
                    assert file is not None
                    yield f"{target}/{below}", file.read()
