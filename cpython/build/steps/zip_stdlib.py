# Makes an archive of Python modules; a program of its own, run by the build Python (see stdlib.py).
# It exists because bytecode must be made by an interpreter of the version that will read it.
# Archives are the same bytes for the same input: sorted names, one fixed date, and unchecked
# hash-based .pyc files in the legacy layout (foo.pyc where foo.py was), which zipimport reads.
"""usage: zip_stdlib.py JOB.json (keys: see stdlib.py)"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import _bootstrap_external
from pathlib import Path
from typing import Any

DATE = (1980, 1, 1, 0, 0, 0)


def files(job: dict[str, Any]) -> dict[str, str]:
    """Archive name -> file, by name."""
    found: dict[str, str] = {}
    suffixes = tuple(job["exclude_suffixes"])
    for root in job["roots"]:
        for name, path in walk(root):
            top = name.split("/")[0]
            if job.get("only") and top not in job["only"]:
                continue
            places = {str(parent) for parent in (Path(name), *Path(name).parents)}
            if places.intersection(job["exclude"]) or name.endswith(suffixes):
                continue
            found[name] = path
    found.update(job["extra"])
    return dict(sorted(found.items()))


def walk(root: str) -> Iterator[tuple[str, str]]:
    """Files below `root` with their relative names; bytecode caches left out."""
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f != "__pycache__"]
        for name in names:
            path = Path(folder, name)
            yield str(path.relative_to(root)), str(path)


def content(task: tuple[str, str, str, bool]) -> tuple[str, bytes]:
    """Archive name and bytes of one file; a module becomes bytecode."""
    name, path, location, bytecode = task
    with open(path, "rb") as file:
        data = file.read()
    if not (bytecode and name.endswith(".py")):
        return name, data
    code = compile(data, f"{location}/{name}", "exec", dont_inherit=True, optimize=0)
    digest = importlib.util.source_hash(data)
    make_pyc: Any = getattr(_bootstrap_external, "_code_to_hash_pyc")  # noqa: B009 (not in typeshed)
    pyc: bytes = make_pyc(code, digest, False)
    return name + "c", pyc


def main(job: dict[str, Any]) -> None:
    """Writes job["archive"]."""
    kind = zipfile.ZIP_DEFLATED if job.get("deflate", False) else zipfile.ZIP_STORED
    tasks = [(n, p, job["location"], job["bytecode"]) for n, p in files(job).items()]
    with (
        ProcessPoolExecutor(job["jobs"]) as pool,
        zipfile.ZipFile(job["archive"], "w") as archive,
    ):
        for name, data in pool.map(content, tasks, chunksize=16):
            info = zipfile.ZipInfo(name, DATE)
            info.external_attr = 0o644 << 16
            info.compress_type = kind
            archive.writestr(info, data, compresslevel=9)
    print(f"{len(tasks)} files, {Path(job['archive']).stat().st_size} bytes")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(json.load(file))
