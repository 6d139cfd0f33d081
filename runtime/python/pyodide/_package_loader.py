"""Unpacking packages, wheels and other archives.

The module is `pyodide._package_loader` inside the runtime. runtime/api/packages.ts calls install()
on a task of its own, once the bytes have been fetched; unpackArchive() and
FetchResponse.unpack_archive() come here too.

Invariants
 1. Nothing is written outside of the folder that is unpacked into: names that lead out of it are
    refused before anything is written; links are looked at when a file is placed, and afterwards.
 2. Data files of a wheel stay on the runtime's own file system: a folder of the host is none.
 3. A file that is new goes again when its archive cannot be unpacked to the end, or an interrupt
    ends it: otherwise half a package would be imported.
 4. A package for another platform, or with other contents than its hash says, is refused before any
    of its files is written.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tarfile
import zipfile

TYPE_CHECKING = False
if TYPE_CHECKING:  # the modules of types cost time and do nothing here
    from collections.abc import Iterable, Mapping

__all__ = ["UnsupportedWheel", "install", "load_library", "unpack"]

INSTALLER = "pyodide.loadPackage"
SHARED_LIBRARIES = "/usr/lib"

_CHUNK = 1 << 20
_LIBRARY = re.compile(r"\.so(\.\d+)*$")
_THIS = f"cp{sys.version_info.major}{sys.version_info.minor}"
# Formats of shutil, and the endings and other names by which pages ask for them.
_ZIP = ("zip", "wheel", "whl")
_TAR = (
    "tar", "gztar", "bztar", "xztar", "tgz", "tar.gz", "tar.bz2", "tar.xz", "tbz2", "txz", "tar.bz",
    "gz", "bz2", "xz",
)  # fmt: skip


class UnsupportedWheel(Exception):
    """A file is no wheel that could be installed."""


def site_packages() -> str:
    """Where packages are put: the folder of site-packages that is on sys.path."""
    import site

    return site.getsitepackages()[0].replace("//", "/")


def _folder(install_dir: str | None) -> str:
    """The folder for a lock file's `install_dir`, or one that is named by its path."""
    if install_dir in (None, "", "site"):
        return site_packages()
    if install_dir == "stdlib":
        return os.path.dirname(site_packages())
    return SHARED_LIBRARIES if install_dir == "dynlib" else str(install_dir)


def install(
    path: str,
    file_name: str,
    install_dir: str | None = None,
    metadata: Mapping[str, str] | None = None,
    sha256: str | None = None,
) -> tuple[str, str, list[str]]:
    """Unpack a wheel (PEP 427) or another archive (zip, tar, ...).

    Args:
        path: the archive in Python's file system.
        file_name: its own name, which tells the format and, of a wheel, what it is for.
        install_dir: "site", "stdlib", "dynlib" (as in a lock file), or a folder; default: "site".
        metadata: files for the wheel's .dist-info, by name.
        sha256: the hash that the bytes must have, in hexadecimal; None: it was compared before.

    Returns:
        (name, version, libraries); version "" when the file does not tell; the libraries are the
        paths of shared libraries that were written.

    Raises:
        ValueError: the file is no archive, is for another Python or platform, has other bytes, or
            a name in it leads out of the folder.
        UnsupportedWheel: the wheel has no .dist-info of its own.
    """
    if sha256 and _sha256(path) != sha256.lower():
        raise ValueError(f"{file_name} is not what the lock file names: its sha256 is another one")
    target = _folder(install_dir)
    os.makedirs(target, exist_ok=True)
    if file_name.endswith(".whl"):
        name, version, written = _wheel(path, file_name, target, dict(metadata or {}))
    else:
        name, version = file_name.partition(".")[0], ""
        written = unpack(path, file_name, target)
    import importlib

    importlib.invalidate_caches()
    if target == site_packages():
        _read_pth_files(target)
    return name, version, [path for path in written if _LIBRARY.search(path)]


def load_library(path: str, is_global: bool) -> None:
    """Open a shared library; for `pyodide._api.loadDynlib`.

    Args:
        path: in Python's file system.
        is_global: whether libraries that are loaded later find its symbols.

    Raises:
        OSError: it cannot be loaded.
    """
    import ctypes

    ctypes.CDLL(path, ctypes.RTLD_GLOBAL if is_global else ctypes.RTLD_LOCAL)


def _sha256(path: str) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- archives ---------------------------------------------------------------------------------


def unpack(path: str, format: str, folder: str | None = None) -> list[str]:
    """Unpack an archive into a folder.

    Args:
        path: the archive.
        format: "zip", "tar", "gztar", "bztar", "xztar", "wheel", one that was registered with
            shutil, or how the name of such a file ends.
        folder: default: the current one.

    Returns:
        The paths of the files, as far as the format is one of ours.

    Raises:
        ValueError: the format is unknown, or a name in the archive leads out of the folder.
        shutil.ReadError: the file is no such archive.
        tarfile.FilterError: a link leads out of the folder, or there is a device (PEP 706).
    """
    folder = folder or os.getcwd()
    kind = _kind(format)
    os.makedirs(folder, exist_ok=True)
    if kind == "zip":
        return _unzip(path, folder)
    if kind == "tar":
        return _untar(path, folder)
    shutil.unpack_archive(path, folder, kind)
    return []


def is_format(name: str) -> bool:
    """Whether unpack() knows the format."""
    try:
        _kind(name)
    except ValueError:
        return False
    return True


def _kind(format: str) -> str:
    name = format.lower().lstrip(".")
    for kind, names in (("zip", _ZIP), ("tar", _TAR)):
        if name in names or name.endswith(tuple(f".{ending}" for ending in names)):
            return kind
    for registered, endings, _ in shutil.get_unpack_formats():
        if name == registered or f".{name}".endswith(tuple(endings)):
            return registered
    raise ValueError(f"Unrecognized format {format}")


def _open_zip(path: str, file_name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise shutil.ReadError(f"{file_name} is not a zip file: {error}") from None


def _unzip(path: str, folder: str) -> list[str]:
    written = []
    with _open_zip(path, os.path.basename(path)) as archive:
        members = archive.infolist()
        for member in members:
            _check_name(member.filename)
        with _Folder(folder) as sink:
            for member in members:
                if member.is_dir():
                    sink.make(member.filename)
                else:
                    written.append(sink.place(archive, member, member.filename))
    return written


def _untar(path: str, folder: str) -> list[str]:
    try:
        opened = tarfile.open(path)  # noqa: SIM115 - closed below
    except tarfile.TarError as error:
        raise shutil.ReadError(f"{os.path.basename(path)} is not a tar file: {error}") from None
    with opened as archive, _Folder(folder) as sink:
        archive.extractall(folder, filter="data")
        for member in archive.getmembers():
            sink.check(member.name.strip("/"))
        return [os.path.join(folder, member.name) for member in archive if member.isfile()]


def _check_name(name: str) -> None:
    """Raises ValueError for a name that leads out of a folder on any system."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[0] == "" or "\\" in name or "\0" in name or parts[0][1:2] == ":":
        raise ValueError(f"the archive has a file with the unsafe name {name!r}")


class _Folder:
    """A folder that files are placed in, and that links cannot lead out of (invariant 1).

    The folders below are looked at when the first file comes into them, and at the end.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._real = os.path.realpath(root).rstrip("/") + "/"
        self._checked: set[str] = set()
        self._new: list[str] = []

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for name in self._checked:
                self._look(name)
        else:
            for path in self._new:
                os.unlink(path)

    def check(self, name: str) -> None:
        """Raises ValueError when a folder, links followed, is not below the root."""
        if name not in self._checked:
            self._look(name)
            self._checked.add(name)

    def _look(self, name: str) -> None:
        real = os.path.realpath(os.path.join(self._root, name))
        if not (real.rstrip("/") + "/").startswith(self._real):
            raise ValueError(f"{name!r} leads out of {self._root} by a link, to {real}")

    def make(self, name: str) -> None:
        """Make a folder."""
        self.check(name.rstrip("/"))
        os.makedirs(os.path.join(self._root, name), exist_ok=True)

    def place(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> str:
        """Write a file of a zip archive; its path."""
        parent = os.path.dirname(name)
        self.check(parent)
        path = os.path.join(self._root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not os.path.lexists(path):
            self._new.append(path)
        elif os.path.islink(path):
            os.unlink(path)  # the file takes the link's place, not that of what it leads to
        with open(path, "wb") as sink, archive.open(member) as source:
            shutil.copyfileobj(source, sink, _CHUNK)
        if member.external_attr >> 16 & 0o111:
            os.chmod(path, 0o755)
        return path


# ---- wheels -----------------------------------------------------------------------------------


def _wheel(
    path: str, file_name: str, target: str, metadata: dict[str, str]
) -> tuple[str, str, list[str]]:
    name, version = _parse_name(file_name)
    with _open_zip(path, file_name) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        for member in members:
            _check_name(member.filename)
        info = _dist_info(members, name)
        places = [(member, place) for member in members if (place := _place_of(member.filename))]
        moved, all_written = {}, []
        with _Folder(target) as site, _Folder(sys.prefix) as prefix:
            for member, (is_data, inner) in places:
                written = (prefix if is_data else site).place(archive, member, inner)
                all_written.append(written)
                if inner != member.filename:
                    moved[member.filename] = os.path.relpath(written, target)
    metadata.setdefault("INSTALLER", INSTALLER)
    _write_metadata(os.path.join(target, info), info, metadata, moved)
    return name, version, all_written


def _parse_name(file_name: str) -> tuple[str, str]:
    """Name and version in a wheel's file name, which must be for this Python."""
    parts = file_name.removesuffix(".whl").split("-")
    if len(parts) not in (5, 6):
        raise ValueError(f"{file_name} is no name of a wheel: name-version-python-abi-platform.whl")
    pythons, abis, platforms = (part.split(".") for part in parts[-3:])
    if not any(_is_for_this_python(python, abis) for python in pythons):
        raise ValueError(f"{file_name} is for {parts[-3]}, this is Python {sys.version.split()[0]}")
    if not (set(platforms) & {"any", *_platforms()}):
        raise ValueError(
            f"{file_name} has code compiled for {parts[-1]}, this is {' = '.join(_platforms())}"
        )
    if not any(abi in ("none", "abi3", _THIS) for abi in abis):
        raise ValueError(f"{file_name} has code compiled for the ABI {parts[-2]}, this is {_THIS}")
    return parts[0].replace("_", "-").lower(), parts[1]


def _is_for_this_python(tag: str, abis: list[str]) -> bool:
    """Whether a wheel's Python tag is right; one of the stable ABI may be for an older Python."""
    if tag in ("py3", f"py{_THIS[2:]}", _THIS):
        return True
    older = re.fullmatch(r"cp3(\d+)", tag)
    return older is not None and "abi3" in abis and int(older[1]) <= sys.version_info.minor


def _platforms() -> list[str]:
    """The platform tags of compiled wheels that fit here."""
    import sysconfig

    version = sysconfig.get_config_var("PYEMSCRIPTEN_PLATFORM_VERSION")
    return [f"{name}_{version}_wasm32" for name in ("pyemscripten", "pyodide")]


def _dist_info(members: Iterable[zipfile.ZipInfo], name: str) -> str:
    """The folder of the wheel that has its metadata."""
    found = sorted({top for member in members if (top := _top(member)).endswith(".dist-info")})
    if not found:
        raise UnsupportedWheel(f".dist-info directory not found in wheel {name!r}")
    if len(found) > 1:
        raise UnsupportedWheel(f"multiple .dist-info directories found in wheel {name!r}: {found}")
    [info] = found
    if not _canonical(info).startswith(_canonical(name)):
        raise UnsupportedWheel(f".dist-info directory {info!r} does not start with {name!r}")
    return info


def _top(member: zipfile.ZipInfo) -> str:
    return member.filename.partition("/")[0]


def _canonical(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _place_of(name: str) -> tuple[bool, str] | None:
    """Whether a wheel's file is a data file, and its name below the folder of these or of the
    package; None for one that has no place here."""
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return False, name
    scheme, _, inner = rest.partition("/")
    _check_name(inner)  # `x.data/purelib//etc/x` is no unsafe name as a whole
    if scheme == "data":
        _check_own(os.path.join(sys.prefix, inner), name)
        return True, inner
    return (False, inner) if scheme in ("purelib", "platlib") else None  # scripts, headers


def _check_own(path: str, name: str) -> None:
    """Raises ValueError for a place of a data file that belongs to the host, or is no file."""
    if os.path.lexists(path) and not os.path.isfile(path):
        raise ValueError(f"the wheel's {name!r} would replace {path}, which is no file")
    while not os.path.exists(path):
        path = os.path.dirname(path)
    if os.stat(path).st_dev != os.stat(sys.prefix).st_dev:
        raise ValueError(f"the wheel's {name!r} would be written to {path}, a folder of the host")


def _write_metadata(
    folder: str, info: str, metadata: Mapping[str, str], moved: Mapping[str, str]
) -> None:
    """Write the files of the installation itself, and have RECORD say where everything is."""
    import csv

    for name, text in metadata.items():
        if "/" in name:
            raise ValueError(f"{name!r} is no name of a file in a .dist-info folder")
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    record = os.path.join(folder, "RECORD")
    if not os.path.exists(record):
        return
    with open(record, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    for row in rows:
        row[0] = moved.get(row[0], row[0])
    listed = {row[0] for row in rows}
    rows += [[f"{info}/{name}", "", ""] for name in metadata if f"{info}/{name}" not in listed]
    with open(record, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _read_pth_files(folder: str) -> None:
    import site

    for name in sorted(os.listdir(folder)):
        if name.endswith(".pth"):
            site.addpackage(folder, name, None)
