"""The methods of the `pyodide` object, as Pyodide's users know them."""

from __future__ import annotations

import asyncio
from typing import Any

# What 1a to 1d of Pyodide's documented surface name, and what this project adds.
MEMBERS = [
    "ERRNO_CODES",
    "FS",
    "PATH",
    "checkInterrupt",
    "core",
    "destroy",
    "ffi",
    "ffiStats",
    "globals",
    "interrupt",
    "mountNativeFS",
    "mountNodeFS",
    "pyimport",
    "pyodide_py",
    "registerJsModule",
    "runPython",
    "runPythonAsync",
    "setDebug",
    "setInterruptBuffer",
    "setStderr",
    "setStdin",
    "setStdout",
    "stats",
    "toPy",
    "unpackArchive",
    "unregisterJsModule",
    "version",
]
CLASSES = [
    "PyAsyncGenerator",
    "PyAsyncIterable",
    "PyAsyncIterator",
    "PyAwaitable",
    "PyBuffer",
    "PyBufferView",
    "PyCallable",
    "PyDict",
    "PyGenerator",
    "PyIterable",
    "PyIterator",
    "PyMutableSequence",
    "PyProxy",
    "PyProxyWithGet",
    "PyProxyWithHas",
    "PyProxyWithLength",
    "PyProxyWithSet",
    "PySequence",
    "PythonError",
]


async def test_every_documented_member_is_there(runtime: Any) -> None:
    missing = await runtime.js(f"""
        const names = "{" ".join(MEMBERS)}".split(" ");
        const classes = "{" ".join(CLASSES)}".split(" ");
        return [...names.filter((name) => !(name in pyodide)),
                ...classes.filter((name) => typeof pyodide.ffi[name] !== "function")].join();
    """)
    assert missing == ""


async def test_results_of_every_kind_come_back(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const list = pyodide.runPython("[1, 'a', None]");
        const f = pyodide.runPython("lambda a, b=2: a + b");
        const out = [list instanceof pyodide.ffi.PyProxy, list.length, list.get(1), f(1), f(1, 5)];
        list.destroy(); f.destroy();
        return JSON.stringify(out);
    """)
        == '[true,3,"a",3,6]'
    )


async def test_a_javascript_object_comes_back_as_itself(runtime: Any) -> None:
    assert await runtime.js("""
        const object = { a: 1 };
        const names = pyodide.toPy({});
        names.set("object", object);
        const back = pyodide.runPython("object", { globals: names });
        names.destroy();
        return back === object;
    """)


async def test_globals_find_builtins_and_names(runtime: Any) -> None:
    assert (
        await runtime.js("""
        pyodide.runPython("answer = 42");
        const { globals } = pyodide;
        const max = globals.get("max");
        const out = [globals.get("answer"), globals.has("answer"), globals.has("max"), max(1, 3),
                     globals.has("no_such_name"), globals.get("no_such_name") === undefined];
        max.destroy();
        globals.delete("answer");
        out.push(globals.has("answer"), globals === pyodide.globals);
        return JSON.stringify(out);
    """)
        == "[42,true,true,3,false,true,false,true]"
    )


async def test_globals_are_accepted_as_a_namespace(runtime: Any) -> None:
    assert (
        await runtime.js("""
        pyodide.globals.set("number", 20);
        const sum = pyodide.runPython("number + 1", { globals: pyodide.globals });
        pyodide.globals.delete("number");
        return sum;
    """)
        == 21
    )


async def test_pyimport_gives_modules_and_attributes(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const join = pyodide.pyimport("os.path.join");
        const path = pyodide.pyimport("os.path");
        const math = pyodide.pyimport("math");
        const out = [join("a", "b"), path.basename("c/d"), math.sqrt(16), pyodide.globals.has("math")];
        for (const proxy of [join, path, math]) proxy.destroy();
        for (const name of ["no_such_module", "math.no_such_name"]) {
          try { pyodide.pyimport(name); } catch (error) { out.push(error.type); }
        }
        return JSON.stringify(out);
    """)
        == '["a/b","d",4,false,"ModuleNotFoundError","AttributeError"]'
    )


async def test_a_registered_object_is_a_module(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const mod = { f: (x) => x * x, c: 2, sub: { g: () => "deep", inner: { n: 1 } } };
        pyodide.registerJsModule("my_js_module", mod);
        const value = pyodide.runPython(`
        import my_js_module
        from my_js_module import f, c
        from my_js_module.sub import g
        import my_js_module.sub.inner as inner
        from pyodide.ffi import JsProxy
        import sys
        result = [f(3), c, g(), inner.n, isinstance(my_js_module, JsProxy),
                  my_js_module.__name__, "my_js_module.sub" in sys.modules]
        del my_js_module, f, c, g, inner, JsProxy
        import json
        json.dumps(result)`);
        pyodide.unregisterJsModule("my_js_module");
        let gone;
        try { pyodide.runPython("import my_js_module.sub"); } catch (error) { gone = error.type; }
        let unknown;
        try { pyodide.unregisterJsModule("my_js_module"); } catch (error) { unknown = error.type; }
        return [value, gone, unknown, Object.keys(mod)].join("|");
    """)
        == '[9, 2, "deep", 1, true, "my_js_module", true]|ModuleNotFoundError|ValueError|f,c,sub'
    )


async def test_a_member_that_is_no_object_is_no_submodule(runtime: Any) -> None:
    message = await runtime.js("""
        pyodide.registerJsModule("flat", { number: 5 });
        try {
          pyodide.runPython("import flat.number");
        } catch (error) {
          return error.message.trim().split("\\n").at(-1);
        } finally {
          pyodide.unregisterJsModule("flat");
        }
    """)
    assert message == (
        "ModuleNotFoundError: No module named 'flat.number': "
        "the JavaScript module 'flat' has no object 'number'"
    )
    await runtime.run("import sys; del sys.last_exc")


async def test_an_es_module_is_a_module(runtime: Any) -> None:
    """Nothing can be assigned to its namespace, which is what importing a submodule tries to do."""
    assert (
        await runtime.js("""
        const source = "export const sub = { n: 1 }; export function f() { return 7; } export const _private = 0;";
        const mod = await import(`data:text/javascript,${encodeURIComponent(source)}`);
        pyodide.registerJsModule("es", mod);
        const names = pyodide.toPy({});
        const text = pyodide.runPython(`
        from es import *
        from es.sub import n
        import es.sub
        found = [f(), n, es.sub.n, "_private" in globals(), es.__all__]
        del es
        str(found)
        `, { globals: names });
        names.destroy();
        pyodide.unregisterJsModule("es");
        return text;
    """)
        == "[7, 1, 1, False, ['f', 'sub']]"
    )


async def test_wrong_modules_are_refused(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const told = [];
        for (const args of [["", {}], ["a..b", {}], ["a", 5], ["a", null], [5, {}]]) {
          try { pyodide.registerJsModule(...args); } catch (error) { told.push(error.name); }
        }
        return told.join();
    """)
        == "TypeError,TypeError,TypeError,TypeError,TypeError"
    )


async def test_js_is_the_global_object(runtime: Any) -> None:
    assert (
        await runtime.value("""
import js
from js import Object, JSON
parts = [js.Math.max(1, 7), JSON.stringify(Object.new()), js.globalThis == js, js.__name__]
del js, Object, JSON
str(parts)
""")
        == "[7, '{}', True, 'js']"
    )
    assert (
        await runtime.js("return Object.keys(globalThis).some((key) => key.startsWith('__path'))")
        is False
    )


async def test_pyodide_js_is_the_public_object(runtime: Any) -> None:
    assert await runtime.js("""
        return pyodide.runPython("import pyodide_js\\npyodide_js.version") === pyodide.version
          && pyodide.runPython("import pyodide\\npyodide.__version__") === pyodide.version
          && pyodide.runPython("pyodide_js.runPython('1 + 1')") === 2
          && pyodide.runPython("pyodide_js") === pyodide;
    """)


async def test_pyodide_py_is_the_package(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const name = pyodide.pyodide_py.__name__;
        const out = [name, pyodide.pyodide_py === pyodide.pyodide_py];
        pyodide.pyodide_py.destroy();
        out.push(pyodide.pyodide_py.__name__); // a new one
        pyodide.pyodide_py.destroy();
        return out.join();
    """)
        == "pyodide,true,pyodide"
    )


async def test_starting_imports_nothing_of_the_package(runtime: Any) -> None:
    assert await runtime.value("""
import sys
[name for name in sys.modules if name.split(".")[0] in ("pyodide", "js", "pyodide_js", "asyncio")] == []
""")


async def test_to_py_converts_deeply(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const names = pyodide.toPy({ data: { a: [1, { b: null }], m: new Map([[1, 2]]) } });
        const text = pyodide.runPython("repr(data)", { globals: names });
        names.destroy();
        return [text, pyodide.toPy(5), pyodide.toPy("s")].join("|");
    """)
        == "{'a': [1, {'b': jsnull}], 'm': {1: 2}}|5|s"
    )


async def test_set_debug_gives_what_was_set_before(runtime: Any) -> None:
    assert (
        await runtime.js(
            "return [pyodide.setDebug(true), pyodide.setDebug(false), pyodide.setDebug(false)].join()"
        )
        == "false,true,false"
    )


async def test_an_archive_is_unpacked(runtime: Any) -> None:
    """Each format by the name shutil has for it, by a file name's ending, and "wheel"."""
    found = await runtime.js("""
        pyodide.runPython(`
        import os, shutil
        os.makedirs("/tmp/made/inner")
        open("/tmp/made/inner/file.txt", "w").write("content")
        for kind in ("zip", "gztar", "tar"):
            shutil.make_archive("/tmp/made-" + kind, kind, "/tmp/made")`);
        const files = { zip: ["zip", "wheel", ".whl"], gztar: ["gztar", ".tar.gz", "tgz"], tar: ["tar"] };
        const out = [];
        for (const [kind, names] of Object.entries(files)) {
          const path = `/tmp/made-${kind}.${{ zip: "zip", gztar: "tar.gz", tar: "tar" }[kind]}`;
          for (const name of names) {
            const extractDir = `/tmp/to-${name}`;
            pyodide.unpackArchive(pyodide.FS.readFile(path), name, { extractDir });
            out.push(pyodide.FS.readFile(`${extractDir}/inner/file.txt`, { encoding: "utf8" }));
          }
        }
        try { pyodide.unpackArchive(new ArrayBuffer(4), "zip"); } catch (error) { out.push(error.type); }
        try { pyodide.unpackArchive("text", "zip"); } catch (error) { out.push(error.name); }
        return out.join();
    """)
    assert found == ",".join(["content"] * 7 + ["ReadError", "TypeError"])


async def test_a_buffer_interrupts_what_computes_and_what_waits(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const buffer = new Uint8Array(1);
        pyodide.setInterruptBuffer(buffer);
        const out = [];
        buffer[0] = 2;
        try { pyodide.runPython("while True: pass"); } catch (error) { out.push(error.type, buffer[0]); }
        const computing = failure(pyodide.runPythonAsync("while True: pass"));
        await later(20);
        buffer[0] = 2;
        out.push((await computing).type);
        const waiting = failure(pyodide.runPythonAsync("import time; time.sleep(1000)"));
        await later(20);
        buffer[0] = 2;
        out.push((await waiting).type);
        pyodide.setInterruptBuffer(undefined);
        buffer[0] = 2;
        out.push(pyodide.runPython("sum(range(100000))"), buffer[0]);
        return JSON.stringify(out);
    """)
        == '["KeyboardInterrupt",0,"KeyboardInterrupt","KeyboardInterrupt",4999950000,2]'
    )
    await runtime.run("import sys; del sys.last_exc")


async def test_javascript_that_takes_long_can_check_for_interrupts(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const buffer = new Int32Array(1);
        pyodide.setInterruptBuffer(buffer);
        pyodide.checkInterrupt();
        const names = pyodide.toPy({});
        names.set("busy", () => { buffer[0] = 2; pyodide.checkInterrupt(); });
        let type = "none";
        try { pyodide.runPython("busy()", { globals: names }); } catch (error) { type = error.type; }
        names.destroy();
        pyodide.setInterruptBuffer(undefined);
        return [type, buffer[0]].join();
    """)
        == "KeyboardInterrupt,0"
    )
    await runtime.run("import sys; del sys.last_exc")


async def test_an_output_handler_can_check_for_interrupts(runtime: Any) -> None:
    """No exception can pass a system call: the call fails, and Python raises."""
    assert (
        await runtime.js("""
        const buffer = new Int32Array(1);
        let written = 0;
        pyodide.setInterruptBuffer(buffer);
        pyodide.setStdout({ write(bytes) {
          if (written++ === 2) buffer[0] = 2;
          pyodide.checkInterrupt();
          return bytes.length;
        } });
        const types = [];
        for (const run of ["runPython", "runPythonAsync"]) {
          written = 0;
          try { await pyodide[run]("while True: print('line')"); } catch (error) { types.push(error.type); }
          types.push(written, buffer[0]);
        }
        pyodide.setInterruptBuffer(undefined);
        pyodide.setStdout({ write: (bytes) => bytes.length });
        return types.join();
    """)
        == "KeyboardInterrupt,3,0,KeyboardInterrupt,3,0"
    )
    await runtime.run("import sys; del sys.last_exc")


async def test_python_below_javascript_below_python_runs(runtime: Any) -> None:
    """runPython() from a function that Python has called; what it raises comes through both."""
    assert await runtime.js("""
        const names = pyodide.toPy({ found: [] });
        names.set("call", (code) => pyodide.runPython(code, { globals: names }));
        for (const run of ["runPython", "runPythonAsync"]) {
          await pyodide[run](`
          found.append(call("1 + 1"))
          try:
              call("1 / 0")
          except ZeroDivisionError as error:
              found.append(type(error).__name__)
          try:
              call("import time; time.sleep(0.001); 5")
          except RuntimeError as error:
              found.append(str(error).split(":")[0])
          `, { globals: names });
        }
        const text = pyodide.runPython("str(found)", { globals: names });
        names.destroy();
        return text;
    """) == str([2, "ZeroDivisionError"] * 2)


async def test_a_wrong_interrupt_buffer_is_refused(runtime: Any) -> None:
    assert (
        await runtime.js(
            "try { pyodide.setInterruptBuffer([2]); } catch (error) { return error.name; }"
        )
        == "TypeError"
    )


async def test_options_that_cannot_be_met_are_told(hosts: Any) -> None:
    host = hosts["node"]
    for options, words in (
        ({"packages": ["numpy"]}, "No known package with name"),
        ({"lockFileURL": "a", "lockFileContents": "{}"}, "Can't pass both"),
        ({"jsglobals": 5}, "jsglobals is an object"),
    ):
        try:
            await host.ask("load", dist=host.dist, core="jspi", options=options)
        except RuntimeError as error:
            assert words in str(error)
        else:
            raise AssertionError(f"{options} was accepted")


async def test_options_of_older_versions_do_what_they_say(hosts: Any) -> None:
    host = hosts["node"]
    options = {
        "convertNullToNone": True,
        "fullStdLib": False,
        "packages": [],
        "enableRunUntilComplete": False,
    }
    loaded = await host.ask("load", dist=host.dist, core="jspi", options=options)
    code = """
        pyodide.globals.set("value", null);
        const none = pyodide.runPython("value is None");
        const kind = await pyodide.runPythonAsync(`
        import asyncio
        task = asyncio.get_event_loop().run_until_complete(asyncio.sleep(0))
        type(task).__name__`);
        return [none, kind].join();
    """
    got = await host.ask("script", id=loaded["id"], code=code)
    assert got["error"] is None, got["error"]
    assert got["value"] == {"value": "true,PyodideTask"}
    await asyncio.sleep(0)
    await host.ask("destroy", id=loaded["id"])


async def test_options_of_older_versions_change_conversions(hosts: Any) -> None:
    host = hosts["node"]
    options = {"toJsLiteralMap": True, "pyproxyToStringRepr": True}
    loaded = await host.ask("load", dist=host.dist, core="jspi", options=options)
    code = """
        const proxy = pyodide.runPython("{'a': 1, 'inner': {'b': [2]}, 'size': 3, 4: 5}");
        const map = proxy.toJs();
        const seen = [map instanceof Map, map.get("a"), map.a, map.inner.b[0], map.size, map.get("size"), map.get(4)];
        map.z = 9;
        seen.push(map.get("z"), "z" in map, delete map.z, map.has("z"), Object.keys(map).join("+"));
        const given = proxy.toJs({ dict_converter: Object.fromEntries });
        const js = pyodide.runPython("from pyodide.ffi import to_js; to_js({'k': 1})");
        const text = pyodide.runPython("class A:\\n  __repr__ = lambda self: 'r'\\n  __str__ = lambda self: 's'\\nA()");
        seen.push(given.constructor === Object, js instanceof Map && js.k, String(text));
        for (const one of [proxy, text]) one.destroy();
        return seen.join();
    """
    got = await host.ask("script", id=loaded["id"], code=code)
    await host.ask("destroy", id=loaded["id"])
    assert got["error"] is None, got["error"]
    assert got["value"] == {"value": "true,1,1,2,4,3,5,9,true,true,false,a+inner+size,true,1,r"}


async def test_a_canvas_is_kept_for_libraries_that_draw(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const canvas = { name: "a canvas" };
        const before = pyodide.canvas.getCanvas2D();
        pyodide.canvas.setCanvas2D(canvas);
        const seen = [before, pyodide.canvas.getCanvas2D() === canvas, pyodide.canvas.getCanvas3D() === canvas];
        const other = {};
        pyodide.canvas.setCanvas3D(other);
        seen.push(pyodide._module.canvas === other);
        return seen.join();
    """)
        == ",true,true,true"
    )


async def test_remote_objects_of_comlink_are_callable_and_awaitable_only(runtime: Any) -> None:
    """They answer to every name: without registerComlink() they looked like arrays, maps and errors."""
    assert (
        await runtime.js("""
        const endpoint = Symbol("endpoint");
        const remote = (path) => new Proxy(function () {}, {
          get: (_, name) => name === "then" ? (go) => go(path) : remote(`${path}.${String(name)}`),
          apply: (_, __, args) => Promise.resolve(`${path}(${args})`),
        });
        pyodide.registerComlink({ createEndpoint: endpoint });
        globalThis.far = remote("far");
        try {
          return await pyodide.runPythonAsync(`
import js
from pyodide.ffi import JsCallable, JsPromise, JsProxy
kinds = [type(js.far).__mro__[1].__name__, isinstance(js.far.x, JsPromise), isinstance(js.far.x, JsCallable)]
str([*kinds, await js.far.x.y, await js.far.add(1, 2), hasattr(type(js.far), "__len__")])`);
        } finally {
          pyodide.registerComlink(undefined);
          delete globalThis.far;
          pyodide.runPython("del js, JsCallable, JsPromise, JsProxy, kinds");
        }
    """)
        == "['JsCallable', True, True, 'far.x.y', 'far.add(1,2)', False]"
    )


async def test_node_sockets_are_asked_for_in_node_only(runtime: Any) -> None:
    told = await runtime.js("return (await failure(pyodide.useNodeSockFS())).message ?? 'done';")
    assert told == ("done" if runtime.engine == "node" else "useNodeSockFS works in Node only")


async def test_jsglobals_is_the_module_js(hosts: Any) -> None:
    host = hosts["node"]
    options = {"jsglobals": {"answer": 42, "sub": {"n": 1}}}
    loaded = await host.ask("load", dist=host.dist, core="jspi", options=options)
    code = "return pyodide.runPython('import js; from js.sub import n; [js.answer, n, hasattr(js, \"Object\")] == [42, 1, False]')"
    got = await host.ask("script", id=loaded["id"], code=code)
    await host.ask("destroy", id=loaded["id"])
    assert got["value"] == {"value": True}, got


async def test_without_a_lock_file_no_package_has_a_name(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const out = [(await pyodide.loadPackage([])).length, (await pyodide.loadPackagesFromImports("import numpy")).length];
        for (const names of ["numpy", ["numpy"]]) out.push((await failure(pyodide.loadPackage(names))).message.slice(0, 37));
        return out.join();
    """)
        == "0,0,No known package with name 'numpy': i,No known package with name 'numpy': i"
    )


async def test_a_host_folder_is_mounted_in_node_and_refused_in_pages(
    runtime: Any, tmp_path: Any
) -> None:
    (tmp_path / "hello.txt").write_text("from the host")
    code = f"""
        try {{
          pyodide.mountNodeFS("/mnt/host", {str(tmp_path)!r});
        }} catch (error) {{
          return error.message;
        }}
        return pyodide.runPython("open('/mnt/host/hello.txt').read()");
    """
    text = await runtime.js(code)
    if runtime.engine == "node":
        assert text == "from the host"
    else:
        assert "works in Node only" in text


async def test_a_native_folder_is_kept_equal(runtime: Any) -> None:
    """Node has no such folders: a small stand-in of the browser's interface is used everywhere."""
    assert (
        await runtime.js("""
        let clock = Date.now() - 10000;
        class FakeFile {
          kind = "file"; data = new Uint8Array(); time = clock;
          constructor(text = "") { this.data = new TextEncoder().encode(text); }
          async getFile() {
            const { data, time } = this;
            return { lastModified: time, arrayBuffer: async () => data.slice().buffer };
          }
          async createWritable() {
            return { write: async (data) => { this.data = data.slice(); this.time = Date.now(); }, close: async () => {} };
          }
        }
        class FakeFolder {
          kind = "directory"; items = new Map();
          async *entries() { yield* this.items; }
          async getDirectoryHandle(name, { create } = {}) { return this.#get(name, create, FakeFolder); }
          async getFileHandle(name, { create } = {}) { return this.#get(name, create, FakeFile); }
          async removeEntry(name) {
            if (this.items.get(name)?.items?.size > 0) throw new DOMException("", "InvalidModificationError");
            if (!this.items.delete(name)) throw new DOMException("", "NotFoundError");
          }
          #get(name, create, Kind) {
            if (!this.items.has(name)) {
              if (!create) throw new DOMException("", "NotFoundError");
              this.items.set(name, new Kind());
            }
            return this.items.get(name);
          }
        }
        const root = new FakeFolder();
        root.items.set("there.txt", new FakeFile("one"));
        const sub = await root.getDirectoryHandle("sub", { create: true });
        sub.items.set("deep.txt", new FakeFile("two"));
        const { syncfs } = await pyodide.mountNativeFS("/mnt/native", root);
        const out = [pyodide.runPython(`
        a = open("/mnt/native/there.txt").read() + open("/mnt/native/sub/deep.txt").read()
        open("/mnt/native/sub/new.txt", "w").write("three")
        open("/mnt/native/there.txt", "w").write("changed")
        import os
        os.unlink("/mnt/native/sub/deep.txt")
        a`)];
        await syncfs();
        const text = (file) => new TextDecoder().decode(file.data);
        out.push(text(root.items.get("there.txt")), [...sub.items.keys()].join("+"), text(sub.items.get("new.txt")));
        sub.items.delete("new.txt");
        await Promise.all([syncfs(), syncfs()]);
        out.push(pyodide.runPython("os.path.exists('/mnt/native/sub/new.txt')"));
        try { await pyodide.mountNativeFS("/mnt/native", root); } catch (error) { out.push(error.message); }
        return out.join("|");
    """)
        == "onetwo|changed|new.txt|three|false|cannot mount at /mnt/native: the folder is not empty"
    )


async def test_stats_name_what_is_alive(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const before = pyodide.stats();
        const list = pyodide.runPython("[]");
        const names = pyodide.toPy({});
        names.set("object", {});
        const during = pyodide.stats();
        list.destroy(); names.destroy();
        const after = pyodide.stats();
        return [during.proxies - before.proxies, during.handles - before.handles,
                after.proxies - before.proxies, after.handles - before.handles].join();
    """)
        == "2,1,0,0"
    )


async def test_nothing_works_after_destroy(hosts: Any) -> None:
    host = hosts["node"]
    loaded = await host.ask("load", dist=host.dist, core="jspi")
    code = """
        pyodide.destroy(); pyodide.destroy();
        const told = new Set();
        for (const call of [() => pyodide.runPython("1"), () => pyodide.toPy({}), () => pyodide.pyimport("os"),
                            () => pyodide.registerJsModule("a", {}), () => pyodide.checkInterrupt()]) {
          try { call(); told.add("nothing"); } catch (error) { told.add(error.message); }
        }
        told.add(await pyodide.runPythonAsync("1").catch((error) => error.message));
        return [...told].join();
    """
    got = await host.ask("script", id=loaded["id"], code=code)
    assert got["value"] == {"value": "this runtime was destroyed"}, got
