"""jspi/detect.ts names the era of an engine's JSPI and says why.

The engine at hand is asked as it is; the other engines are made from it by taking names away from
`WebAssembly` or putting stand-ins there, before detect.ts runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polyfills.jspi.tests.conftest import Node

ASK = Path(__file__).with_name("ask.mjs")
DELETE = "for (const n of ['Suspending', 'promising', 'SuspendError']) delete WebAssembly[n];"


def detect(node: Node, built: Path, before: str) -> dict[str, Any]:
    """What detectJspi() says after the JavaScript `before`."""
    bundle = (built / "detect.mjs").as_uri()
    return dict(json.loads(node.run(ASK, bundle, before, jspi=True)))


def test_engine_with_the_final_api(node: Node, built: Path) -> None:
    assert detect(node, built, "") == {
        "api": "final",
        "usable": True,
        "wasm": True,
        "reason": "this engine has JSPI (WebAssembly.Suspending and promising)",
    }


@pytest.mark.parametrize(
    ("before", "api", "usable", "reason"),
    [
        pytest.param(
            DELETE, "none", False, "this engine has no WebAssembly.Suspending and promising",
            id="nothing",
        ),
        pytest.param(
            DELETE + "WebAssembly.Function = class {}",
            "none", False, "this engine has no WebAssembly.Suspending and promising",
            id="type reflection alone",
        ),
        pytest.param(
            DELETE + "WebAssembly.Function = class {}; WebAssembly.Suspender = class {}",
            "origin-trial", False, "only the API of the first JSPI origin trial",
            id="first origin trial",
        ),
        pytest.param(
            "delete WebAssembly.SuspendError",
            "origin-trial", True, "as of the later origin trial",
            id="later origin trial",
        ),
        pytest.param(
            "delete WebAssembly.promising",
            "none", False, "this engine has no WebAssembly.Suspending and promising",
            id="half of it",
        ),
        pytest.param(
            "WebAssembly.promising = () => () => 5",
            "final", False, "do not work: promising() returned no promise",
            id="promising that does not promise",
        ),
        pytest.param(
            "WebAssembly.Suspending = class {}",
            "final", False, "do not work: ",
            id="suspending that cannot be imported",
        ),
    ],
)  # fmt: skip
def test_other_eras(
    node: Node, built: Path, before: str, api: str, usable: bool, reason: str
) -> None:
    found = detect(node, built, before)
    assert (found["api"], found["usable"], found["wasm"]) == (api, usable, True)
    assert reason in found["reason"]


@pytest.mark.parametrize(
    "text",
    [
        "Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not allowed",
        "call to WebAssembly.Module() blocked by CSP",
        "Refused to create a WebAssembly object because 'wasm-unsafe-eval' is not allowed",
    ],
)
def test_content_security_policy_is_named_with_the_cure(node: Node, built: Path, text: str) -> None:
    throw = f"throw new WebAssembly.CompileError({json.dumps(text)})"
    found = detect(node, built, f"WebAssembly.Module = class {{ constructor() {{ {throw}; }} }}")
    assert (found["api"], found["usable"], found["wasm"]) == ("none", False, False)
    assert "add 'wasm-unsafe-eval' to script-src" in found["reason"]
    assert found["reason"].endswith(text)


def test_engine_without_webassembly(node: Node, built: Path) -> None:
    found = detect(node, built, "delete globalThis.WebAssembly")
    assert (found["api"], found["wasm"]) == ("none", False)
    assert found["reason"] == "this engine has no WebAssembly"
