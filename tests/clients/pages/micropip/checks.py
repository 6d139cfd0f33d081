"""What micropip is asked for inside the runtime; run_all() gives what each check found, as JSON."""

import importlib
import json
import sys


async def installs_from_an_index(base):
    import micropip

    micropip.set_index_urls(base + "/simple/{package_name}/")
    await micropip.install("snowballstemmer")
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord("waiting")


async def installs_by_address(base):
    import micropip

    await micropip.install(f"{base}/wheels/pure_eval-0.2.4-py3-none-any.whl")
    return importlib.import_module("pure_eval").__name__


async def installs_from_emfs(base):
    import micropip
    from pyodide.http import pyfetch

    wheel = "decorator-5.3.1-py3-none-any.whl"
    with open(f"/tmp/{wheel}", "wb") as file:
        file.write(await (await pyfetch(f"{base}/wheels/{wheel}")).bytes())
    await micropip.install(f"emfs:/tmp/{wheel}")
    return importlib.import_module("decorator").__version__


async def installs_what_the_lock_has(_):
    import micropip

    await micropip.install("six")
    return micropip.list()["six"].source


async def installs_requirements(_):
    import micropip

    await micropip.install("stack-data==0.6.3", keep_going=True)
    return [
        name in micropip.list() for name in ("stack-data", "asttokens", "executing", "pure-eval")
    ]


async def chooses_a_version(_):
    import micropip

    try:
        await micropip.install("comm>=1000")
    except ValueError as error:
        return str(error).split(".")[0]


async def lists(_):
    import micropip

    found = micropip.list()
    return [found[name].version for name in ("snowballstemmer", "pure-eval", "decorator")]


async def freezes(_):
    import micropip

    lock = json.loads(micropip.freeze())
    return [lock["packages"]["snowballstemmer"]["version"], lock["info"]["abi_version"]]


async def mocks(_):
    import micropip

    micropip.add_mock_package("mocked", "0.1", modules={"mocked_module": "x = 7"})
    import mocked_module

    listed = micropip.list_mock_packages()
    micropip.remove_mock_package("mocked")
    return [mocked_module.x, listed, micropip.list_mock_packages()]


async def uninstalls(_):
    import micropip

    micropip.uninstall("snowballstemmer")
    sys.modules.pop("snowballstemmer")
    try:
        importlib.import_module("snowballstemmer")
    except ModuleNotFoundError:
        return "snowballstemmer" in micropip.list()


async def transaction_without_dependencies(_):
    import micropip

    await micropip.install("jedi", deps=False)
    return ["jedi" in micropip.list(), "parso" in micropip.list()]


async def refuses_compiled_wheels(base):
    import micropip

    try:
        await micropip.install(f"{base}/wheels/fast-1.0-cp313-cp313-manylinux_2_17_x86_64.whl")
    except ValueError as error:
        return "compatible" in str(error)


CHECKS = (
    installs_from_an_index,
    installs_by_address,
    installs_from_emfs,
    installs_what_the_lock_has,
    installs_requirements,
    chooses_a_version,
    lists,
    freezes,
    mocks,
    uninstalls,
    transaction_without_dependencies,
    refuses_compiled_wheels,
)


async def run_all(base):
    """Each check's answer, or its exception; `base` has the wheels and the index."""
    told = {}
    for check in CHECKS:
        try:
            told[check.__name__] = await check(base)
        except Exception as error:
            told[check.__name__] = f"{type(error).__name__}: {error}"
    return json.dumps(told, default=str)
