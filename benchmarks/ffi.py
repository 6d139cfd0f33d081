"""What a crossing between Python and JavaScript costs, against the peer: rows, measure, chart.

Why: programs in a page cross all the time, and every crossing has a price that a user can only
avoid by writing other code. The loops are in ffi_probe.mjs; here is what they should come to.
Called by __main__.py (`--only ffi`, `--chart`).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .bench import Bench
from .report import Row
from .targets import Target

GOAL = "the bridge's goals"

# Name in ffi_probe.mjs, what it is, the most it may be of the peer's time.
ROWS: tuple[tuple[str, str, float | None], ...] = (
    ("toJs.fromEntries", "toJs, 10 kB of data, Object.fromEntries", 0.25),
    ("toJs.default", "toJs, 10 kB of data", 0.25),
    ("toPy", "toPy, 10 kB of data", 0.40),
    ("call.int", "JS calls Python, an int", 1.00),
    ("call.object", "JS calls Python, an object", 0.50),
    ("call.strings", "JS calls Python, two strings", 0.70),
    ("out.int", "Python calls JS, an int", 0.70),
    ("out.dict", "Python calls JS, a dict", 0.35),
    ("out.attribute", "Python reads a JS attribute", 0.80),
    ("out.method", "Python calls a JS method", 0.50),
    ("in.attribute", "JS reads a Python attribute", 0.70),
    ("proxy.make", "make and destroy a PyProxy", 0.40),
    ("run_sync.shallow", "run_sync of a resolved promise", 0.10),
    ("run_sync.deep", "run_sync, 40 calls deep", 0.10),
    *(
        (f"text.{way}.{kind}.{length}", f"string to {where}, {length:,} {name}", 1.00)
        for way, where in (("out", "JS"), ("in", "Python"))
        for kind, name in (("ascii", "ASCII"), ("latin1", "Latin-1"), ("astral", "astral"))
        for length in (10, 500, 100_000)
    ),
)

FFI_TARGETS: tuple[Target, ...] = tuple(
    Target(f"ffi.{name}", title, core, "peer", limit if core == "jspi" else None, "us", GOAL)
    for core in ("jspi", "asyncify")
    for name, title, limit in ROWS
)


async def ffi(bench: Bench) -> None:
    """Every kind of crossing, all contenders in one process, batch by batch in turns.

    A processor that is shared with others runs at two speeds, for seconds each: with a process for
    each contender the medians of one build came out 0.26x in one run and 0.51x in the next.
    """
    await bench.in_turns("ffi", "crossings", rounds=15, warm_ms=250, batch_ms=12)


# --- chart --------------------------------------------------------------------------------------

WIDTH, LEFT, RIGHT, LINE, TOP = 900, 320, 110, 22, 70
COLORS = {"jspi": "#2f6f9f", "asyncify": "#9dbbd0"}


def make_chart(rows: Sequence[Row], peer: str, about: str) -> str:
    """An SVG: time as a part of the peer's for each row, on one engine after the other."""
    shown = [row for row in rows if row.target.measure.startswith("ffi.") and row.ratio is not None]
    engines = list(dict.fromkeys(row.engine for row in shown))
    parts: list[str] = []
    y = TOP
    scale = (WIDTH - LEFT - RIGHT) / 1.5
    for engine in engines:
        parts.append(_text(10, y, f"{engine}", weight="bold"))
        y += LINE
        for name, title, limit in ROWS:
            mine = [r for r in shown if r.engine == engine and r.target.measure == f"ffi.{name}"]
            if not mine:
                continue
            parts.append(_text(LEFT - 8, y + 12, title, anchor="end"))
            height = (LINE - 6) / len(mine)
            for at, row in enumerate(mine):
                assert row.ratio is not None
                width = min(row.ratio, 1.5) * scale
                color = COLORS.get(row.target.contender, "#888")
                parts.append(
                    f'<rect x="{LEFT}" y="{y + at * height:.1f}" width="{width:.1f}" '
                    f'height="{height:.1f}" fill="{color}"/>'
                )
            parts.append(
                _text(WIDTH - RIGHT + 8, y + 12, " / ".join(f"{r.ratio:.2f}x" for r in mine))
            )
            if limit is not None:
                x = LEFT + limit * scale
                parts.append(
                    f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 1}" y2="{y + LINE - 5}" '
                    'stroke="#b03030" stroke-width="2"/>'
                )
            y += LINE
        y += LINE
    x = LEFT + scale
    head = [
        _text(10, 24, f"Crossing between Python and JavaScript: time, as a part of {peer}'s", 16),
        _text(10, 40, about),
        _text(10, 55, "Dark: JSPI core, light: Asyncify core, red: the goal (JSPI)."),
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 10}" y2="{y - LINE}" stroke="#888" '
        'stroke-dasharray="3 3"/>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{y}" fill="white"/>\n'
        + "\n".join([*head, *parts])
        + "\n</svg>\n"
    )


def _text(
    x: float, y: float, text: str, size: int = 12, anchor: str = "start", weight: str = "normal"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )
