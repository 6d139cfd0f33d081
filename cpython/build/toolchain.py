# The cross compiler and where it runs: Emscripten from $EMSDK, or a Debian root made by mmdebstrap.
# Steps only say `run this command`; whether that means chroot or a plain process is hidden here.
# Called by engine.Context.run; plan.py makes the toolchain step.
#
# Invariants
# 1. The cache and the project are bind-mounted into the root at the very same paths, so no path is
#    ever translated.
# 2. Mounts live in a mount namespace of the command's own: nothing is left when it ends.
# 3. A command sees a clean environment (CLEAN_ENV plus what the step adds), never the caller's.
# 4. When the driver is interrupted, the command's process group ends before the lock is freed.
"""Runs commands where the cross compiler is."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .engine import Context
from .errors import BuildError, disk_full
from .fetch import MIRROR_VARIABLE, debian_mirror
from .pins import Pins

NO_NETWORK = ("Could not resolve", "Failed to fetch", "Could not connect", "Unable to connect")
LOG_LINES = 40  # shown of a failing step's log

CLEAN_ENV = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "CCACHE_DISABLE": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980: the same bytes whenever it is built
}
ROOT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

# Arguments: root, working folder, number of folders to bind, the folders, the command.
ENTER_ROOT = """
set -e
root=$1 cwd=$2 count=$3; shift 3
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$count" -gt 0 ]; do
  mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; count=$((count - 1))
done
exec chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$cwd" "$@"
"""


@dataclass(frozen=True)
class Spec:
    """Which toolchain a build uses; `emsdk` is None for the Debian root."""

    emscripten: str
    emsdk: Path | None
    suite: str
    packages: tuple[str, ...]

    def recipe(self) -> dict[str, object]:
        """What decides the outputs, for the step's digest."""
        if self.emsdk is not None:
            return {"kind": "emsdk", "path": str(self.emsdk), "version": self.emscripten}
        return {
            "kind": "debian",
            "suite": self.suite,
            "packages": list(self.packages),
            "version": self.emscripten,
        }


def choose(pins: Pins, environ: Mapping[str, str] = os.environ) -> Spec:
    """$EMSDK when set, its version checked, else the Debian root; raises BuildError."""
    named = environ.get("EMSDK")
    if not named:
        return Spec(pins.emscripten, None, pins.suite, pins.packages)
    emsdk = Path(named).expanduser().resolve()
    file = emsdk / "upstream" / "emscripten" / "emscripten-version.txt"
    try:
        version = file.read_text(encoding="utf-8").strip().strip('"')
    except OSError:
        raise BuildError(
            f"EMSDK={named} does not hold an installed Emscripten ({file} cannot be read)",
            f"run `./emsdk install {pins.emscripten} && ./emsdk activate {pins.emscripten}` there, "
            "or unset EMSDK to let the build make its own toolchain",
        ) from None
    if version.removesuffix("-git") != pins.emscripten:
        raise BuildError(
            f"EMSDK={named} holds Emscripten {version}; this project needs {pins.emscripten}",
            f"run `./emsdk install {pins.emscripten} && ./emsdk activate {pins.emscripten}` there, "
            "or unset EMSDK to let the build make its own toolchain",
        )
    return Spec(pins.emscripten, emsdk, pins.suite, pins.packages)


class Toolchain:
    """Runs commands with emcc, make, wasm-opt, node and the build machine's Python on the path.

    `bind` are the folders commands may use; `python` and `node` are programs on the inside.
    """

    def __init__(
        self, root: Path | None, path: str, python: str, cache: Path, bind: Sequence[Path]
    ) -> None:
        self.root = root
        self.python = python
        self.bind = [p.resolve() for p in bind]
        self.tmp = cache / "tmp"
        self.env = {
            **CLEAN_ENV,
            "PATH": path,
            "TMPDIR": str(self.tmp),
        }
        if root is not None:  # an SDK has its own cache of built system libraries
            self.env["EM_CACHE"] = str(cache / "emscripten")
        if root is None or os.geteuid() != 0:
            self.env["HOME"] = str(cache / "home")

    def command(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> list[str]:
        """The full command line, with clean environment and (for a root) namespace and chroot."""
        clean = ["env", "-i", *(f"{k}={v}" for k, v in {**self.env, **env}.items()), *argv]
        if self.root is None:
            return clean
        binds = [str(p) for p in self.bind]
        return [
            *_unshare(),
            "/bin/sh",
            "-c",
            ENTER_ROOT,
            "sh",
            str(self.root),
            str(cwd),
            str(len(binds)),
            *binds,
            *clean,
        ]

    def run(
        self, argv: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Runs a command, output appended to `log`; raises BuildError with the log's end."""
        self.tmp.mkdir(parents=True, exist_ok=True)
        if self.env["HOME"] != CLEAN_ENV["HOME"]:
            Path(self.env["HOME"]).mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            shown = [f"{name}={shlex.quote(value)}" for name, value in (env or {}).items()]
            file.write(f"$ cd {cwd} && {' '.join([*shown, shlex.join(argv)])}\n".encode())
            file.flush()
            code = run_group(self.command(argv, cwd, env or {}), cwd, file.fileno())
        if code != 0:
            raise failed_command(argv, code, log)

    def output(self, argv: Sequence[str], *, cwd: Path) -> str:
        """What a short command prints."""
        done = subprocess.run(
            self.command(argv, cwd, {}), cwd=cwd, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BuildError(
                f"`{shlex.join(argv)}` ended with {done.returncode}: {done.stderr.strip()[-500:]}",
                "see the message above",
            )
        return done.stdout


def run_group(command: Sequence[str], cwd: Path, output: int) -> int:
    """Runs a command as a process group of its own; ends the group when we are interrupted."""
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise missing_tool(str(error.filename)) from None
    try:
        return process.wait()
    except BaseException:
        _end_group(process)
        raise


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(5)
            break
        except subprocess.TimeoutExpired:
            continue


def log_tail(log: Path, lines: int = LOG_LINES) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def failed_command(argv: Sequence[str], code: int, log: Path) -> BuildError:
    """The error for a command that ended badly: the log's end, and the cure it points to."""
    tail = log_tail(log)
    if "No space left on device" in tail or "ENOSPC" in tail:
        return disk_full(log.parent.parent)
    shown = shlex.join(argv)
    shown = shown if len(shown) < 200 else shown[:200] + " ..."
    reason = f"signal {-code}" if code < 0 else f"exit status {code}"
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
        cure = "it was killed, probably for lack of memory: close other programs and run it again"
    elif code == 127:
        cure = "a program was not found (named above): install it; then run the same command again"
    else:
        cure = f"the whole log is {log}; after a fix the same command goes on from this step"
    return BuildError(f"the log ends with:\n{tail}\n\n`{shown}` failed ({reason})", cure, log)


def missing_tool(name: str) -> BuildError:
    """The error for a program that is not installed."""
    return BuildError(f"`{name}` is not installed", f"install it (Debian, Ubuntu: {_apt(name)})")


APT_PACKAGE = {"unshare": "util-linux", "newuidmap": "uidmap", "cc": "gcc"}


def _apt(name: str) -> str:
    return f"sudo apt-get install {APT_PACKAGE.get(name, name)}"


def _unshare() -> list[str]:
    return ["unshare", "--mount", "--"] if os.geteuid() == 0 else ["unshare", "-rm", "--"]


def load(
    spec: Spec, step_output: Path, cache: Path, bind: Sequence[Path], python: str
) -> Toolchain:
    """The toolchain whose step's output is `step_output`; `python` is a version such as `3.13`."""
    if spec.emsdk is None:
        return Toolchain(step_output / "root", ROOT_PATH, f"/usr/bin/python{python}", cache, bind)
    upstream = spec.emsdk / "upstream"
    node = sorted((spec.emsdk / "node").glob("*/bin"))
    path = [str(upstream / "emscripten"), str(upstream / "bin"), *map(str, node), ROOT_PATH]
    found = (step_output / "python").read_text(encoding="utf-8")
    return Toolchain(None, ":".join(path), found, cache, bind)


# --- the step -----------------------------------------------------------------------------------


def provide(context: Context, spec: Spec, python: str) -> None:
    """Body of the toolchain step."""
    if spec.emsdk is not None:
        _check_emsdk(context, python)
    else:
        _make_root(context, spec)
    if spec.emsdk is None:
        tools = Toolchain(
            context.out / "root",
            ROOT_PATH,
            f"/usr/bin/python{python}",
            context.cache,
            [context.cache, context.project],
        )
        version = tools.output(
            ["cat", "/usr/share/emscripten/emscripten-version.txt"], cwd=context.cache
        )
        if version.strip().strip('"') != spec.emscripten:
            raise BuildError(
                f"Debian {spec.suite} now carries Emscripten {version.strip()}; "
                f"this project is built with {spec.emscripten}",
                f"set EMSDK to an installed Emscripten {spec.emscripten}; or try the new one by "
                "changing `emscripten` in cpython/build/pins.toml and running the tests",
            )


def _check_emsdk(context: Context, python: str) -> None:
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
        [*_unshare(), "/bin/sh", "-c", "mount --rbind /proc /mnt"],
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
        f"{_apt('mmdebstrap')}, or run the build as root, or set EMSDK to an installed Emscripten",
    )
