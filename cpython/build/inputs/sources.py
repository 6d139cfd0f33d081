# Source archives as steps take them: the pinned one, or the next best that is signed for.
# Debian's pool drops a source when the suite moves on. Where the pinned archive is not served any
# more, the suite's own one of the same series (`within` in pins.toml) is taken instead, with the
# hash that the suite's signed index gives, and that is said. TAKEN records which it was; it belongs
# to the digests of the steps that use the source. Called by libs.py and interpreter.py.
"""Takes the sources of a build."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from ..engine.errors import BuildError
from ..engine.step import Context
from .fetch import NotServed, fetch, unpack
from .pins import Source

# In the output of a source step: which archive it was.
TAKEN = ".source.json"


def take(context: Context, source: Source, leave_out: tuple[str, ...] = ()) -> Source:
    """Body of every source step: the unpacked archive becomes the output; which one it was.

    Raises BuildError: there is no archive to be had.
    """
    folder = context.cache / "downloads"
    try:
        archive = fetch(source, folder, context.note)
    except NotServed as error:
        context.note(f"{source.file} is not served any more: looking into the suite")
        newer = of_the_suite(context, source)
        if newer is None:
            raise
        context.say(
            f"{source.name} {source.version} is not served any more: the build takes "
            f"{newer.version}, sha256 {newer.sha256}, which the suite's signed index names"
        )
        try:
            archive = fetch(newer, folder, context.note)
        except BuildError as second:
            raise BuildError(f"{error.cause}\n{second.cause}", error.cure) from second
        source = newer
    context.note(f"unpacking {archive.name}")
    unpack(archive, context.out, leave_out)
    taken = {"version": source.version, "file": source.file, "sha256": source.sha256}
    (context.out / TAKEN).write_text(json.dumps(taken), encoding="utf-8")
    return source


def taken(folder: Path, pinned: Source) -> Source:
    """Which archive a source step's output was made from."""
    return replace(pinned, **json.loads((folder / TAKEN).read_text(encoding="utf-8")))


def of_the_suite(context: Context, source: Source) -> Source | None:
    """The suite's archive of this source, if it is of the same series; None if it has none.

    apt checks the signature of the suite's index, and its lists say each file's hash. None as well
    where the toolchain has no apt (an Emscripten SDK).
    """
    apt = context.tmp / "apt"
    for name in ("lists/partial", "archives/partial"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    package = source.pool.rpartition("/")[2]
    script = f"""
command -v apt-get >/dev/null
(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true) |
  sed -n 's/^deb /deb-src /p' > {apt}/sources.list
ask() {{
  apt-get -qq -o Dir::Etc::SourceList={apt}/sources.list -o Dir::Etc::SourceParts=- \\
    -o Dir::State::Lists={apt}/lists -o Dir::Cache={apt} -o APT::Sandbox::User=root \\
    -o Acquire::Check-Valid-Until=false "$@"
}}
ask update 1>&2
ask source --download-only --print-uris {package}
"""
    try:
        told = context.toolchain.output(
            ["/bin/bash", "-euo", "pipefail", "-c", script], cwd=context.tmp
        )
    except BuildError as error:
        context.note(f"the suite's index cannot be read: {error.cause}")
        return None
    return newest(told, source)


def newest(told: str, source: Source) -> Source | None:
    """The archive of upstream's files in what `apt-get source --print-uris` told."""
    for line in told.splitlines():
        match = re.fullmatch(r"'\S+' (\S+\.orig\.tar\.\w+) \d+ SHA256:([0-9a-f]{64})", line.strip())
        if match is None:
            continue
        version = re.search(r"_(?:.*really)?([0-9.]+)[^_]*\.orig\.", match[1])
        if version is None:
            continue
        number = version[1].rstrip(".")
        if number == source.within or number.startswith(f"{source.within}."):
            return replace(source, version=number, file=match[1], sha256=match[2], url=None)
    return None
