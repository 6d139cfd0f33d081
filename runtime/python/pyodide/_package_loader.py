"""Unpacking packages, wheels and other archives, into site-packages.

The module is `pyodide._package_loader` inside the runtime; runtime/api/packages.ts calls
`install()` on a task of its own, once the bytes have been fetched and compared with their hash.

Invariants
 1. Nothing is written outside of site-packages: a name that leads out of it is refused first.
 2. A package with compiled code is refused before any of its files is written.
"""

import importlib
import posixpath
import shutil
import site
import sys
import sysconfig
import zipfile
from pathlib import Path

_COMPILED = (".so", ".pyd", ".dylib")


def site_packages() -> Path:
    """Where packages are put."""
    return Path(sysconfig.get_path("purelib"))


def install(path: str, file_name: str) -> tuple[str, str]:
    """Unpack a wheel (PEP 427) or another archive (zip, tar, ...) into site-packages.

    Args:
        path: the archive in Python's file system; its name ends as `file_name` does.
        file_name: its own name, which tells the format and, of a wheel, what it is for.

    Returns:
        (name, version); version "" when the file does not tell.

    Raises:
        ValueError: the file is no archive, is for another Python, has compiled code, or a name
            in it leads out of site-packages.
    """
    target = site_packages()
    target.mkdir(parents=True, exist_ok=True)
    if str(target) not in sys.path:
        sys.path.append(str(target))
    if file_name.endswith(".whl"):
        name, version = _wheel(path, file_name, target)
    else:
        name, version = file_name.partition(".")[0], ""
        try:  # its filter is tar's own; of a zip shutil leaves out what is unsafe
            shutil.unpack_archive(path, target, filter=None if path.endswith(".zip") else "data")
        except shutil.ReadError as error:
            raise ValueError(f"{file_name} cannot be unpacked: {error}") from None
    importlib.invalidate_caches()
    _read_pth_files(target)
    return name, version


def _check_name(name: str, file_name: str) -> None:
    if name.endswith(_COMPILED):
        raise ValueError(f"{file_name} has compiled code ({name}), which this version cannot load")
    if posixpath.isabs(name) or ".." in name.split("/") or "\\" in name:
        raise ValueError(f"{file_name} has a file with the unsafe name {name!r}")


def _wheel(path: str, file_name: str, target: Path) -> tuple[str, str]:
    parts = file_name.removesuffix(".whl").split("-")
    if len(parts) not in (5, 6):
        raise ValueError(f"{file_name} is no name of a wheel: name-version-python-abi-platform.whl")
    tags = parts[-3].split(".")
    version = f"{sys.version_info.major}{sys.version_info.minor}"
    if not any(tag in ("py3", f"py{version}", f"cp{version}") for tag in tags):
        raise ValueError(f"{file_name} is for {parts[-3]}, this is Python {sys.version.split()[0]}")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{file_name} is damaged: {error}") from None
    with archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        for name in names:
            _check_name(name, file_name)
        tops = (name.split("/")[0] for name in names)
        info = next((top for top in tops if top.endswith(".dist-info")), None)
        for name in names:
            place = _place(name)
            if place is not None:
                _check_name(place, file_name)  # "x.data/purelib//etc/x" leads out only now
                out = target / place
                if not out.resolve().is_relative_to(target.resolve()):
                    raise ValueError(f"{file_name} has a file with the unsafe name {name!r}")
                out.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, open(out, "wb") as sink:
                    shutil.copyfileobj(source, sink)
    if info is not None:
        (target / info / "INSTALLER").write_text("pyodide.loadPackage\n")
    return parts[0].replace("_", "-").lower(), parts[1]


def _place(name: str) -> str | None:
    """Where in site-packages a wheel's file goes; None for one that has no place here."""
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return name
    scheme, _, inner = rest.partition("/")
    return inner if scheme in ("purelib", "platlib") else None  # scripts, headers, data


def _read_pth_files(folder: Path) -> None:
    for file in sorted(folder.glob("*.pth")):
        site.addpackage(str(folder), file.name, None)
