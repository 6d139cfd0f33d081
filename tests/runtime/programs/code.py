"""Programs of test_code.py."""


async def value_by_return_mode(source, options):
    from pyodide.code import eval_code, eval_code_async

    plain = eval_code(source, {}, **options)
    waited = await eval_code_async(source, {}, **options)
    assert plain == waited
    return repr(plain)


def a_changed_runner():
    import ast

    from pyodide.code import CodeRunner

    runner = CodeRunner("x = 2\nx * 21")
    runner.ast.body[0].value = ast.copy_location(ast.Constant(3), runner.ast.body[0].value)
    runner.compile()
    names = {}
    parts = [runner.run(names), names["x"], runner.run({}), runner.code.co_name]
    try:
        CodeRunner("1").run()
    except RuntimeError as error:
        parts.append(str(error))
    try:
        runner.compile()
    except RuntimeError as error:
        parts.append(str(error))
    try:
        CodeRunner("1", return_mode="nonsense")
    except ValueError as error:
        parts.append("ValueError")
    return str(parts)


async def one_code_object():
    import ast

    from pyodide.code import CodeRunner

    many = "\n".join(f"v{i} = {i}" for i in range(300))
    sources = [
        "x = 2\nx * 21",
        "1 if 0 else 2",
        "0 or (3 and 4)",
        "'text'",
        "x = 1",
        f"{many}\nv299 if v0 else v298",
    ]
    seen = [eval(CodeRunner(source).compile().code, {}) for source in sources]
    names = {}
    runner = CodeRunner("x = 1\nx + 1").compile()
    runner.code = runner.code.replace(co_filename="other.py")
    seen += [runner.run(names), sorted(set(names) - {"__builtins__"})]
    waiting = CodeRunner(
        "import asyncio\nawait asyncio.sleep(0, 5)", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    seen += [
        await waiting.compile().run_async({}),
        CodeRunner("1 + 1", mode="eval").compile().run({}),
    ]
    return str(seen)


def replaced_constants():
    from pyodide.code import CodeRunner

    runner = CodeRunner("x * 2 + 7").compile()
    before = runner.code.co_consts[:3]
    runner.code = runner.code.replace(co_consts=(0, 3, 5, None))
    return repr([before, runner.run({"x": 4})])


def single_mode():
    import sys

    from pyodide.code import CodeRunner

    found = []
    for source in ("for i in range(2): i", "5", "6;"):
        shown = []
        sys.displayhook = shown.append
        try:
            found += [CodeRunner(source + "\n", mode="single").compile().run({}), shown]
        finally:
            sys.displayhook = sys.__displayhook__
    return repr(found)


def await_in_run():
    import ast

    from pyodide.code import eval_code

    told = "nothing"
    try:
        eval_code("import asyncio\nawait asyncio.sleep(0)", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except RuntimeError as error:
        told = str(error)
    return told


async def wrong_arguments(arguments):
    from pyodide.code import eval_code, eval_code_async

    found = []
    try:
        eval_code(*arguments)
    except TypeError as error:
        found.append(f"TypeError: {error}")
    try:
        await eval_code_async(*arguments)
    except TypeError as error:
        found.append(f"TypeError: {error}")
    return "|".join(found)


async def top_level_await():
    import asyncio

    from pyodide.code import eval_code_async

    names = {"asyncio": asyncio}
    value = await eval_code_async(
        "await asyncio.sleep(0)\nx = await asyncio.sleep(0, 5)\nx + 1", names
    )
    return [value, names["x"]] == [6, 5]


def globals_and_locals():
    from pyodide.code import eval_code

    names, local = {"a": 1}, {}
    eval_code("b = a + 1", names, local)
    return (local, "b" in names) == ({"b": 2}, False)


def javascript():
    from pyodide.code import run_js
    from pyodide.ffi import JsException

    parts = [run_js("1 + 1"), run_js("(x) => x * 2")(21)]
    for wrong in (5, "throw new RangeError('bad')"):
        try:
            run_js(wrong)
        except (TypeError, JsException) as error:
            parts.append(type(error).__name__)
    return str(parts)


def relaxed_calls():
    from pyodide.code import relaxed_call, relaxed_wrap

    def f(a, b=2, *, c=3):
        return (a, b, c)

    def g(*args, **kw):
        return (args, kw)

    @relaxed_wrap
    def h(a):
        return a

    parts = [
        relaxed_call(f, 1, 5, 6, c=7, d=8),
        relaxed_call(g, 1, 2, x=3),
        h(1, 2, y=3),
        h.__name__,
        relaxed_call(int, "7"),
        relaxed_call(max, 1, 3),
    ]
    for wrong in (lambda: relaxed_call(f), lambda: relaxed_wrap(int)):
        try:
            wrong()
        except TypeError as error:
            parts.append(str(error))
    return str(parts)


def imports(source):
    from pyodide.code import find_imports

    indented = "\n    import aa\n    from bb import c\n"
    return [find_imports(one) for one in (source, "not python", "", indented)] == [
        ["json", "json.decoder", "numpy", "os", "os.path", "own", "scipy"],
        [],
        [],
        ["aa", "bb"],
    ]


async def indents():
    from pyodide.code import CodeRunner, eval_code, eval_code_async

    indented = "\n    1 + 1\n"
    parts = [eval_code(indented), await eval_code_async(indented)]
    for run in (eval_code, CodeRunner):
        try:
            run(indented, dedent=False)
        except IndentationError as error:
            parts.append(error.msg)
    try:
        await eval_code_async(indented, dedent=False)
    except IndentationError as error:
        parts.append(error.msg)
    return str(parts)


def trailing_semicolons(cases):
    from pyodide.code import should_quiet

    return {source: should_quiet(source) for source in cases} == cases
