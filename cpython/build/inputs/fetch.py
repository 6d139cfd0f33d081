# Gets source archives, checks their hashes and unpacks them.
# Each is looked for in the folder $SOSPESO_SOURCES, at its upstream address, then in the pool of
# the Debian mirror this system is set up with; no mirror's name is written here. Called by
# sources.py.
# A file with a wrong hash is set aside as NAME.bad, never deleted and never used.
"""Downloads with verification."""

from __future__ import annotations

import hashlib
import os
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ..engine.digest import file_sha256
from ..engine.errors import BuildError, from_os_error
from .mirror import MIRROR_VARIABLE, debian_mirror
from .pins import Source

TIMEOUT_SECONDS = 30.0  # without a byte, on one address
FOLDER_VARIABLE = "SOSPESO_SOURCES"


class NotServed(BuildError):
    """No address has the file, though they can be reached."""


def addresses(source: Source) -> list[str]:
    """Where to look for an archive, in order."""
    urls = [source.url] if source.url else []
    mirror = debian_mirror()
    if mirror:
        urls.append(f"{mirror}pool/{source.pool}/{urllib.parse.quote(source.file, safe='+')}")
    return urls


def fetch(source: Source, folder: Path, note: Callable[[str], None]) -> Path:
    """The verified archive in `folder`, downloaded if needed; raises BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.file
    if target.exists():
        if file_sha256(target) == source.sha256:
            return target
        target.replace(_bad(target))
        note(f"{target.name} had a wrong hash; set aside as {_bad(target).name}")
    given = _given(source)
    if given is not None:
        return given
    tried: list[str] = []
    refused = 0
    wrong: str | None = None
    for url in addresses(source):
        note(f"fetching {url}")
        part = target.with_name(target.name + ".part")
        try:
            digest = _download(url, part)
        except urllib.error.URLError as error:
            refused += getattr(error, "code", None) in (404, 410)
            tried.append(
                f"{url} ({error})" if hasattr(error, "code") else f"{url} ({error.reason})"
            )
            continue
        except (TimeoutError, ConnectionError, EOFError) as error:
            tried.append(f"{url} ({error or type(error).__name__})")
            continue
        except OSError as error:
            raise from_os_error(error, folder) from error
        if digest == source.sha256:
            part.replace(target)
            return target
        part.replace(_bad(target))
        tried.append(f"{url} (wrong hash)")
        wrong = digest
    where = (
        "\n    ".join(tried)
        or "(no address: no upstream one is pinned and apt names no Debian mirror)"
    )
    if wrong is not None:
        raise BuildError(
            f"wrong hash for {source.file}\n  expected sha256 {source.sha256}\n"
            f"  received sha256 {wrong}\n  tried:\n    {where}",
            f"the file received is kept as {_bad(target)}: look whether it is an error page or a "
            "login page of a proxy. If upstream really replaced the archive, review it and change "
            "cpython/build/inputs/pins.toml; otherwise put the right file at " + str(target),
        )
    kind = NotServed if refused else BuildError
    raise kind(
        f"could not fetch {source.file}; tried:\n    {where}",
        "check the network (and http_proxy/https_proxy); or set "
        f"{MIRROR_VARIABLE} to a Debian mirror's address; or put the file "
        f"(sha256 {source.sha256}) into a folder and name that in {FOLDER_VARIABLE}",
    )


def _given(source: Source) -> Path | None:
    """The archive in $SOSPESO_SOURCES, if it is there. Raises BuildError: other bytes."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return None
    path = Path(folder).expanduser() / source.file
    if not path.is_file():
        return None
    found = file_sha256(path)
    if found != source.sha256:
        raise BuildError(
            f"{path} is not the pinned archive\n  expected sha256 {source.sha256}\n"
            f"  it has sha256 {found}",
            f"put the right file there, or take it out of {FOLDER_VARIABLE}'s folder",
        )
    return path


def _bad(target: Path) -> Path:
    return target.with_name(target.name + ".bad")


def _download(url: str, part: Path) -> str:
    """Stores `url` in `part`, returns its sha256."""
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "sospeso-build"})
    with (
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer,
        part.open("wb") as file,
    ):
        expected = answer.headers.get("Content-Length")
        while block := answer.read(1 << 18):
            digest.update(block)
            file.write(block)
        if expected is not None and file.tell() != int(expected):
            raise EOFError(f"connection ended after {file.tell()} of {expected} bytes")
    return digest.hexdigest()


def unpack(archive: Path, folder: Path, leave_out: tuple[str, ...] = ()) -> None:
    """Unpacks a tar archive without its top folder, less the sub-folders named in `leave_out`.

    Times are kept, because make judges generated files by them.
    """
    try:
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extraction_filter = tarfile.data_filter
            members = []
            for member in tar:
                _, _, name = member.name.removeprefix("./").partition("/")
                if not name or name.split("/")[0] in leave_out:
                    continue
                member.name = name
                if member.islnk():
                    member.linkname = member.linkname.removeprefix("./").partition("/")[2]
                members.append(member)
            tar.extractall(folder, members=members)
    except (tarfile.TarError, EOFError) as error:
        raise BuildError(
            f"cannot unpack {archive.name}: {error}",
            f"delete {archive} and run the same command again",
        ) from error
