"""An origin trial of our own: a key pair, and a token that a Chromium told of the key believes.

Why: what the trial's rules do is tested by the trial itself, header and all, not by a flag that
turns the feature on some other way. `--origin-trial-public-key` replaces Google's key in a
Chromium. Node signs (Ed25519), in sign_trial.mjs. Used by runner.py and
tests/engines/test_origin_trial.py.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sospeso.engines import find_node

FEATURE = "WebAssemblyJSPromiseIntegration"

SIGN = Path(__file__).with_name("sign_trial.mjs")


@dataclass(frozen=True)
class Trial:
    """A trial.

    Attributes:
        flag: for Chromium's command line, so that it believes the token.
        token: for the header Origin-Trial; good for a day.
    """

    flag: str
    token: str


def make_trial(origin: str, feature: str = FEATURE) -> Trial:
    """A trial for the pages of an origin such as "http://127.0.0.1:8000"."""
    done = subprocess.run(
        [find_node().path, str(SIGN), origin, feature],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    key, token = done.stdout.split()
    return Trial(f"--origin-trial-public-key={key}", token)
