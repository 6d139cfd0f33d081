"""Programs of test_known_proxies.py."""


def arguments_that_go_back():
    from pyodide.code import run_js

    back = run_js("(x, check) => check(x, [x, [x]], x)")
    many = run_js("(check, ...all) => check(...all.reverse())")
    thing = {}

    def check(x, inner, again):
        return x is thing and inner[0] is thing and inner[1][0] is thing and again is thing

    things = [[i] for i in range(30)]
    seen = [
        back(thing, check),
        many(lambda *all: [x[0] for x in all] == list(range(29, -1, -1)), *things),
    ]
    del back, many
    return seen == [True, True]


def texts_of_every_width():
    import json

    from pyodide.code import run_js

    same = run_js(
        """(text, unit, odd) => text.length >= 1 && text === unit.repeat((text.length - odd.length) / unit.length) + odd"""
    )
    wrong = []
    for unit in ("a", "\x80", "\x9f", "\xff", "\u20ac", "\U0001f600", "\ud800"):
        for odd in ("", "\xe9", "\u20ac", "\U0001f600", "\udc00x"):
            for n in (1, 2, 15, 16, 17, 31, 32, 33, 95, 96, 97, 4095, 4096, 4097, 8191, 8192, 8193):
                if unit == "\ud800" and odd.startswith("\udc00"):
                    continue  # JavaScript cannot tell the two from one character
                if not same(unit * n + odd, unit, odd):
                    wrong.append([ascii(unit), ascii(odd), n])
    del same
    return json.dumps(wrong)
