# A release: the packages of package.py, the sources, the licences of what is in them of others, a
# bill of materials (CycloneDX), the changes of this version, and the hashes of it all. Called by
# driver.py for `make release`, after a build.
#
# The same inputs give the same bytes: nothing here takes a time, a path or an order from the
# machine. Publishing is by hand (docs/releasing.md).
"""Everything that is published of a version."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from ..engine.errors import BuildError
from ..inputs import pins
from ..inputs.fetch import fetch
from . import package

FOLDER = "build/release"
LICENCES = Path(__file__).parent.parent / "inputs" / "licences.toml"
CHANGELOG = "CHANGELOG.md"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Part:
    """Something of others that is in the packages.

    Attributes:
        name: its name.
        version: as its authors count.
        licence: an SPDX expression, or the words of its authors.
        text: the licence's text; empty where the expression has to do.
        purl: its address as a package, or "".
        sha256: of the archive that was taken, or "".
    """

    name: str
    version: str
    licence: str
    text: str
    purl: str = ""
    sha256: str = ""


def version_of(project: Path) -> str:
    """The version, which stands in three files and is the same in all of them.

    Raises:
        BuildError: two of them differ, or the changelog says nothing of this version.
    """
    about = json.loads((project / package.ABOUT).read_text(encoding="utf-8"))["version"]
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    python = settings["project"]["version"]
    if about != python:
        raise BuildError(
            f"package.json says version {about}, pyproject.toml says {python}",
            "write the same version into both",
        )
    changes(project, about)
    return str(about)


def changes(project: Path, version: str) -> str:
    """What the changelog says of a version.

    Raises:
        BuildError: it has no part about it.
    """
    text = (project / CHANGELOG).read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    if found is None:
        raise BuildError(
            f"{CHANGELOG} has no heading `## {version}`", "say there what is new in this version"
        )
    return found[1].strip() + "\n"


def parts(project: Path, dist: Path, cache: Path, toolchain: Path | None) -> list[Part]:
    """Everything of others, by its table (licences.toml) and by the wheels in dist/.

    Args:
        project: the checkout.
        dist: a finished dist/.
        cache: the build's cache, which has the archives of the sources.
        toolchain: the root of the toolchain, if there is one.

    Raises:
        BuildError: an archive cannot be had, or a text is not in it.
    """
    table = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
    made = pins.load()
    found = []
    for name, entry in table["source"].items():
        source = made.sources[name]
        archive = fetch(source, cache / "downloads", lambda _: None)
        text = _member(archive, entry["text"])
        if "about" in entry:
            text = f"({name} {entry['about']}.)\n\n{text}"
        purl = f"pkg:generic/{name}@{source.version}"
        found.append(Part(name, source.version, entry["licence"], text, purl, source.sha256))
    mit = (project / package.LICENSE).read_text(encoding="utf-8")
    for name, entry in table["toolchain"].items():
        text = ""
        if "notice" in entry:
            text = re.sub(r"^Copyright .*$", entry["notice"], mit, flags=re.MULTILINE)
        elif "text" in entry and toolchain is not None:
            file = toolchain / "usr/share/emscripten/system/lib" / entry["text"]
            text = file.read_text(encoding="utf-8")
        version = made.emscripten
        found.append(Part(name, version, entry["licence"], text, f"pkg:generic/{name}@{version}"))
    lock = json.loads((project / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in table["npm"]["bundled"]:
        entry = lock[f"node_modules/{name}"]
        texts = sorted((project / "node_modules" / name).glob("LICENSE*"))
        text = texts[0].read_text(encoding="utf-8") if texts else ""
        purl = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
        found.append(Part(name, entry["version"], entry["license"], text, purl))
    found += [wheel_part(file) for file in sorted(dist.glob("*.whl"))]
    return found


def _member(archive: Path, name: str) -> str:
    """A file of a source archive, by its path below the first folder."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.partition("/")[2] == name and (data := tar.extractfile(member)):
                return data.read().decode("utf-8", "replace")
    raise BuildError(f"{archive.name} has no {name}", "correct cpython/build/inputs/licences.toml")


def wheel_part(file: Path) -> Part:
    """What a wheel says of itself."""
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        about = HeaderParser().parsestr(archive.read(metadata).decode("utf-8"))
        folder = metadata.rpartition("/")[0]
        texts = [
            archive.read(name).decode("utf-8", "replace")
            for name in sorted(names)
            if name.startswith(folder) and re.search(r"(LICEN[CS]E|COPYING|NOTICE)", name, re.I)
        ]
    classified = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier", [])
        if one.startswith("License ::")
    ]
    licence = about["License-Expression"] or ", ".join(classified) or about["License"] or "unknown"
    version = about["Version"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    name = about["Name"]
    return Part(name, version, licence, "\n".join(texts), f"pkg:pypi/{name}@{version}", digest)


def licences_text(project: Path, found: list[Part]) -> str:
    """LICENSES.txt: ours first, then everybody's."""
    lines = ["Sospeso", "", (project / package.LICENSE).read_text(encoding="utf-8")]
    for part in found:
        lines += ["=" * 72, f"{part.name} {part.version}: {part.licence}", ""]
        lines.append(part.text.strip() or f"See https://spdx.org/licenses/ for {part.licence}.")
        lines.append("")
    return "\n".join(lines)


def bill(version: str, found: list[Part]) -> dict[str, Any]:
    """The bill of materials, in CycloneDX's form (https://cyclonedx.org/docs/1.6/json/)."""
    components = []
    for part in found:
        component: dict[str, Any] = {
            "type": "library",
            "name": part.name,
            "version": part.version,
            "licenses": [{"license": {"name": part.licence}}],
        }
        if part.purl:
            component["bom-ref"] = component["purl"] = part.purl
        if part.sha256:
            component["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
        components.append(component)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:npm/sospeso@{version}",
                "name": "sospeso",
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": components,
    }


def sources(project: Path, version: str, out: Path) -> Path:
    """The checkout's files as an archive of sources; its bytes follow from the files.

    Raises:
        BuildError: this is no git checkout, which says which files belong to it.
    """
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=project, capture_output=True, text=True
    )
    if done.returncode:
        raise BuildError(f"git ls-files failed: {done.stderr.strip()}", "work in a git checkout")
    names = sorted(name for name in done.stdout.split("\0") if name)
    top = f"sospeso-{version}"
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:

        def add(name: str, data: bytes, executable: bool) -> None:
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(data)
            entry.mode = 0o755 if executable else 0o644
            entry.mtime = int(package.EPOCH)
            tar.addfile(entry, io.BytesIO(data))

        add(
            "PKG-INFO",
            f"Metadata-Version: 2.1\nName: sospeso\nVersion: {version}\n".encode(),
            False,
        )
        for name in names:
            file = project / name
            add(name, file.read_bytes(), bool(file.stat().st_mode & 0o100))
    target = out / f"{top}.tar.gz"
    with target.open("wb") as file_out, gzip.GzipFile("", "wb", 9, file_out, mtime=0) as packed:
        packed.write(raw.getvalue())
    return target


def make(project: Path, dist: Path, cache: Path, toolchain: Path | None, out: Path) -> list[Path]:
    """Make a release of a finished dist/ in a folder, which is emptied first.

    Returns:
        What is there now, the sums last.

    Raises:
        BuildError: the versions differ, dist/ is no whole release, or a licence is missing.
    """
    version = version_of(project)
    if not (dist / "core.asyncify.wasm").is_file():
        raise BuildError(f"{dist} has one core only", "build a release: make build")
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    found = parts(project, dist, cache, toolchain)
    made = [*package.pack(project, dist, out), sources(project, version, out)]
    texts = {
        "LICENSES.txt": licences_text(project, found),
        "sbom.cdx.json": json.dumps(bill(version, found), indent=1, sort_keys=True) + "\n",
        "CHANGES.md": changes(project, version),
    }
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
        made.append(out / name)
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in made]
    (out / SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")
    return [*made, out / SUMS]
