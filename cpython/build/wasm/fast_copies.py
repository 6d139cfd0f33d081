# Between Binaryen's Asyncify and its optimiser: shorter tests of Asyncify's state, and a second
# body for each function of fast_copies.toml.
# Why: Asyncify tests the state around all that a function does, so that one body serves for running
# and for being rewound. But it can be 2 (rewinding) only in an activation that began so, and 1
# (unwinding) only right after a call. So a function begins: if the state is 2, return what the body
# as Asyncify made it returns; and goes on with a copy in which every test has a known answer but
# those after calls. Both save the same frames. The optimiser then folds the copy.
# Called by link.py.
"""Fast copies of instrumented functions."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path

from ..engine.errors import BuildError
from .never_waits import base_name
from .wasm import (
    CALL,
    END,
    GLOBAL_GET,
    I32_CONST,
    I32_EQ,
    IF,
    LOCAL_GET,
    LOCAL_SET,
    LOCAL_TEE,
    NO_RESULT,
    RETURN,
    Module,
    instructions,
    leb,
)

FILE = Path(__file__).with_name("fast_copies.toml")
GET_STATE = "asyncify_get_state"  # Asyncify's export that returns the state
IS_UNWINDING = bytes([I32_CONST, 1, I32_EQ])
IS_REWINDING = bytes([I32_CONST, 2, I32_EQ])
# What a function is called while the stack is rewound. The optimiser must not put it back in.
REWOUND = "{}.rewound"
OPTIMISE = f"--no-inline={REWOUND.format('*')}"


def read(file: Path = FILE) -> set[str]:
    """The names in the file.

    Raises:
        BuildError: an entry has no reason or a key that is not known, or a name is there twice.
    """
    names: list[str] = []
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["fast"]:
        if entry.keys() != {"why", "functions"}:
            raise BuildError(f"{file.name}: {entry} needs `why` and `functions`", "add them")
        names += entry["functions"]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BuildError(f"{file.name} names {', '.join(twice)} twice", "take one of them out")
    return set(names)


def make(asyncified: bytes, wanted: Collection[str]) -> tuple[bytes, list[str]]:
    """The module with fast copies, and those of the wanted functions it has none of.

    Raises:
        BuildError: this is not what Asyncify makes, as far as it is known here.
    """
    module = Module(asyncified)
    state = _state(module)
    found = set()
    for place, body in enumerate(tuple(module.bodies)):
        if state + IS_REWINDING not in body:
            continue
        index = module.imported + place
        name = module.names.get(index, "")
        whole, fast = _bodies(body, state, name)
        if base_name(name) not in wanted:
            module.bodies[place] = whole
            continue
        found.add(base_name(name))
        rewound = module.add(index, whole, REWOUND.format(name))
        arguments = (bytes([LOCAL_GET]) + leb(n) for n in range(module.parameters(index)))
        start = next(instructions(body))
        module.bodies[place] = b"".join(
            (
                body[:start],  # its locals
                state,  # 0 or 2
                bytes([IF, NO_RESULT]),
                *arguments,
                bytes([CALL]) + leb(rewound) + bytes([RETURN, END]),
                fast[start:],
            )
        )
    return module.encode(), sorted(set(wanted) - found)


def _state(module: Module) -> bytes:
    """The instruction that reads Asyncify's state, which is all that its export does."""
    index = module.exports.get(GET_STATE)
    body = module.bodies[index - module.imported] if index is not None else b""
    if body[:2] != bytes([0, GLOBAL_GET]) or len(body) > 8 or body[-1] != END:
        raise BuildError(
            f"{GET_STATE} is not what Asyncify makes", "see cpython/build/wasm/fast_copies.py"
        )
    return body[1:-1]


def _bodies(body: bytes, state: bytes, name: str) -> tuple[bytes, bytes]:
    """A body with shorter tests, and the same for activations that are not rewound.

    `state == 1` is asked only where it is not 2, and `state == 2` where it is not 1: at the start,
    and past calls that have not unwound. So `state` alone says the same.
    """
    whole, fast = bytearray(), bytearray()
    copied = 0
    for at in instructions(body):
        if body[at] != GLOBAL_GET or not body.startswith(state, at):
            continue
        after = at + len(state)
        test = body[after : after + 3]
        zero = bytes([I32_CONST, 0])
        if test == IS_UNWINDING:
            after, answer = after + 3, state
        elif test == IS_REWINDING:
            after, answer = after + 3, zero
        elif test[0] in (LOCAL_SET, LOCAL_TEE):
            raise BuildError(f"{name} keeps Asyncify's state", "take it out of fast_copies.toml")
        else:
            answer = zero
        whole += body[copied:at] + state
        fast += body[copied:at] + answer
        copied = after
    return bytes(whole + body[copied:]), bytes(fast + body[copied:])
