# Installs what a script asks for, before it runs: `sospeso run --with` and the header of PEP 723.
# Bundled as text by esbuild; requirements.ts executes it in a namespace of its own and calls
# prepare(). micropip does the work. Nothing of this is read when a program asks for nothing.

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The regular expression of PEP 723, for blocks of the type "script".
_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


class Refused(Exception):
    """What is asked for cannot be had; the text is for the person at the command line."""


def read_header(source: str) -> "dict[str, Any]":
    """The table in a script's header; {} where there is none.

    Raises:
        Refused: there are two, or it is no TOML, or has values of other types.
    """
    found = list(_BLOCK.finditer(source.replace("\r\n", "\n")))
    if not found:
        return {}
    if len(found) > 1:
        raise Refused("the script has two headers `# /// script`; it may have one")
    import tomllib

    lines = found[0]["content"].splitlines()
    text = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"the script's header `# /// script` is no TOML: {error}") from None
    wanted = table.get("dependencies", [])
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise Refused("the script's header: dependencies is a list of strings")
    if not isinstance(table.get("requires-python", ""), str):
        raise Refused("the script's header: requires-python is a string")
    return table


async def prepare(source: str, requirements: "list[str]", indexes: "list[str]") -> str:
    """Install what the header of a script and the command line name.

    Args:
        source: the script's text, or "".
        requirements: as in PEP 508.
        indexes: addresses of package indexes, or "PYPI", the first one that has a package gives it.

    Returns:
        JSON: {"lock": a lock file or null, "names": the packages of it that were installed}.

    Raises:
        Refused: this is not the Python for it, or something cannot be installed.
    """
    import json

    header = read_header(source)
    if python := header.get("requires-python"):
        _check_python(python)
    wanted = [*header.get("dependencies", []), *requirements]
    if not wanted:
        return json.dumps({"lock": None, "names": []})
    import micropip

    output, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]
    try:  # loadPackage() tells there what it does, and stdout belongs to the program
        await micropip.install(wanted, index_urls=indexes)
    except Exception as error:
        raise Refused(await _explain(error, wanted, indexes)) from error
    finally:
        sys.__stdout__ = output  # type: ignore[misc]
    import pyodide_js

    lock = json.loads(micropip.freeze())
    packages = lock["packages"]
    own = set(pyodide_js.lockfile.packages.to_py())
    loaded = pyodide_js.loadedPackages.to_py()
    names = [key for key in packages if key not in own or packages[key]["name"] in loaded]
    for name in names:
        # All of them are named: none has to bring another one, by whatever name.
        packages[name]["depends"] = []
    return json.dumps({"lock": lock, "names": names})


def _check_python(wanted: str) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    version = ".".join(map(str, sys.version_info[:3]))
    try:
        fits = SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier as error:
        raise Refused(f"the script's header: requires-python: {error}") from None
    if not fits:
        raise Refused(f"the script wants Python {wanted}, this is Python {version}")


async def _explain(error: Exception, wanted: "list[str]", indexes: "list[str]") -> str:
    """What went wrong, and what to do about it."""
    text = str(error).strip()
    what = f"cannot install {', '.join(one or repr(one) for one in wanted)}: "
    if type(error).__name__ == "InvalidRequirement":  # micropip has a copy of packaging of its own
        return (
            f"{what}{text}\nWanted is a name, as in 'requests<3', or the address of a wheel "
            "(.whl); what is no wheel has to be made one before"
        )
    if found := re.match(r"Can't find a pure Python 3 wheel for:? '([^']*)'", text):
        return (
            f"{what}no wheel of {found[1]} fits: wanted is one that is pure Python "
            "(py3-none-any) or built for Pyodide 0.29, and there is none for what is asked"
        )
    if found := re.match(r"Can't fetch metadata for '([^']*)'", text):
        told = [await _ask(index, found[1]) for index in indexes]
        if not told:
            told = ["There is no index: PIP_INDEX_URL names none that begins with http"]
        return f"{what}{found[1]} was not found. {'. '.join(told)}"
    return what + text


async def _ask(index: str, name: str) -> str:
    """What an index says of a package that was not found there."""
    from pyodide.http import pyfetch

    if index == "PYPI":
        from micropip.package_index import PYPI_URL as index
    address = index.format(package_name=name) if "{" in index else f"{index}/{name}/"
    try:
        response = await pyfetch(address)
    except Exception as error:
        return f"{index} cannot be reached: {error}. Check the network, and PIP_INDEX_URL"
    if response.status == 404:
        return f"{index} has no package of that name"
    return f"{index} answers {response.status} {response.status_text}"
