"""The documentation site is built, without its runtime, and every link in it leads somewhere.

Why: MkDocs looks at the links of its Markdown; the pages have others, in HTML and in what TypeDoc
    and the stubs give.
Every public name has an entry in the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.site.reference import MODULES
from docs.site.stage import SITE, build
from sospeso.paths import ROOT

pytestmark = pytest.mark.timeout(300)  # TypeDoc and MkDocs take some 40 seconds


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.links.append(value)
            if name in ("id", "name") and value:
                self.anchors.add(value)


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    build(with_runtime=False, say=print)
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(SITE.rglob("*.html"))}


def lost(pages: dict[Path, Page], source: Path) -> Iterator[str]:
    """The links of a page that lead nowhere."""
    for link in pages[source].links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or "/dist/" in f"/{parts.path}":
            continue  # another site, or the runtime, which this build leaves out
        target = (source.parent / unquote(parts.path)).resolve() if parts.path else source
        if target.is_dir():
            target = target / "index.html"
        if not target.exists():
            yield link
        elif parts.fragment and target in pages:
            anchor = unquote(parts.fragment)
            if anchor != "__skip" and anchor not in pages[target].anchors:
                yield link


def test_every_link_of_the_site_leads_somewhere(pages: dict[Path, Page]) -> None:
    broken = {path.relative_to(SITE).as_posix(): list(lost(pages, path)) for path in pages}
    broken.pop("404.html")  # its links are those of the root
    assert {name: links for name, links in broken.items() if links} == {}


def test_the_reference_has_every_python_module(pages: dict[Path, Page]) -> None:
    for module in MODULES:
        page = pages[SITE / "reference" / "python" / f"{module}.html"]
        assert any(anchor.startswith(f"{module}.") for anchor in page.anchors), module


def exported() -> set[str]:
    """The names that runtime/index.ts exports."""
    text = (ROOT / "runtime" / "index.ts").read_text(encoding="utf-8")
    found: set[str] = set()
    for names in re.findall(r"^export (?:type )?\{(.*?)\}", text, re.MULTILINE | re.DOTALL):
        found.update(
            one.split()[-1] for one in names.replace(" type ", " ").split(",") if one.strip()
        )
    found.update(
        re.findall(r"^export (?:async )?(?:function|const|type) (\w+)", text, re.MULTILINE)
    )
    found.update(re.findall(r"^export \* as (\w+)", text, re.MULTILINE))
    return found


def test_the_reference_has_every_javascript_name(pages: dict[Path, Page]) -> None:
    folder = SITE / "reference" / "javascript"
    text = (folder / "index.html").read_text(encoding="utf-8")
    entries = set(re.findall(r">(\w+)</a>", text)) | set(re.findall(r'<h3 id="\w+">(\w+)', text))
    assert exported() - entries == set()
