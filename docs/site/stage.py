"""Puts together what MkDocs reads, runs it, and adds what the pages run.

Why: the documents also have to read well as plain files of the repository, where a link may lead to
../README.md or to ../examples. A site has no such folders. So the documents are copied to build/,
links that leave docs/ are turned to their place on the site, and MkDocs runs over the copy with
every warning an error. Called by __main__.py and by the site's tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from docs.site import reference
from sospeso.paths import ROOT, UserError, need_dist

DOCS = ROOT / "docs"
WORK = ROOT / "build" / "docs"
PAGES = WORK / "pages"
SITE = ROOT / "build" / "site"
CONFIG = ROOT / "mkdocs.yml"

# Folders of docs/ that are programs, not pages.
PROGRAMS = ("site", "pictures")
# Files outside docs/ that documents link to, and where they are on the site.
ELSEWHERE = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "polyfills/jspi/README.md": "jspi-polyfill.md",
    "runtime/stubs/README.md": "stubs.md",
}
# Folders of examples, which the site has as they are.
EXAMPLES = ("gallery", "offline", "embed", "web")
# The files of dist/ that pages of the site load.
RUNTIME = ("*.mjs", "*.js", "*.wasm", "*.so", "*.whl", "*.json", "python_stdlib.zip")
# [label](target#anchor), where the target is a path.
LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def moved(path: Path) -> Path | None:
    """Where a file of the project is on the site, relative to its root; None if it is not there."""
    name = path.relative_to(ROOT).as_posix()
    if name in ELSEWHERE:
        return Path(ELSEWHERE[name])
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS)
    for example in EXAMPLES:
        folder = ROOT / "examples" / example
        if path.is_relative_to(folder):
            inside = path.relative_to(folder)
            return Path("examples", example, "index.html" if inside == Path() else inside)
    return None


def on_site(text: str, source: Path, page: Path) -> str:
    """The text of a document with its links as they are on the site.

    Where a link leads to a file that the site does not have, the file's path is told instead.

    Args:
        text: Markdown.
        source: the document's file in the project.
        page: its place on the site, relative to the root.
    """
    up = "../" * (len(page.parts) - 1)

    def turned(match: re.Match[str]) -> str:
        label, target, anchor = match.groups()
        path = (source.parent / target).resolve()
        if not path.is_relative_to(ROOT) or not path.exists():
            return match[0]  # MkDocs says what is wrong with it
        there = moved(path)
        if there is None:
            return f"{label} (`{path.relative_to(ROOT).as_posix()}` in the source)"
        return f"[{label}]({up}{there.as_posix()}{anchor or ''})"

    return LINK.sub(turned, text)


def stage() -> None:
    """Write what MkDocs reads to build/docs."""
    shutil.rmtree(WORK, ignore_errors=True)
    PAGES.mkdir(parents=True)
    for file in sorted(DOCS.rglob("*")):
        inside = file.relative_to(DOCS)
        if file.is_dir() or inside.parts[0] in PROGRAMS:
            continue
        target = PAGES / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            target.write_text(on_site(file.read_text("utf-8"), file, inside), encoding="utf-8")
        else:
            shutil.copy(file, target)
    for name, there in ELSEWHERE.items():
        text = on_site((ROOT / name).read_text("utf-8"), ROOT / name, Path(there))
        (PAGES / there).write_text(text, encoding="utf-8")
    for example in EXAMPLES:
        shutil.copytree(ROOT / "examples" / example, PAGES / "examples" / example)


def build(with_runtime: bool, say: Callable[[str], object]) -> None:
    """Build the site into build/site.

    Args:
        with_runtime: whether the parts of dist/ that pages load are on the site.
        say: shows a line of progress.

    Raises:
        UserError: a link leads nowhere, a tool is missing, or dist/ is not built.
    """
    dist = need_dist("sospeso.mjs", "console.mjs") if with_runtime else None
    say("collecting the documents")
    stage()
    say("making the reference (TypeDoc, stubs)")
    reference.javascript(PAGES / "reference" / "javascript", WORK)
    reference.python(PAGES / "reference" / "python", WORK / "inside")
    say("building the pages (MkDocs)")
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    command += ["--config-file", str(CONFIG), "--site-dir", str(SITE)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"MkDocs failed:\n{(done.stdout + done.stderr).strip()[-3000:]}")
    if dist is not None:
        target = SITE / "dist"
        target.mkdir()
        for pattern in RUNTIME:
            for file in dist.glob(pattern):
                shutil.copy(file, target)
