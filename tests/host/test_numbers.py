"""Numbers that C and TypeScript share: what is made of a table, and that the tables stand alone.

A number that stands in two files changes in one of them sooner or later, and nothing says so before
a program goes wrong. So no file may give a value to a name that a table has, and where the value is
the C library's the build compares them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpython.build.bundle import javascript, numbers
from cpython.build.bundle.numbers import GENERATED, PROJECT, c_header, comparison, parse, typescript
from cpython.build.engine.errors import BuildError

TABLE = """
c_prefix = "SOSPESO_"

[outcome]
about = "Outcomes of a wait."
CANNOT_WAIT = [-1, "nothing was suspended"]
NOTIFIED = 0

[key]
about = "Kinds of keys."
each = "next"
KEY_TIME = "plain time"
KEY_SLICE = ""

[flag]
about = "Flags."
each = "bit"
FLAG_ONE = ""
FLAG_TWO = ""
FLAG_FOUR = ""

[top]
about = "The sign bit."
FLAG_TOP = 0x8000_0000
"""
LIBRARY = """
[errno]
about = "Error numbers."
headers = ["errno.h"]
object = "ERRNO"
EAGAIN = 6

[poll]
about = "poll()."
headers = ["poll.h"]
POLLIN = 1
POLLFD_SIZE = { number = 8, is = "sizeof(struct pollfd)" }
EPOLLET = 0x8000_0000
"""


def test_c_gets_enums_with_the_prefix_and_the_comments() -> None:
    text = c_header(parse("jspi/numbers.toml", TABLE))
    assert "#ifndef SOSPESO_JSPI_NUMBERS_H\n#define SOSPESO_JSPI_NUMBERS_H\n" in text
    assert (
        "/* Outcomes of a wait. */\n"
        "enum {\n"
        "    SOSPESO_CANNOT_WAIT = -1, /* nothing was suspended */\n"
        "    SOSPESO_NOTIFIED = 0,\n"
        "};\n"
    ) in text


def test_typescript_gets_constants_with_the_comments() -> None:
    text = typescript(parse("jspi/numbers.toml", TABLE))
    assert (
        "// Outcomes of a wait.\n"
        "/** nothing was suspended */\n"
        "export const CANNOT_WAIT = -1;\n"
        "export const NOTIFIED = 0;\n"
    ) in text


def constants(text: str) -> dict[str, int]:
    """The constants of a generated TypeScript module."""
    found = re.findall(r"^export const (\w+) = (-?\d+);$", text, re.MULTILINE)
    return {name: int(value) for name, value in found}


def test_a_group_is_numbered_in_order_or_by_bits() -> None:
    found = constants(typescript(parse("jspi/numbers.toml", TABLE)))
    assert [found[name] for name in ("KEY_TIME", "KEY_SLICE")] == [0, 1]
    assert [found[name] for name in ("FLAG_ONE", "FLAG_TWO", "FLAG_FOUR")] == [1, 2, 4]


def test_the_sign_bit_is_unsigned_in_c_and_negative_in_typescript() -> None:
    table = parse("jspi/numbers.toml", TABLE)
    assert "#define SOSPESO_FLAG_TOP 0x80000000u\n" in c_header(table)
    assert constants(typescript(table))["FLAG_TOP"] == -(2**31)


def test_numbers_of_the_c_library_are_compared_and_not_defined_in_c() -> None:
    table = parse("polyfills/numbers.toml", LIBRARY)
    assert "EAGAIN" not in c_header(table)
    text = comparison(table)
    assert "#include <errno.h>\n#include <poll.h>\n" in text
    assert '_Static_assert((EAGAIN) == 6, "' in text
    assert '_Static_assert((sizeof(struct pollfd)) == 8, "' in text
    assert '_Static_assert((EPOLLET) == 0x80000000u, "' in text


def test_a_table_of_our_own_numbers_has_nothing_to_compare() -> None:
    assert comparison(parse("jspi/numbers.toml", TABLE)) == ""


def test_an_object_holds_its_numbers_and_comes_last() -> None:
    """esbuild put no constant in the place of its name that stood behind an object."""
    text = typescript(parse("polyfills/numbers.toml", LIBRARY))
    assert "export const ERRNO = {\n  EAGAIN: 6,\n} as const;\n" in text
    assert text.index("POLLIN") < text.index("ERRNO")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = ", "not TOML"),
        ("A = 1", "outside of a group"),
        ("c_prefix = 1", "c_prefix is a string"),
        ('[g]\nabout = "a"', "needs numbers"),
        ("[g]\nA = 1", "needs numbers and `about`"),
        ('[g]\nabout = "a"\neach = "third"\nA = 1', "`each` is"),
        ('[g]\nabout = "a"\nA = 1\nlower = 2', "not known: lower"),
        ('[g]\nabout = "a"\nA = "no each"', "not how a number is written"),
        ('[g]\nabout = "a"\neach = "next"\nA = 1', "not how a number is written"),
        ('[g]\nabout = "a"\nA = { number = 1, is = "B" }', "not how a number is written"),
        ('[g]\nabout = "a"\nA = 0x1_0000_0000', "no number of 32 bits"),
        ('[g]\nabout = "a"\nA = true', "no number of 32 bits"),
        ('[g]\nabout = "a"\nA = [1.5, "b"]', "no number of 32 bits"),
        ('[g]\nabout = "a"\nA = [1, "b */"]', "ends the comments"),
    ],
)
def test_a_wrong_table_is_refused_by_its_name(text: str, told: str) -> None:
    with pytest.raises(BuildError, match=re.escape(told)) as caught:
        parse("ffi/numbers.toml", text)
    assert str(caught.value).startswith("ffi/numbers.toml: ")


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in (("jspi", TABLE), ("polyfills", LIBRARY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "numbers.toml").write_text(text)
    return tmp_path


def names_below(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_each_table_becomes_files_at_its_own_place(project: Path) -> None:
    numbers.generate(project)
    assert names_below(project / GENERATED) == {
        "jspi/numbers.h",
        "jspi/numbers.ts",
        "polyfills/numbers.h",
        "polyfills/numbers.ts",
        "polyfills/numbers_compared.h",
    }


def test_only_what_changed_is_written(project: Path) -> None:
    assert len(numbers.generate(project)) == 5
    assert numbers.generate(project) == []
    table = project / "jspi/numbers.toml"
    table.write_text(table.read_text().replace("NOTIFIED = 0", "NOTIFIED = 7"))
    assert [file.name for file in numbers.generate(project)] == ["numbers.h", "numbers.ts"]
    assert "NOTIFIED = 7" in (project / GENERATED / "jspi/numbers.ts").read_text()


def test_what_was_made_of_a_table_that_is_gone_goes_too(project: Path) -> None:
    """It would be found by this checkout's files, and by no other's."""
    numbers.generate(project)
    (project / "polyfills/numbers.toml").unlink()
    assert len(numbers.generate(project)) == 3
    assert names_below(project / GENERATED) == {"jspi/numbers.h", "jspi/numbers.ts"}


def test_a_name_is_in_one_table_only(project: Path) -> None:
    (project / "ffi").mkdir()
    (project / "ffi/numbers.toml").write_text('[g]\nabout = "a"\nPOLLIN = 2\n')
    with pytest.raises(BuildError, match=r"POLLIN is in ffi/numbers\.toml already"):
        numbers.generate(project)


@pytest.mark.parametrize("reads", ["typecheck", "bundle_one", "emit_types"])
def test_whoever_reads_the_typescript_generates_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: str
) -> None:
    """`make lint` and the tests work in a checkout in which nothing was built."""
    called = []

    def tool(name: str, *_: str) -> None:
        called.append(name)
        raise BuildError("enough", "")

    monkeypatch.setattr(numbers, "generate", lambda: called.append("generate"))
    monkeypatch.setattr(javascript, "_tool", tool)
    arguments = {"typecheck": (), "bundle_one": ("sospeso.mjs", tmp_path, "dev")}
    with pytest.raises(BuildError, match="enough"):
        getattr(javascript, reads)(*arguments.get(reads, (tmp_path,)))
    assert called[0] == "generate" and len(called) == 2


# --- the project's tables -------------------------------------------------------------------------

SOURCES = ("ffi", "jspi", "polyfills", "runtime", "asyncio_bridge", "console")
# A library of its own, which people copy as one file: what it shares is Binaryen's.
ALONE = PROJECT / "polyfills/jspi"


def sources(*suffixes: str) -> list[Path]:
    folders = [PROJECT / name for name in (*SOURCES, "cpython/embed")]
    files = [file for folder in folders for file in sorted(folder.rglob("*"))]
    return [file for file in files if file.suffix in suffixes and ALONE not in file.parents]


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)


def defined(file: Path, text: str) -> set[str]:
    """The names in capitals to which a file of C, TypeScript or Python gives a value."""
    if file.suffix == ".py":
        return set(re.findall(r"^_?([A-Z][A-Z0-9_]*)\b[^=\n]*=", text, re.MULTILINE))
    code = without_comments(text)
    if file.suffix == ".ts":
        constants = re.findall(r"\b(?:const|let|var) ([A-Z][A-Z0-9_]*)\b", code)
        return {*constants, *re.findall(r"\b([A-Z][A-Z0-9_]*): -?\d", code)}
    macros = re.findall(r"^\s*#\s*define\s+([A-Z][A-Z0-9_]*)", code, re.MULTILINE)
    enums = re.findall(r"\benum\b[^{;]*\{([^}]*)\}", code)
    return {*macros, *re.findall(r"\b([A-Z][A-Z0-9_]*)\b\s*(?:=|,|$)", " ".join(enums))}


def test_no_file_gives_a_value_to_a_number_of_a_table() -> None:
    tables = numbers.read(PROJECT)
    ours = {name: table.path for table in tables for name in table.names()}
    ours |= {f"{table.c_prefix}{name}": table.path for table in tables for name in table.names()}
    again = {
        str(file.relative_to(PROJECT)): names
        for file in sources(".c", ".h", ".ts", ".py")
        if (names := defined(file, file.read_text(encoding="utf-8")) & ours.keys())
    }
    assert not again, "import or include it: see cpython/build/bundle/numbers.py"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.ts", "export const SLOT_INT = 3; // const SLOT_JS = 8;", {"SLOT_INT"}),
        ("a.ts", "const signals = { SIGINT: 2, SIGQUIT: 3 };", {"SIGINT", "SIGQUIT"}),
        ("a.c", "#define EWAIT 203\n# define POLLIN 1\n", {"EWAIT", "POLLIN"}),
        ("a.h", "typedef enum { A = 1, /* B = 2, */ C } kind;", {"A", "C"}),
        ("a.py", "_POLLIN, _POLLOUT = 1, 4\nPAIR: int = 2\n", {"POLLIN", "PAIR"}),
    ],
)
def test_the_check_sees_values(name: str, text: str, found: set[str]) -> None:
    assert defined(Path(name), text) == found


# In C and TypeScript alike, up to the folder whose table it is.
USED = re.compile(rf'"[./]*{GENERATED}/((\w+)/[^"]*)"')


def test_every_comparison_with_the_c_library_is_compiled() -> None:
    compared = {
        table.path.replace(".toml", "_compared.h")
        for table in numbers.read(PROJECT)
        if comparison(table)
    }
    included = {
        name
        for file in sources(".c")
        for name, _ in USED.findall(file.read_text(encoding="utf-8"))
        if name.endswith("_compared.h")
    }
    assert compared == included != set()
