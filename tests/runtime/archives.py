"""Wheels and other archives for tests, made in memory: good ones, and such as no honest tool makes."""

from __future__ import annotations

import io
import tarfile
import zipfile


def wheel(name: str, version: str, files: dict[str, str], record: str | None = None) -> bytes:
    """A wheel with these files and its dist-info; `record` is the text of its RECORD."""
    info = f"{name}-{version}.dist-info"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    more = {f"{info}/METADATA": text}
    if record is not None:
        more[f"{info}/RECORD"] = record
    return zipped(more | files)


def zipped(files: dict[str, str]) -> bytes:
    """A zip archive with files of these very names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return packed.getvalue()


def tarred(*members: tarfile.TarInfo | tuple[str, str], mode: str = "w:gz") -> bytes:
    """A tar archive: (name, text) is a file, a TarInfo anything else."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            name, text = member
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A link (to the target), a device or a pipe."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def tag(name: str, version: str) -> str:
    """The file name of a wheel for every Python."""
    return f"{name}-{version}-py3-none-any.whl"
