# Answers for configure, asked of the compiler all at once instead of one by one.
# configure links some 280 little programs to learn which functions there are, and compiles some 120
# to learn which headers: two minutes of a first build. The same questions fit into one link and one
# call of the compiler. What the answers say goes into configure's cache file before it starts; what
# cannot be asked this way configure asks itself. Called by interpreter.py.
"""Fills configure's cache file beforehand."""

from __future__ import annotations

import re
from pathlib import Path

from ..engine.errors import BuildError
from ..engine.step import Context

# Sizes of the wasm32 ABI (tool-conventions, BasicCABI.md) and of musl's types; the compiler has to
# agree, or none of them is used.
SIZES = {
    "_Bool": 1,
    "short": 2,
    "int": 4,
    "long": 4,
    "long long": 8,
    "float": 4,
    "double": 8,
    "long double": 16,
    "void *": 4,
    "size_t": 4,
    "uintptr_t": 4,
    "wchar_t": 4,
    "off_t": 8,
    "time_t": 8,
    "pid_t": 4,
    "fpos_t": 16,
    "pthread_t": 4,
    "pthread_key_t": 4,
}
ALIGNMENTS = {"long": 4, "size_t": 4, "max_align_t": 8}

# What autoconf includes by default, where all of it exists.
INCLUDES = "".join(
    f"#include <{name}>\n"
    for name in (
        *("stddef.h", "stdio.h", "stdlib.h", "string.h", "inttypes.h", "stdint.h", "strings.h"),
        *("sys/types.h", "sys/stat.h", "unistd.h"),
    )
)


def answers(context: Context, configure: Path, flags: list[str], known: str) -> str:
    """Lines for configure's cache file.

    Args:
        context: of the step that configures.
        configure: the script whose questions are answered.
        flags: the compiler's, as configure passes them.
        known: contents of a site file; what it answers is not asked.
    """
    script = configure.read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for ask in (_functions, _headers, _sizes):
        found |= ask(context, script, flags, known)
    return "".join(f"{name}=${{{name}={value}}}\n" for name, value in sorted(found.items()))


def _questions(script: str, kind: str, rest: str, known: str) -> dict[str, str]:
    """Variable -> what is asked for, of the plain calls of one of configure's functions."""
    pattern = rf'{kind} "\$LINENO" "([\w./]+)" "(ac_cv_\w+)"{rest}$'
    asked = {match[2]: match[1] for match in re.finditer(pattern, script, re.MULTILINE)}
    decided = re.compile(r"^\s*(ac_cv_\w+)=", re.MULTILINE)  # by the site, or by the script itself
    answered = {*decided.findall(known), *decided.findall(script)}
    return {variable: what for variable, what in asked.items() if variable not in answered}


def _functions(context: Context, script: str, flags: list[str], known: str) -> dict[str, str]:
    asked = _questions(script, "ac_fn_c_check_func", "", known)
    names = sorted(set(asked.values()))
    source = context.tmp / "functions.c"
    # Declared as autoconf does; a builtin of another type is a warning.
    declared = "".join(f"char {name}(void);\n" for name in names)
    called = "".join(f"  n += {name}();\n" for name in names)
    source.write_text(f"{declared}int main(void) {{\n  int n = 0;\n{called}  return n;\n}}\n")
    told = context.tmp / "functions.txt"
    lenient = "-fno-builtin -Wno-incompatible-library-redeclaration"
    lenient += " -sERROR_ON_UNDEFINED_SYMBOLS=0 -Wl,--no-check-features"
    try:
        context.script(
            f"emcc {' '.join(flags)} {lenient} {source} -o {context.tmp}/functions.js 2> {told}"
        )
    except BuildError as error:
        context.note(f"configure asks for functions itself: {error.cause[-200:]}")
        return {}
    text = told.read_text(encoding="utf-8", errors="replace")
    missing = set(re.findall(r"undefined symbol: (\w+)", text))
    if not missing & set(names) or missing >= set(names):
        return {}  # not understood
    return {variable: "no" if name in missing else "yes" for variable, name in asked.items()}


def _headers(context: Context, script: str, flags: list[str], known: str) -> dict[str, str]:
    rest = re.escape(' "$ac_includes_default"')
    asked = _questions(script, "ac_fn_c_check_header_compile", rest, known)
    folder = context.tmp / "headers"
    folder.mkdir(exist_ok=True)
    files = {variable: folder / f"{variable}.c" for variable in asked}
    for variable, file in files.items():
        file.write_text(f"{INCLUDES}#include <{asked[variable]}>\n")
    told = context.tmp / "headers.txt"
    call = f"emcc {' '.join(flags)} -D_GNU_SOURCE=1 -w -fsyntax-only *.c"
    # Each that fails is named; the exit status only says that some do.
    context.script(f"cd {folder}; {call} 2> {told} || true")
    text = told.read_text(encoding="utf-8", errors="replace")
    broken = set(re.findall(r"^(?:In file included from )?(ac_cv_\w+)\.c:\d+", text, re.MULTILINE))
    if not broken or broken >= set(files):
        return {}  # not understood
    return {variable: "no" if variable in broken else "yes" for variable in files}


def _sizes(context: Context, script: str, flags: list[str], known: str) -> dict[str, str]:
    source = context.tmp / "sizes.c"
    asserts = [f"sizeof({name}) == {size}" for name, size in SIZES.items()]
    asserts += [f"_Alignof({name}) == {size}" for name, size in ALIGNMENTS.items()]
    more = "".join(f"#include <{name}.h>\n" for name in ("pthread", "time", "wchar"))
    text = "".join(f'_Static_assert({what}, "{what}");\n' for what in asserts)
    source.write_text(f"{INCLUDES}{more}{text}")
    try:
        context.run(["emcc", *flags, "-fsyntax-only", source])
    except BuildError as error:
        context.note(f"configure asks for sizes itself: {error.cause[-200:]}")
        return {}

    def variable(kind: str, name: str) -> str:
        return f"ac_cv_{kind}_{name.replace('*', 'p').replace(' ', '_')}"

    found = {variable("sizeof", name): str(size) for name, size in SIZES.items()}
    found |= {variable("alignof", name): str(size) for name, size in ALIGNMENTS.items()}
    return {name: value for name, value in found.items() if f"{name}" in script}
