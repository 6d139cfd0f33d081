"""The polyfill as people take it: two files of dist/, or an npm package, and nothing else.

The files are bundled and typed as `make build` does it, then copied into an empty folder and used
there: by Node, and by a TypeScript program of each kind, one that must check and lines that must
not. The package is what `npm pack` makes of the library's folder, used by its name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from cpython.build.bundle import javascript as js
from cpython.build.engine.errors import BuildError
from sospeso.npm import npm_command
from tests.refused import each_line_is_refused, without_marks

from .conftest import HERE, NODE_MODULES, ROOT, Node

LIBRARY = ROOT / "polyfills" / "jspi"
README = LIBRARY / "README.md"
MOST_BYTES = 10_000
GOOD = HERE / "types" / "good.mts"
BAD = HERE / "types" / "bad.mts"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the library's two files and nothing else."""
    if not NODE_MODULES.exists():
        pytest.skip("no esbuild and tsc; run `make setup`")
    made = tmp_path_factory.mktemp("dist")
    js.bundle_one("jspi-polyfill.mjs", made, "release")
    js.emit_types(made)
    folder = tmp_path_factory.mktemp("taken")
    for name in ("jspi-polyfill.mjs", "jspi-polyfill.d.mts"):
        shutil.copy(made / name, folder)
    return folder


def check(folder: Path, source: str) -> None:
    user = folder / "user.mts"
    user.write_text(source)
    options = ["--noEmit", "--ignoreConfig", "--strict", "--module", "nodenext", "--types", ""]
    options += ["--target", "es2022", "--lib", "es2022,dom", "--exactOptionalPropertyTypes"]
    js._tool("typescript/bin/tsc", *options, str(user))  # the library's own .d.mts is checked too


def test_it_depends_on_nothing(taken: Path) -> None:
    for path in taken.glob("jspi-polyfill.*"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(import|require)\b\s*[({'\"*]|\bfrom\s*['\"]", text), path.name
    assert len((taken / "jspi-polyfill.mjs").read_bytes()) < MOST_BYTES


def test_the_source_imports_nothing() -> None:
    text = (ROOT / "polyfills" / "jspi" / "index.ts").read_text(encoding="utf-8")
    assert not re.search(r"^\s*(import|export .* from)\b", text, re.MULTILINE)


def exported_names(taken: Path, node: Node) -> set[str]:
    address = json.dumps((taken / "jspi-polyfill.mjs").as_uri())
    program = f"console.log(JSON.stringify(Object.keys(await import({address}))))"
    return set(json.loads(node.run("--input-type=module", "-e", program)))


def test_it_exports_what_the_readme_names(taken: Path, node: Node) -> None:
    """The README's table of exports, the module and the types name the same things."""
    text = README.read_text(encoding="utf-8")
    table = text.partition("| export |")[2].partition("\n\n")[0]
    named = {match[1]: match[2] for match in re.finditer(r"^\| `(\w+)` \| (\w+)", table, re.M)}
    assert named, "the README has a table of exports"
    values = {name for name, kind in named.items() if kind != "type"}
    assert exported_names(taken, node) == values
    types = (taken / "jspi-polyfill.d.mts").read_text(encoding="utf-8")
    pattern = r"^export (?:declare )?(?:class|function|interface|type) (\w+)"
    declared = re.findall(pattern, types, re.M)
    assert set(declared) == set(named)


def test_the_readme_names_every_option_call_and_counter(taken: Path) -> None:
    text = README.read_text(encoding="utf-8")
    types = (taken / "jspi-polyfill.d.mts").read_text(encoding="utf-8")
    for interface in ("AsyncifyJspiOptions", "AsyncifyJspi", "AsyncifyJspiStats"):
        body = re.search(rf"interface {interface} {{(.*?)^}}", types, re.M | re.S)
        assert body is not None
        members = re.findall(r"^    (?:readonly )?(\w+)[?(:<]", body[1], re.M)
        assert members
        for member in members:
            assert re.search(rf"`[^`\n]*\b{member}\b[^`\n]*`", text), f"{interface}.{member}"


def test_it_can_be_imported_where_there_is_no_webassembly(taken: Path, node: Node) -> None:
    address = json.dumps((taken / "jspi-polyfill.mjs").as_uri())
    program = f"delete globalThis.WebAssembly; await import({address}); console.log('imported')"
    assert node.run("--input-type=module", "-e", program) == "imported\n"


def test_a_typescript_program_checks(taken: Path) -> None:
    check(taken, GOOD.read_text())


def test_wrong_typescript_does_not_check(taken: Path) -> None:
    """All wrong lines at once: each must have its own complaint."""
    program = BAD.read_text()
    with pytest.raises(BuildError) as raised:
        check(taken, without_marks(program))
    each_line_is_refused(str(raised.value), "user.mts", program)


def test_the_readme_s_program_checks(taken: Path) -> None:
    """What people copy first."""
    text = README.read_text(encoding="utf-8")
    (program,) = re.findall(r"```ts\n(.*?)```", text, re.S)
    check(taken, program)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody else that has the npm package in its node_modules, and nothing more.

    Packed from a copy: packing makes files beside the source.
    """
    if not NODE_MODULES.exists():
        pytest.skip("no esbuild and tsc; run `make setup`")
    folder = tmp_path_factory.mktemp("project")
    copy = tmp_path_factory.mktemp("library") / "jspi"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("tests", "dist"))
    path = os.pathsep.join([str(NODE_MODULES / ".bin"), str(Path(js._node()).parent)])
    subprocess.run(
        [*npm_command(), "pack", "--silent", "--pack-destination", str(folder)],
        cwd=copy,
        env={**os.environ, "PATH": path + os.pathsep + os.environ["PATH"]},
        check=True,
        timeout=50,
    )
    (archive,) = folder.glob("jspi-polyfill-*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "unpacked", filter="data")
    (folder / "node_modules").mkdir()
    (folder / "unpacked" / "package").rename(folder / "node_modules" / "jspi-polyfill")
    return folder


def test_the_package_has_what_its_json_names(project: Path) -> None:
    package = project / "node_modules" / "jspi-polyfill"
    about = json.loads((package / "package.json").read_text())
    assert about["name"] == "jspi-polyfill" and about["license"] == "MIT"
    entry = about["exports"]["."]
    for name in (entry["types"], entry["default"], about["types"], *about["files"]):
        assert (package / name).exists(), name
    assert {path.name for path in package.iterdir()} == {
        *about["files"], "LICENSE", "README.md", "package.json",
    }  # fmt: skip


def test_the_package_is_used_by_its_name(project: Path, node: Node, taken: Path) -> None:
    program = project / "program.mjs"
    program.write_text(
        "import * as library from 'jspi-polyfill';\n"
        "console.log(JSON.stringify(Object.keys(library)));\n"
    )
    assert set(json.loads(node.run(program))) == exported_names(taken, node)
    check(project, GOOD.read_text().replace("./jspi-polyfill.mjs", "jspi-polyfill"))
