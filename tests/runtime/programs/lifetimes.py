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
