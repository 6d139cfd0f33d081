"""Programs of test_lifetimes.py."""


async def arguments_given_back():
    import asyncio

    from pyodide.code import run_js

    class Thing:
        pass

    thing = Thing()
    echo = run_js(
        "({get: (key) => key, has: () => true, size: 1, [Symbol.iterator]: () => [][Symbol.iterator]()})"
    )
    later = run_js("async (x) => x")
    promise = later(thing)
    seen = [echo[thing] is thing, run_js("(x) => x")(thing) is thing, (await later(thing)) is thing]
    await asyncio.sleep(0)
    seen.append((await promise) is thing)
    try:
        run_js("(x) => { throw x; }")(ValueError("mine"))
    except ValueError as error:
        seen.append(str(error))
    del echo, later, promise
    return str(seen)


def an_array_of_python_objects():
    from pyodide.code import run_js

    class Thing:
        pass

    thing = Thing()
    array = run_js("[]")
    array.append(thing)
    seen = [
        array[0] is thing,
        thing in array,
        Thing() in array,
        array.index(thing),
        array.count(thing),
    ]
    run_js("(a) => a.pop().destroy()")(array)
    del array
    return str(seen)


def create_proxy_of_a_lambda():
    import js
    from pyodide.ffi import create_proxy

    proxy = create_proxy(lambda n: n + 1)
    js.hold(proxy)


def roundtrips():
    import js
    from pyodide.ffi import JsDoubleProxy, create_proxy

    thing = []
    stays, becomes = create_proxy(thing, roundtrip=True), create_proxy(thing, roundtrip=False)
    seen = [
        isinstance(js.echo(stays), JsDoubleProxy),
        js.echo(becomes) is thing,
        stays.unwrap() is thing,
    ]
    stays.destroy()
    becomes.destroy()
    del stays, becomes
    return str(seen)


def three_once_callables():
    import js
    from pyodide.ffi import create_once_callable

    first = create_once_callable(lambda n: n + 1)
    second = create_once_callable(lambda n: 1 / 0)
    third = create_once_callable(lambda n: n)
    for f in (first, second, third):
        js.hold(f)
    third.destroy()
    del first, second, third, f


def destroys_proxies():
    import js
    from pyodide.ffi import create_proxy, destroy_proxies

    js.hold([1], [2])
    destroy_proxies(js.array)
    destroy_proxies([create_proxy(len), create_proxy([])])


async def given_by_promises():
    """References to what the promise of a call gives: of a new object, of an argument, of one awaited late."""
    import asyncio
    import sys

    import pyodide_js
    from pyodide.code import run_js

    later = run_js("(py) => async () => py.toPy([1])")(pyodide_js)
    same = run_js("async (x) => { await null; return x; }")
    made = await later()
    argument = [2]
    back = await same(argument)
    late = later()
    await asyncio.sleep(0.01)
    held = await late
    del late
    counts = [sys.getrefcount(made), sys.getrefcount(back), sys.getrefcount(held)]
    del later, same
    return str([*counts, back is argument])


def given_by_a_generator():
    """What it returns in the end, made of its argument and of what was sent to it."""
    import sys

    import pyodide_js
    from pyodide.code import run_js

    generate = run_js(
        "(py) => function* (x) { const all = [x, yield, yield]; return py.toPy(all.map(String)); }"
    )(pyodide_js)
    generator = generate({1})
    generator.send(None)
    generator.send({2})
    try:
        generator.send({3})
    except StopIteration as end:
        value = end.value
        del end
    first = [1]
    returns = run_js("(function* (x) { return x; })")(first)
    try:
        next(returns)
    except StopIteration as end:
        same = end.value is first
    counts = [sys.getrefcount(value), sys.getrefcount(first)]
    del generate, generator, returns
    return str([value, same, *counts])


async def given_by_an_async_generator():
    import asyncio
    import sys

    import pyodide_js
    from pyodide.code import run_js

    generate = run_js(
        "(py) => async function* (x) { const all = [x, yield, yield]; return py.toPy(all.map(String)); }"
    )(pyodide_js)
    generator = generate({1})
    await generator.asend(None)
    await generator.asend({2})
    last = generator.asend({3})
    await asyncio.sleep(0.01)
    value = last.exception().args[0]
    del last
    count = sys.getrefcount(value)
    del generate, generator
    return str([value, count])
