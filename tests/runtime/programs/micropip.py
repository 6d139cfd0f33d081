"""Programs of test_micropip.py."""

import json
from pathlib import Path


async def installs(base):
    import micropip
    from pyodide.http import pyfetch

    tag = "1.0-py3-none-any.whl"
    local = Path(f"/tmp/fromfile-{tag}")
    local.write_bytes(await (await pyfetch(f"{base}/fromfile-{tag}")).bytes())
    await micropip.install(f"emfs:{local}")
    await micropip.install(f"{base}/fromurl-{tag}")
    micropip.set_index_urls(base + "/simple/{package_name}/")
    await micropip.install("fromindex")  # needs fromlock, which the lock file has
    micropip.add_mock_package("mocked", "0.1", modules={"mocked_module": "x = 7"})
    import fromfile
    import fromindex
    import fromurl
    import mocked_module

    values = [fromfile.x, fromurl.x, fromindex.x, mocked_module.x]
    listed = {name: [one.version, one.source] for name, one in micropip.list().items()}
    try:
        await micropip.install("nosuch")
    except ValueError as error:
        missing = str(error).startswith("Can't fetch metadata for 'nosuch'")
    return json.dumps([values, listed, missing])


def freezes():
    import micropip
    import pyodide_js

    lock = json.loads(micropip.freeze())
    names = ["fromfile", "fromurl", "fromindex", "fromlock"]
    entries = {name: lock["packages"].get(name, {}) for name in names}
    found = {name: [one.get("file_name"), one.get("depends")] for name, one in entries.items()}
    loaded = {name: getattr(pyodide_js.loadedPackages, name) for name in names}
    return json.dumps([found, loaded, lock["info"]["abi_version"]])


async def uninstalls():
    import micropip

    micropip.uninstall(["fromfile", "fromurl"])
    micropip.remove_mock_package("mocked")
    gone = [name for name in ("fromfile", "fromurl", "mocked") if name in micropip.list()]
    return json.dumps([gone, Path("/lib/python3.13/site-packages/fromfile.py").exists()])
