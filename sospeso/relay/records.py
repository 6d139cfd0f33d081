"""What the relay tells of itself: lines of JSON on stderr, and numbers for Prometheus.

Neither has a token or a byte of what is carried. Used by session.py and server.py.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any, TextIO


class Log:
    """One line of JSON for each event."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def __call__(self, event: str, **fields: Any) -> None:
        line = {"time": round(time.time(), 3), "event": event, **fields}
        print(json.dumps(line, default=str), file=self._stream or sys.stderr, flush=True)


HELP = {
    "sospeso_relay_sockets": ("gauge", "WebSockets that are open."),
    "sospeso_relay_streams": ("gauge", "Connections that are open or being opened."),
    "sospeso_relay_sockets_total": (
        "counter",
        "WebSockets that were asked for, by what became of it.",
    ),
    "sospeso_relay_streams_total": (
        "counter",
        "Connections that were asked for, by what became of it.",
    ),
    "sospeso_relay_lookups_total": ("counter", "Names that were looked up, by what became of it."),
    "sospeso_relay_bytes_total": ("counter", "Bytes that were carried, by direction."),
}


class Metrics:
    """Counters and gauges."""

    def __init__(self) -> None:
        self._values: Counter[tuple[str, str, str]] = Counter()

    def add(self, name: str, label: str = "", value: str = "", count: int = 1) -> None:
        """Count something, with one label where it has one."""
        self._values["sospeso_relay_" + name, label, value] += count

    def get(self, name: str, label: str = "", value: str = "") -> int:
        return self._values["sospeso_relay_" + name, label, value]

    def text(self) -> str:
        """All of them in Prometheus' text format."""
        lines = []
        for name, (kind, meaning) in HELP.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            found = sorted((key, value) for key, value in self._values.items() if key[0] == name)
            if not found and kind == "gauge":
                lines.append(f"{name} 0")
            for (_, label, labelled), value in found:
                lines.append(
                    f'{name}{{{label}="{labelled}"}} {value}' if label else f"{name} {value}"
                )
        return "\n".join(lines) + "\n"
