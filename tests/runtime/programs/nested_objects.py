"""Programs of test_nested_objects.py: objects nested 120,000 deep are used and let go of.

Each is a function that gives what came of every kind: "ok", or the name of what was raised.
"""

DEPTH = 120_000


def _outcome(call):
    try:
        call()
    except (RecursionError, MemoryError, SyntaxError, ValueError) as error:
        return type(error).__name__
    return "ok"


def iterators():
    import itertools

    makers = {
        "map": lambda it: map(int, it),
        "filter": lambda it: filter(None, it),
        "zip": lambda it: zip(it, strict=False),
        "enumerate": enumerate,
        "chain": lambda it: itertools.chain(it, ()),
        "from_iterable": lambda it: itertools.chain.from_iterable([it]),
        "islice": lambda it: itertools.islice(it, 10),
        "accumulate": itertools.accumulate,
        "takewhile": lambda it: itertools.takewhile(bool, it),
        "dropwhile": lambda it: itertools.dropwhile(lambda _: False, it),
        "filterfalse": lambda it: itertools.filterfalse(lambda _: False, it),
        "compress": lambda it: itertools.compress(it, itertools.repeat(1)),
        "starmap": lambda it: itertools.starmap(int, it),
        "zip_longest": itertools.zip_longest,
        "pairwise": itertools.pairwise,
        "batched": lambda it: itertools.batched(it, 1),
        "cycle": itertools.cycle,
        "groupby": itertools.groupby,
        "tee": lambda it: itertools.tee(it, 1)[0],
        "generator": lambda it: (one for one in it),
    }
    told = {}
    for name, make in makers.items():
        it = iter([1, 2, 3])
        for _ in range(DEPTH):
            it = make(it)
        told[name] = _outcome(it.__next__)
        del it
    return told


def generators():
    import sys

    def delegate(inner):
        yield from inner

    def loop(inner):
        for one in inner:  # noqa: UP028 - another way of delegating
            yield one

    async def wait(inner):
        if inner is not None:
            await inner

    def made(kind, innermost):
        it = innermost
        for _ in range(DEPTH):
            it = kind(it)
        return it

    def use(kind, end):
        it = made(kind, iter([1, 2, 3]))
        next(it)
        end(it)

    limit = sys.getrecursionlimit()
    told = {}
    try:
        for most in (limit, 10**6):
            sys.setrecursionlimit(most)
            for kind in (delegate, loop):
                told[f"close {kind.__name__} {most}"] = _outcome(
                    lambda kind=kind: use(kind, lambda it: it.close())
                )
                told[f"throw {kind.__name__} {most}"] = _outcome(
                    lambda kind=kind: use(kind, lambda it: it.throw(ValueError))
                )
            coroutine = made(wait, None)
            told[f"await {most}"] = _outcome(lambda it=coroutine: it.close())
            del coroutine
    finally:
        sys.setrecursionlimit(limit)
    return told


def chains_that_are_freed():
    import collections
    import functools
    import itertools
    import types

    class Plain:
        def __init__(self, x):
            self.x = x

    class WithDel(Plain):
        def __del__(self):
            self.x = None

    class WithSlots:
        __slots__ = ("x",)

        def __init__(self, x):
            self.x = x

    def closure(x):
        return lambda: x

    makers = {
        "map": (lambda x: map(int, x), []),
        "zip": (zip, []),
        "chain": (itertools.chain, []),
        "islice": (lambda x: itertools.islice(x, 3), []),
        "generator": (lambda x: (y for y in x), []),
        "tuple": (lambda x: (x,), 1),
        "list": (lambda x: [x], 1),
        "dict": (lambda x: {1: x}, 1),
        "frozenset": (lambda x: frozenset([x]), 1),
        "deque": (lambda x: collections.deque([x]), 1),
        "object": (Plain, 1),
        "__del__": (WithDel, 1),
        "slots": (WithSlots, 1),
        "closure": (closure, 1),
        "method": (lambda x: types.MethodType(x, 1), print),
        "partial": (lambda x: functools.partial(print, x), 1),
        "property": (property, 1),
        "staticmethod": (staticmethod, 1),
        "slice": (slice, 1),
        "exception": (Exception, 1),
        "mappingproxy": (types.MappingProxyType, {}),
        "alias": (lambda x: types.GenericAlias(x, int), list),
        "values": (lambda x: {1: x}.values(), 1),
        "iterator": (lambda x: iter([x]), 1),
        "namespace": (lambda x: types.SimpleNamespace(a=x), 1),
    }
    told = {}
    for name, (make, x) in makers.items():
        for _ in range(DEPTH):
            x = make(x)
        x = None
        told[name] = "ok"
    return told


def calls_through_objects():
    import functools
    import types

    class Wrapper:
        def __init__(self, x):
            self.x = x

        def __iter__(self):
            return iter(self.x)

        def __len__(self):
            return len(self.x)

        def __hash__(self):
            return hash(self.x)

        def __eq__(self, other):
            return self.x == other

        def __call__(self):
            return self.x()

        def __contains__(self, key):
            return key in self.x

        def __getitem__(self, key):
            return self.x[key]

        def __getattr__(self, name):
            return getattr(self.x, name)

        def __repr__(self):
            return repr(self.x)

    def nested(make, x):
        for _ in range(DEPTH):
            x = make(x)
        return x

    def method(x):
        return types.MethodType(x, 1)

    def alias(x):
        return types.GenericAlias(x, int)

    proxied = types.MappingProxyType
    told = {
        "method": _outcome(lambda: nested(method, print)()),
        "method hash": _outcome(lambda: hash(nested(method, print))),
        "len": _outcome(lambda: len(nested(proxied, {}))),
        "item": _outcome(lambda: nested(proxied, {1: 2})[1]),
        "in": _outcome(lambda: 1 in nested(proxied, {1: 2})),
        "iter": _outcome(lambda: iter(nested(proxied, {1: 2}))),
        "copy": _outcome(lambda: nested(proxied, {1: 2}).copy()),
        "alias": _outcome(lambda: nested(alias, list)()),
        "alias attribute": _outcome(lambda: nested(alias, list).append),
        "alias hash": _outcome(lambda: hash(nested(alias, list))),
        "slice hash": _outcome(lambda: hash(nested(slice, 1))),
        "tuple hash": _outcome(lambda: hash(nested(lambda x: (x,), 1))),
        "partial": _outcome(lambda: nested(lambda x: functools.partial(lambda f: f(), x), int)()),
        "staticmethod": _outcome(lambda: nested(staticmethod, int)()),
    }
    uses = (iter, len, hash, repr, lambda x: x == 1, lambda x: x(), lambda x: 1 in x, lambda x: x.a)
    for number, use in enumerate(uses):
        try:
            told[f"wrapper {number}"] = _outcome(lambda use=use: use(nested(Wrapper, [])))
        except (TypeError, AttributeError):
            told[f"wrapper {number}"] = "ok"
    return told


def modules_that_recurse():
    import ast
    import copy
    import json
    import marshal
    import pickle
    import re
    import sys
    import xml.etree.ElementTree as ET

    def nested(make, x):
        for _ in range(DEPTH):
            x = make(x)
        return x

    def element():
        root = inner = ET.Element("a")
        for _ in range(DEPTH):
            inner = ET.SubElement(inner, "a")
        return root

    inner = nested(lambda x: [x], [])
    other = nested(lambda x: [x], [])
    negated = nested(lambda x: ast.UnaryOp(ast.Not(), x), ast.Constant(1))
    root = element()
    calls = {
        "copy": lambda: copy.deepcopy(inner),
        "pickle": lambda: pickle.dumps(inner),
        "pickle in Python": lambda: pickle._dumps(inner),
        "json.dumps": lambda: json.dumps(inner),
        "json.loads": lambda: json.loads("[" * DEPTH + "]" * DEPTH),
        "json objects": lambda: json.loads('{"a":' * DEPTH + "1" + "}" * DEPTH),
        "marshal": lambda: marshal.dumps(inner),
        "repr": lambda: repr(inner),
        "==": lambda: inner == other,
        "ast.parse": lambda: ast.parse("(" * DEPTH),
        "literal_eval": lambda: ast.literal_eval("[" * DEPTH + "]" * DEPTH),
        "compile": lambda: compile(ast.Expression(negated), "x", "eval"),
        "unparse": lambda: ast.unparse(negated),
        "dump": lambda: ast.dump(negated),
        "re": lambda: re.compile("(?:" * DEPTH + ")" * DEPTH),
        "ElementTree": lambda: ET.tostring(root),
        "ElementTree copy": lambda: copy.deepcopy(root),
        "ElementTree pickle": lambda: pickle.dumps(root),
        "ElementTree iter": lambda: sum(1 for _ in root.iter()),
        "ElementTree text": lambda: "".join(root.itertext()),
        "ElementTree parse": lambda: ET.fromstring("<a>" * DEPTH + "</a>" * DEPTH),
    }
    limit = sys.getrecursionlimit()
    told = {}
    try:
        for most in (limit, 10**6):
            sys.setrecursionlimit(most)
            for name, call in calls.items():
                # The text of each level has that of the next in it: quadratic without a limit.
                if name == "dump" and most > limit:
                    continue
                try:
                    told[f"{name} {most}"] = _outcome(call)
                except TypeError:  # compile() wants line numbers first
                    told[f"{name} {most}"] = "ok"
    finally:
        sys.setrecursionlimit(limit)
    return told
