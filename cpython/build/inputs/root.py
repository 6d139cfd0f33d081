# The body of the toolchain step: a Debian root with the cross compiler, or a look at $EMSDK.
# The suite moves on: it may hold a newer Emscripten than the pinned one. A later patch is taken,
# and that is said; anything else is an error. VERSIONS records what is really there. Called by
# plan.py.
"""Makes the toolchain."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..engine.commands import apt, failed_command, log_tail, missing_tool, run_group
from ..engine.errors import BuildError
from ..engine.step import Context, Step
from .mirror import MIRROR_VARIABLE, debian_mirror
from .toolchain import ROOT_PATH, VERSIONS, Spec, Toolchain, is_newer_patch, unshare

NO_NETWORK = ("Could not resolve", "Failed to fetch", "Could not connect", "Unable to connect")


def toolchain_step(spec: Spec, python: str) -> Step:
    """Output: what `toolchain.load()` takes; `python` is a version such as `3.13`."""

    def run(context: Context) -> None:
        _provide(context, spec, python)

    return Step("toolchain", run, recipe=spec.recipe(), identity=VERSIONS, seconds=40)


def _provide(context: Context, spec: Spec, python: str) -> None:
    if spec.emsdk is not None:
        versions = _check_emsdk(context, spec, python)
    else:
        _make_root(context, spec)
        versions = _look_into_root(context, spec, python)
    text = json.dumps(versions, indent=1, sort_keys=True)
    (context.out / VERSIONS).write_text(text, encoding="utf-8")


def _look_into_root(context: Context, spec: Spec, python: str) -> dict[str, object]:
    """The versions in a new root. Raises BuildError: an Emscripten that is not ours."""
    tools = Toolchain(
        context.out / "root",
        ROOT_PATH,
        f"/usr/bin/python{python}",
        context.cache,
        [context.cache, context.project],
    )
    text = tools.output(["cat", "/usr/share/emscripten/emscripten-version.txt"], cwd=context.cache)
    version = text.strip().strip('"')
    if not is_newer_patch(version, spec.emscripten):
        raise BuildError(
            f"Debian {spec.suite} now carries Emscripten {version}; "
            f"this project is built with {spec.emscripten} or a later patch of it",
            f"set EMSDK to an installed Emscripten {spec.emscripten}; or try the new one by "
            "changing `emscripten` in cpython/build/inputs/pins.toml and running the tests",
        )
    if version != spec.emscripten:
        context.say(
            f"Debian {spec.suite} carries Emscripten {version}, a later patch of the pinned "
            f"{spec.emscripten}: the build takes it"
        )
    listing = tools.output(
        ["dpkg-query", "--show", "--showformat", "${binary:Package} ${Version}\\n"],
        cwd=context.cache,
    )
    packages = dict(line.split(" ", 1) for line in listing.splitlines())
    return {"emscripten": version, "packages": packages}


def _check_emsdk(context: Context, spec: Spec, python: str) -> dict[str, object]:
    """The versions of an installed SDK. Raises BuildError: something else is missing."""
    assert spec.emsdk is not None
    found = shutil.which(f"python{python}")
    if found is None:
        raise BuildError(
            f"with EMSDK set, the build needs a Python {python} on this machine "
            "(the same minor version as the CPython that is built)",
            f"install python{python} so that `python{python}` is on PATH, or unset EMSDK",
        )
    for tool in ("make", "cc", "patch", "bash", "pkg-config"):
        if shutil.which(tool, path=ROOT_PATH) is None:
            raise missing_tool(tool)
    real = subprocess.run(
        [found, "-c", "import sys; print(sys.executable)"],
        capture_output=True,
        text=True,
        check=True,
    )
    (context.out / "python").write_text(real.stdout.strip(), encoding="utf-8")
    bin_folder = spec.emsdk / "upstream" / "bin"
    tools: dict[str, Path] = {
        "clang": bin_folder / "clang",
        "wasm-opt": bin_folder / "wasm-opt",
        "python": Path(found),
    }
    asked = {
        name: subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)
        for name, tool in tools.items()
        if tool.exists()
    }
    first = {name: (done.stdout.splitlines() or [""])[0] for name, done in asked.items()}
    return {"emscripten": spec.emscripten, "packages": first}


def _make_root(context: Context, spec: Spec) -> None:
    if sys.platform != "linux":
        raise BuildError(
            "the Debian toolchain root needs Linux",
            f"install the Emscripten SDK {spec.emscripten} and set EMSDK to its folder",
        )
    if shutil.which("unshare") is None:
        raise missing_tool("unshare")
    _probe_namespaces(spec)
    if os.geteuid() != 0 and shutil.which("newuidmap") is None:
        raise missing_tool("newuidmap")
    _need_mmdebstrap(context)
    root = context.out / "root"
    argv = [
        "mmdebstrap",
        "--variant=apt",
        # A mirror or a clock that lags must not stop the build: packages are still signed.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=Apt::Install-Recommends "false"',
        # What nobody reads in there: 200 MB.
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        f"--include={','.join(spec.packages)}",
        spec.suite,
    ]
    mirror = [debian_mirror() or ""] if os.environ.get(MIRROR_VARIABLE) else []
    context.note(f"installing Debian {spec.suite} with {', '.join(spec.packages)}")
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    env["PATH"] = ROOT_PATH
    if os.geteuid() == 0:
        _host(context, [*argv, str(root), *mirror], env)
    else:
        # The namespace's users cannot own files here: take an archive, unpack it as ourselves.
        archive = context.tmp / "root.tar"
        _host(context, [*argv, "--mode=unshare", "--format=tar", str(archive), *mirror], env)
        context.note("unpacking the root")
        root.mkdir()
        (root / "dev").mkdir()
        unpack = [
            "tar",
            "-C",
            str(root),
            "--exclude=./dev/*",
            "--no-same-owner",
            "-xf",
            str(archive),
        ]
        _host(context, unpack, env)
        archive.unlink()


def _host(context: Context, argv: list[str], env: Mapping[str, str]) -> None:
    """Runs a command on this machine, outside any root."""
    with context.log.open("ab") as file:
        file.write(f"$ {shlex.join(argv)}\n".encode())
        file.flush()
        clean = ["env", "-i", *(f"{k}={v}" for k, v in env.items())]
        code = run_group([*clean, *argv], context.tmp, file.fileno())
    if code == 0:
        return
    tail = log_tail(context.log)
    if any(sign in tail for sign in NO_NETWORK):
        raise BuildError(
            f"{tail}\n\nno network: Debian's packages could not be fetched",
            "check the network (and http_proxy), set SOSPESO_DEBIAN_MIRROR to a mirror that can be "
            "reached, or set EMSDK to an installed Emscripten; then run the same command again",
            context.log,
        )
    raise failed_command(argv, code, context.log)


def _probe_namespaces(spec: Spec) -> None:
    """Whether this user may mount in a namespace of their own."""
    probe = subprocess.run(
        [*unshare(), "/bin/sh", "-c", "mount --rbind /proc /mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode != 0:
        raise BuildError(
            f"this user may not enter a mount namespace ({probe.stderr.strip()})",
            "run the build as root, or allow user namespaces (sysctl "
            "kernel.unprivileged_userns_clone=1 "
            "kernel.apparmor_restrict_unprivileged_userns=0), or "
            f"set EMSDK to an installed Emscripten {spec.emscripten}",
        )


def _need_mmdebstrap(context: Context) -> None:
    """mmdebstrap, installed if we are root on a Debian-like system."""
    if shutil.which("mmdebstrap", path=ROOT_PATH) is not None:
        return
    if os.geteuid() == 0 and shutil.which("apt-get") is not None:
        context.note("installing mmdebstrap")
        env = {"PATH": ROOT_PATH, "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}
        install = ["apt-get", "install", "-y", "--no-install-recommends"]
        install += ["mmdebstrap", "debian-archive-keyring"]
        try:
            _host(context, install, env)
        except BuildError:
            _host(context, ["apt-get", "update"], env)
            _host(context, install, env)
        return
    raise BuildError(
        "`mmdebstrap` is not installed; it makes the folder the compiler lives in",
        f"{apt('mmdebstrap')}, or run the build as root, or set EMSDK to an installed Emscripten",
    )
