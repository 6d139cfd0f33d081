"""Eight small programs in pure Python, and the two costs of waiting. Run inside both Pythons.

Why: what an interpreter spends its time on is different in each (calls, loops, strings, dicts,
objects, sort, json, re), and a mean over them is harder to please than any one. The very same text
goes to every contender: probe.mjs runs this file, then calls measure(), measure_all(), sleep0().
Each workload returns something that depends on all its work; contenders must agree on it.
"""

import json
import re
import time


def fib() -> int:
    """Calls: the naive recursion."""

    def f(n: int) -> int:
        return n if n < 2 else f(n - 1) + f(n - 2)

    return f(26)


def loops() -> int:
    """Loops: nested ranges, integer arithmetic, a local list."""
    total = 0
    cells = [0] * 64
    for i in range(600):
        for j in range(600):
            total = (total + i * j) & 0xFFFFFF
        cells[i & 63] ^= total
    return sum(cells)


def strings() -> int:
    """Strings: building, splitting, replacing, formatting."""
    words = []
    for i in range(25000):
        words.append(f"{i:05d}-" + str(i * 7)[::-1])
    text = " ".join(words)
    parts = text.replace("-", "+").upper().split()
    return len(text) + sum(part.count("7") + part.startswith("0") for part in parts)


def dicts() -> int:
    """Dicts: inserting, counting, looking up, deleting."""
    counts: dict[int, int] = {}
    for i in range(120000):
        key = (i * 7919) % 5003
        counts[key] = counts.get(key, 0) + 1
    names = {f"k{key}": value for key, value in counts.items()}
    for name in list(names)[::3]:
        del names[name]
    return sum(names.values()) + sum(f"k{i}" in names for i in range(5003))


class Vector:
    """A value with methods, operators and a property."""

    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def __add__(self, other: "Vector") -> "Vector":
        return Vector(self.x + other.x, self.y + other.y)

    @property
    def norm(self) -> int:
        """Length, squared."""
        return self.x * self.x + self.y * self.y


class Particle:
    """An object with a dict, a parent class's method and a cycle of states."""

    def __init__(self, place: Vector) -> None:
        self.place = place
        self.steps = 0

    def move(self, by: Vector) -> int:
        """One step."""
        self.place = self.place + by
        self.steps += 1
        return self.place.norm


def objects() -> int:
    """Objects: attributes, methods, operators, properties, short lives."""
    particles = [Particle(Vector(i, -i)) for i in range(20)]
    total = 0
    for step in range(1800):
        by = Vector(step & 3, 1)
        for particle in particles:
            total = (total + particle.move(by)) & 0xFFFFFFF
    return total


def sort() -> int:
    """Sort: numbers, tuples, and with a key function in Python."""
    state = 12345
    values = []
    for _ in range(22000):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        values.append(state)
    by_key = sorted(values, key=lambda value: value % 1000)
    pairs = sorted((value & 255, value) for value in values)
    values.sort(reverse=True)
    return by_key[17] ^ pairs[99][1] ^ values[-5]


def json_round() -> int:
    """json: to text and back, with the default C accelerators and with indentation (Python)."""
    tree = {
        f"key{i}": [i, i / 7, None, True, {"name": "n\u00e9" * (i % 5), "tags": ["a", "b"]}]
        for i in range(260)
    }
    size = 0
    for _ in range(20):
        text = json.dumps(tree)
        size += len(text) + len(json.loads(text))
    return size + len(json.dumps(tree, indent=1))


def regex() -> int:
    """re: searching, groups, substitution with a function."""
    text = "lorem ipsum 2024-05-17 dolor@example.org sit 17:45 amet, " * 1600
    dates = re.findall(r"(\d{4})-(\d\d)-(\d\d)", text)
    mails = sum(1 for _ in re.finditer(r"[\w.]+@[\w.]+\.\w{2,3}", text))
    swapped = re.sub(r"\b(\w)(\w*)\b", lambda match: match[2] + match[1], text)
    return len(dates) + mails + len(swapped) + len(re.split(r"[\s,]+", text))


WORKLOADS = {
    "calls": fib,
    "loops": loops,
    "strings": strings,
    "dicts": dicts,
    "objects": objects,
    "sort": sort,
    "json": json_round,
    "re": regex,
}


def measure(name: str) -> float:
    """Milliseconds one run of a workload takes."""
    workload = WORKLOADS[name]
    start = time.perf_counter()
    workload()
    return (time.perf_counter() - start) * 1e3


def measure_all(first: str) -> str:
    """All workloads once, on this one stack, as a script does it; `first` comes first.

    Returns JSON: milliseconds by name.
    """
    names = list(WORKLOADS)
    at = names.index(first)
    return json.dumps({name: measure(name) for name in names[at:] + names[:at]})


def results() -> str:
    """What the workloads compute, as JSON: contenders must agree."""
    return json.dumps({name: workload() for name, workload in WORKLOADS.items()})


def sleep0(count: int) -> float:
    """Microseconds one time.sleep(0) takes, the loop around it included."""
    sleep = time.sleep
    start = time.perf_counter()
    for _ in range(count):
        sleep(0)
    return (time.perf_counter() - start) * 1e6 / count
