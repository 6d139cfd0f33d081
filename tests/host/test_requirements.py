"""`sospeso run` with packages: `--with`, a script's header (PEP 723), imports of what comes along.

The package index is made here and counts what is asked of it; no other is ever asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sospeso.packages import PYPI, index_urls, node_environment, packages
from sospeso.paths import ROOT, need_dist
from tests.runtime.archives import tag, wheel

from .conftest import Start

CORES = ("jspi", "asyncify")


def needing(name: str, *requirements: str, **files: str) -> bytes:
    """A wheel whose metadata names what it depends on."""
    info = f"{name}-1.0.dist-info"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    text += "".join(f"Requires-Dist: {one}\n" for one in requirements)
    return wheel(name, "1.0", {f"{info}/METADATA": text, **files})


FILES = {
    tag("newt", "1.0"): needing("newt", "toad>=1", **{"newt.py": "import toad\nname = 'newt'"}),
    tag("toad", "1.0"): needing("toad", **{"toad.py": "name = 'toad'"}),
    "hard-1.0-cp313-cp313-manylinux_2_17_x86_64.whl": wheel("hard", "1.0", {"hard.so": ""}),
}


@dataclass
class Index:
    """A package index: PEP 691 at /simple, files at /files."""

    url: str = ""
    asked: list[str] = field(default_factory=list)

    def project(self, name: str) -> bytes | None:
        names = [file for file in FILES if file.startswith(f"{name}-")]
        files = [
            {
                "filename": file,
                "url": f"{self.url}/files/{file}",
                "hashes": {"sha256": hashlib.sha256(FILES[file]).hexdigest()},
            }
            for file in names
        ]
        made = {"meta": {"api-version": "1.0"}, "name": name, "files": files}
        return json.dumps(made).encode() if names else None


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            _, kind, name, *_ = self.path.split("/")
            body = made.project(name) if kind == "simple" else FILES.get(name)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Command:
    """`sospeso run` with an index and a cache of its own."""

    start: Start
    index: Index
    cache: Path

    def __call__(self, *words: str, stdin: str = "", **variables: str) -> tuple[str, str, int]:
        """What it wrote to stdout and stderr, and its exit code."""
        environment = {name: value for name, value in os.environ.items() if "PIP_" not in name}
        environment |= {"PIP_INDEX_URL": f"{self.index.url}/simple", "PYTHONPATH": str(ROOT)}
        environment |= {"SOSPESO_CACHE": str(self.cache), **variables}
        process = self.start("run", *words, env=environment, cwd=self.cache.parent)
        out, err = process.communicate(stdin.encode(), timeout=50)
        return out.decode(), err.decode(), process.returncode


@pytest.fixture
def run(start: Start, index: Index, tmp_path: Path) -> Command:
    need_dist("cli.mjs", "core.jspi.wasm", "core.asyncify.wasm", "pyodide-lock.json")
    return Command(start, index, tmp_path / "cache")


SCRIPT = """# A comment.
# /// script
# requires-python = ">=3.12"
# dependencies = [
#     "newt",
#     "six",
# ]
# ///
import asyncio, importlib.metadata, newt, six, sys
async def main():
    return newt.name, newt.toad.name, six.__name__, importlib.metadata.version("newt"), sys.argv[1]
print(*asyncio.run(main()))
"""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("core", CORES)
def test_a_scripts_header_is_installed_once(run: Command, core: str) -> None:
    """The second run asks nobody: neither for what there is nor for the files."""
    (run.cache.parent / "script.py").write_text(SCRIPT)
    told = ("newt toad six 1.0 a\n", "", 0)
    assert run("--core", core, "script.py", "a") == told
    wheels = [f"/files/{tag(name, '1.0')}" for name in ("newt", "toad")]
    assert [one for one in sorted(run.index.asked) if "/files/" in one] == wheels
    run.index.asked.clear()
    assert run("--core", core, "script.py", "a") == told
    assert run.index.asked == []


def test_the_cache_is_of_no_consequence(run: Command) -> None:
    """Damaged, it is filled again; where it cannot be written, packages come all the same."""
    words = ("--with", "toad", "-c", "import toad; print(toad.name)")
    for _ in range(2):
        assert run(*words) == ("toad\n", "", 0)
        for file in run.cache.rglob("packages/**/*.*"):
            file.write_bytes(b"damaged")
    shutil.rmtree(run.cache)
    run.cache.touch()
    assert run(*words) == ("toad\n", "", 0)


def test_an_old_memory_is_renewed_or_serves_without_a_network(run: Command) -> None:
    words = ("--with", "toad", "-c", "import toad; print(toad.name)")
    run(*words)
    [kept] = run.cache.rglob("installed/*.json")
    os.utime(kept, (1e9, 1e9))
    run.index.asked.clear()
    assert run(*words) == ("toad\n", "", 0)
    assert any(one.startswith("/simple/toad") for one in run.index.asked)
    os.utime(kept, (1e9, 1e9))
    asks = run.index.project
    run.index.project = lambda name: None  # type: ignore[method-assign]
    assert run(*words) == ("toad\n", "", 0)
    run.index.project = asks  # type: ignore[method-assign]


def test_a_program_from_a_pipe_has_a_header_too(run: Command) -> None:
    assert run("-", "a", stdin=SCRIPT) == ("newt toad six 1.0 a\n", "", 0)


@pytest.mark.parametrize("core", CORES)
def test_what_comes_along_loads_when_it_is_imported(run: Command, core: str) -> None:
    code = "import six, dateutil.tz; print(six.__name__, dateutil.tz.__name__)"
    assert run("--core", core, "-c", code) == ("six dateutil.tz\n", "", 0)
    assert run.index.asked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--with", "nosuch"], "cannot install nosuch: nosuch was not found. "),
        (["--with", "hard"], "cannot install hard: no wheel of hard fits: wanted is one"),
        (["--with", "toad>2"], "no wheel of toad>2 fits"),
        (["--with", "toad =="], "cannot install toad ==: "),
        (["--with", "git+https://x.example/y"], "Wanted is a name, as in 'requests<3', or the"),
        (["--with", ""], "cannot install '': "),
        (["--with", "no/such-1.0-py3-none-any.whl"], "cannot read the wheel no/such-1.0-py3-none"),
    ],
)
def test_what_cannot_be_installed_is_told(run: Command, words: list[str], told: str) -> None:
    out, err, code = run(*words, "-c", "print('it ran')")
    assert (out, code) == ("", 2)
    assert err.startswith("sospeso: ") and told in err and "Traceback" not in err


def test_an_index_that_cannot_be_reached_is_told(run: Command) -> None:
    nobody = "http://127.0.0.1:1/simple"
    out, err, code = run("--with", "newt", "-c", "print('it ran')", PIP_INDEX_URL=nobody)
    assert (out, code) == ("", 2)
    assert f"newt was not found. {nobody} cannot be reached: " in err
    assert "Check the network, and PIP_INDEX_URL" in err


def test_where_there_is_no_index_that_is_told(run: Command) -> None:
    """A folder of this machine is none; "was not found" alone did not say so."""
    out, err, code = run("--with", "newt", "-c", "1", PIP_INDEX_URL="file:///srv/simple")
    assert (out, code) == ("", 2)
    assert "There is no index: PIP_INDEX_URL names none that begins with http" in err


def test_a_wheel_of_this_machine_is_installed_as_it_is_now(run: Command) -> None:
    """Also when it was built again under its name: the memory of the first one does not hold."""
    file = run.cache.parent / tag("toad", "1.0")
    for name in ("first", "second"):
        file.write_bytes(wheel("toad", "1.0", {"toad.py": f"name = {name!r}"}))
        words = ("--with", f"./{file.name}", "-c", "import toad; print(toad.name)")
        assert run(*words) == (f"{name}\n", "", 0)
    assert run.index.asked == []


def test_a_page_cannot_have_a_wheel_of_this_machine(run: Command) -> None:
    file = run.cache.parent / tag("toad", "1.0")
    file.write_bytes(FILES[file.name])
    out, err, code = run("--engine", "chromium", "--with", str(file), "-c", "1")
    assert (out, code) == ("", 2)
    assert "a page cannot read a wheel of this machine" in err


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ('requires-python = ">=3.99"', "the script wants Python >=3.99, this is Python 3.13"),
        ('requires-python = "new"', "requires-python: Invalid specifier: 'new'"),
        ("requires-python = 3", "requires-python is a string"),
        ("dependencies = 5", "dependencies is a list of strings"),
        ("dependencies = [", "is no TOML: "),
        ("\n# ///\n\n# /// script\n# x = 1", "the script has two headers"),
    ],
)
def test_a_bad_header_is_told(run: Command, header: str, told: str) -> None:
    lines = f"# /// script\n# {header}\n# ///\nprint('it ran')\n".replace("# \n", "#\n")
    (run.cache.parent / "script.py").write_text(lines)
    out, err, code = run("script.py")
    assert (out, code) == ("", 2)
    assert told in err and err.startswith("sospeso: ") and err.count("\n") == 1


def test_other_comments_are_no_header(run: Command) -> None:
    code = "# /// tool\n# dependencies = 5\n# ///\nx = '''\n# /// script\n'''\nprint('it ran')\n"
    (run.cache.parent / "script.py").write_text(code)
    assert run("script.py") == ("it ran\n", "", 0)


def test_pips_variables_say_where_packages_come_from() -> None:
    assert index_urls({}) == (PYPI,)
    assert index_urls({"PIP_INDEX_URL": "https://mirror.example/simple/"}) == (
        "https://mirror.example/simple",
    )
    more = "https://a.example/simple file:///srv/simple\nhttps://b.example"
    assert index_urls({"PIP_EXTRA_INDEX_URL": more}) == (
        PYPI,
        "https://a.example/simple",
        "https://b.example",
    )


def test_node_is_told_of_proxies_and_certificates() -> None:
    assert node_environment({"A": "b"}) == {"A": "b"}
    given = {"https_proxy": "http://proxy.example:8080", "PIP_CERT": "/etc/ca.pem"}
    assert node_environment(given) == {
        **given,
        "NODE_USE_ENV_PROXY": "1",
        "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
    }


def test_the_options_of_the_node_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSPESO_CACHE", "/kept")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    assert packages(("rich", "six>1")).options() == [
        "--cache=/kept/packages",
        f"--index={PYPI}",
        "--with=rich",
        "--with=six>1",
    ]
