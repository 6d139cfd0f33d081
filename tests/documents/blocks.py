"""The code blocks of the documents.

Why: a reader copies them, so each one has to work. A block's language and title say what it is:
`python` runs in one namespace with the page's other blocks of Python; `js` is the body of a
function that has `pyodide`; a block with a title is a file, and an html file is opened as a page.
A block of `text` right after one of them is what it prints. Used by the tests of this folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sospeso.paths import ROOT

DOCS = ROOT / "docs"
PAGES = ("tutorial", "how-to", "concepts")
FENCE = re.compile(
    r"^(?P<fence>```+)(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?[^\n]*\n"
    r"(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        document: the page's path in docs/.
        line: where it begins, from 1.
        language: what follows the fence, such as "python".
        title: the file's name, or "".
        text: its lines.
        printed: the text of the block of `text` that comes right after it, or None.
    """

    document: str
    line: int
    language: str
    title: str
    text: str
    printed: str | None

    def __str__(self) -> str:
        return f"docs/{self.document}:{self.line}"


def blocks_of(document: Path) -> list[Block]:
    """All blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    blocks = []
    for index, match in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        printed = None
        if following and following["language"] == "text":
            between = text[match.end() : following.start()]
            printed = None if between.strip() else following["text"]
        blocks.append(
            Block(
                document.relative_to(DOCS).as_posix(),
                text.count("\n", 0, match.start()) + 1,
                match["language"],
                match["title"] or "",
                match["text"],
                printed,
            )
        )
    return blocks


def documents() -> list[Path]:
    """The pages that teach: every block of theirs is run."""
    return sorted(path for folder in PAGES for path in (DOCS / folder).glob("*.md"))
