"""The matrix's results as one SVG: an engine a line, a context or a feature a square.

Why: two hundred results are seen at once or not at all. Colours are told apart by the colour-blind
and on light and dark pages alike; squares carry a sign as well. Written to docs/engines.svg by
__main__.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .catalog import HOST_CONTEXTS, PAGE_CONTEXTS
from .report import FEATURES, Row

LEFT, TOP, SIDE, GAP, LINE = 330, 132, 26, 4, 32
BREAK = 18  # between contexts and features
FILL = {"pass": "#2f8f6b", "fail": "#d1495b", "none": "none"}
SIGN = {"pass": "", "fail": "✗", "none": ""}
CONTEXTS = (*PAGE_CONTEXTS, *HOST_CONTEXTS)

# Both page colours: text is grey enough for either where the picture's own style is not read.
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .small { font-size: 11.5px } .head { font-size: 16px; font-weight: 600 }
  .core { fill: #57606a } .sign { fill: #fff; font-weight: 700 }
  .paper { fill: #ffffff } .none { stroke: #d0d7de; fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .core { fill: #9da7b1 } .sign { fill: #fff }
    .paper { fill: #0d1117 } .none { stroke: #3d444d }
  }
"""


def make_picture(rows: Sequence[Row]) -> str:
    """The SVG of all lines that ran."""
    ran = [row for row in rows if not row.missing]
    columns = [*CONTEXTS, *FEATURES[1:]]
    width = LEFT + len(columns) * (SIDE + GAP) + 2 * BREAK + 80
    height = TOP + len(ran) * LINE + 54
    parts = [
        f'<rect class="paper" width="{width}" height="{height}"/>',
        _text(16, 30, "Where Python waits: engine, context, feature", "head"),
    ]
    for at, name in enumerate(columns):
        x = _x(at) + SIDE / 2
        parts.append(
            f'<text class="small" transform="translate({x:.0f} {TOP - 10}) rotate(-50)">'
            f"{escape(name)}</text>"
        )
    for line, row in enumerate(ran):
        y = TOP + line * LINE
        parts.append(_text(16, y + 18, row.title))
        parts.append(_text(LEFT - 14, y + 18, row.core, "small core", "end"))
        states = [row.context(name) for name in CONTEXTS]
        states += [row.feature(name) for name in FEATURES[1:]]
        for at, (state, passed, total) in enumerate(states):
            tip = f"{row.title}, {row.core}, {columns[at]}: "
            tip += f"{passed} of {total} checks" if total else "not there"
            parts.append(_square(_x(at), y, state, tip))
    y = height - 24
    x = 16
    for state, text in (
        ("pass", "every check passes"),
        ("fail", "some fail"),
        ("none", "not there"),
    ):
        parts += [_square(x, y - 18, state, text), _text(x + SIDE + 8, y, text, "small")]
        x += SIDE + 40 + 7 * len(text)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="Results of the engine matrix; the table says the same">\n'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def _x(column: int) -> int:
    """Left edge of a column; a gap after the browsers' contexts and after all contexts."""
    return LEFT + column * (SIDE + GAP) + BREAK * ((column > 4) + (column > 6))


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _square(x: float, y: float, state: str, tip: str) -> str:
    style = 'class="none"' if state == "none" else f'fill="{FILL[state]}"'
    parts = [f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" rx="5" {style}/>']
    if SIGN[state]:
        parts.append(_text(x + SIDE / 2, y + 18, SIGN[state], "sign", "middle"))
    return f"<g><title>{escape(tip)}</title>{''.join(parts)}</g>"
