"""Packages for a program of the command line: which, from where, and where they are kept.

Why: `sospeso run --with` and the header of a script (PEP 723) install from a package index. Which
one is said by the variables that pip reads, so that a machine behind a mirror needs no other
settings. Handed on by run.py and page.py; the work is done inside (runtime/node/requirements.ts).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .paths import UserError, cache_dir

# What micropip calls the Python Package Index; it knows the address.
PYPI = "PYPI"


@dataclass(frozen=True)
class Packages:
    """What to install before a program runs.

    Attributes:
        named: requirements (PEP 508), and addresses of wheels.
        indexes: addresses of package indexes, or PYPI; the first one that has a package gives it.
        cache: folder for what was fetched.
    """

    named: tuple[str, ...]
    indexes: tuple[str, ...]
    cache: Path

    def options(self) -> list[str]:
        """The same for `node cli.mjs`."""
        return [
            f"--cache={self.cache}",
            *(f"--index={index}" for index in self.indexes),
            *(f"--with={name}" for name in self.named),
        ]


def packages(named: tuple[str, ...] = ()) -> Packages:
    """The packages that the command line names, by this machine's settings.

    Raises:
        UserError: a wheel of this machine is named that is not there.
    """
    asked = tuple(requirement(word) for word in named)
    return Packages(asked, index_urls(os.environ), cache_dir() / "packages")


def requirement(word: str) -> str:
    """What the command line names: a wheel of this machine becomes an address.

    Its hash is in there: what is remembered of an installation does not hold for a wheel that was
    built again under its old name.

    Raises:
        UserError: there is no such wheel.
    """
    if not word.endswith(".whl") or "://" in word:
        return word
    path = Path(word).resolve()
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"cannot read the wheel {word}: {error.strerror or error}") from None
    return f"{path.as_uri()}#sha256={digest}"


def index_urls(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The indexes of PIP_INDEX_URL and PIP_EXTRA_INDEX_URL; else PyPI.

    Only those that speak HTTP: a folder of this machine is out of reach from inside.
    """
    words = [environment.get("PIP_INDEX_URL") or PYPI]
    words += environment.get("PIP_EXTRA_INDEX_URL", "").split()
    wanted = (PYPI, "http://", "https://")
    found = [word.rstrip("/") for word in words if word.startswith(wanted)]
    return tuple(dict.fromkeys(found))


def node_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for Node, which is told of proxies and certificates in its own way."""
    made = dict(environment)
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    if any(environment.get(name) for name in proxies):
        made.setdefault("NODE_USE_ENV_PROXY", "1")
    certificates = environment.get("PIP_CERT") or environment.get("SSL_CERT_FILE")
    if certificates:
        made.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    return made
