# Which of the core's symbols libraries may import at run time: CPython's API, and what the C
# library offers and wheels ask for.
# Why: the core is linked statically, so that the linker drops and inlines what nobody uses; what a
# wheel's library imports has to be named. The first half is read off CPython's headers, the second
# is exported.txt, which grows by `python -m cpython.build.wasm.exports WHEEL...`.
# Called by link.py.
"""Names that the link exports for libraries."""

from __future__ import annotations

import re
import struct
import sys
import textwrap
import zipfile
from collections.abc import Iterable
from pathlib import Path

from ..engine.errors import BuildError
from .wasm import exports, imports

FILE = Path(__file__).with_name("exported.txt")
# What the linker itself needs of the core: the C stack's pointer, longjmp's tag.
OF_THE_LINKER = ("__stack_pointer", "__c_longjmp")
# Names that wheels import and that are not the core's to give: a library's own places.
PLACES = {"__memory_base", "__table_base", "__indirect_function_table", "memory"}

_API = re.compile(r"\bPyAPI_(?:FUNC|DATA)\s*\((?:[^()]|\([^()]*\))*\)\s*\**\s*(\w+)")
_LINE = 99


def api_names(include: Path, archives: Iterable[Path]) -> set[str]:
    """The functions and variables that CPython's headers declare for extensions and that are
    in its archives."""
    declared = set()
    for header in include.rglob("*.h"):
        declared |= set(_API.findall(header.read_text(encoding="utf-8")))
    return declared & {name for archive in archives for name in archive_symbols(archive)}


def listed(file: Path = FILE) -> set[str]:
    """The names in exported.txt.

    Raises:
        BuildError: a name is there twice.
    """
    words = [word for line in _lines(file) if not line.startswith("#") for word in line.split()]
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        raise BuildError(f"{file.name} names {', '.join(twice)} twice", "take one of them out")
    return set(words)


def archive_symbols(archive: Path) -> set[str]:
    """What an archive's own index says that its members define.

    Raises:
        BuildError: it has no index.
    """
    data = archive.read_bytes()
    magic, header = b"!<arch>\n", 60
    if not data.startswith(magic + b"/ "):
        raise BuildError(f"{archive} is no archive with an index", "make it with emar")
    start = len(magic) + header
    size = int(data[start - 12 : start - 2])
    (count,) = struct.unpack_from(">I", data, start)
    names = data[start + 4 + 4 * count : start + size]
    return {name.decode() for name in names.split(b"\0")[:count]}


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


# --- the tool -----------------------------------------------------------------------------------


def wanted_by(wheels: Iterable[Path]) -> set[str]:
    """What the libraries in wheels (or given as .so files) import and none of a wheel exports."""
    wanted: set[str] = set()
    for wheel in wheels:
        libraries = _libraries(wheel)
        own = {name for library in libraries for name, _, _ in exports(library)}
        asked = {
            name
            for library in libraries
            for module, name, _ in imports(library)
            if module in ("env", "GOT.func", "GOT.mem") and name not in PLACES
        }
        wanted |= asked - own
    return wanted


def _libraries(path: Path) -> list[bytes]:
    if path.suffix != ".whl":
        return [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".so")]


def grow(
    wheels: Iterable[Path], archives: Iterable[Path], file: Path = FILE
) -> tuple[set[str], set[str]]:
    """Add to exported.txt what wheels want and archives define.

    Args:
        wheels: wheels, or libraries.
        archives: Emscripten's, and those of the libraries that the core has.
        file: exported.txt.

    Returns:
        The names that are new, and those that no archive defines.
    """
    defined = {name for archive in archives for name in archive_symbols(archive)}
    wanted = wanted_by(wheels) - listed(file)
    new = (wanted & defined) - {*OF_THE_LINKER}
    head = [line for line in _lines(file) if line.startswith("#")]
    names = " ".join(sorted(listed(file) | new))
    body = textwrap.wrap(names, _LINE, break_long_words=False, break_on_hyphens=False)
    file.write_text("\n".join([*head, *body, ""]), encoding="utf-8")
    return new, wanted - new


def main(arguments: list[str]) -> None:
    """`python -m cpython.build.wasm.exports FILE...`: archives (.a), wheels and libraries (.so)"""
    files = [Path(argument) for argument in arguments]
    archives = [file for file in files if file.suffix == ".a"]
    wheels = [file for file in files if file.suffix != ".a"]
    if not archives or not wheels:
        sys.exit(main.__doc__)
    new, others = grow(wheels, archives)
    print(f"new: {' '.join(sorted(new)) or 'none'}")
    print(f"not in the archives: {' '.join(sorted(others)) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
