# Which Debian mirror the build uses. Called by fetch.py for sources and by root.py for packages.
# No mirror's name is written here: it is the one that this system is set up with.
"""The Debian mirror."""

from __future__ import annotations

import os
import shutil
import subprocess

MIRROR_VARIABLE = "SOSPESO_DEBIAN_MIRROR"


def debian_mirror() -> str | None:
    """A Debian mirror (ends in `/`) or None: $SOSPESO_DEBIAN_MIRROR, else what apt uses."""
    named = os.environ.get(MIRROR_VARIABLE)
    if named:
        return named.rstrip("/") + "/"
    if shutil.which("apt-get") is None:
        return None
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return next((line for line in found.stdout.split() if line.endswith("/debian/")), None)
