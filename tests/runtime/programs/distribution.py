"""Programs of test_distribution.py."""

import json


def use_scipy():
    import numpy
    import scipy.linalg
    import scipy.optimize
    import scipy.special

    return json.dumps(
        [
            float(scipy.linalg.det(numpy.eye(3) * 2)),
            float(scipy.special.gamma(5)),
            round(scipy.optimize.brentq(lambda x: x * x - 2, 0, 2), 7),
            float(scipy.linalg.blas.dasum(numpy.arange(-3.0, 4.0))),
        ]
    )


def use_data():
    import contourpy
    import kiwisolver
    import pandas
    from PIL import Image

    frame = pandas.DataFrame({"a": [1, 2, 3], "b": list("xyx")})
    sums = {key: int(value) for key, value in frame.groupby("b").a.sum().items()}
    pixel = Image.new("RGB", (4, 4), "red").resize((2, 2)).getpixel((0, 0))
    lines = contourpy.contour_generator(z=[[0.0, 1.0], [1.0, 2.0]]).lines(0.5)
    solver, x = kiwisolver.Solver(), kiwisolver.Variable("x")
    solver.addConstraint(x == 3)
    solver.updateVariables()
    return json.dumps([sums, pixel, len(lines), x.value()])


def use_rust():
    import jiter
    import regex
    import tiktoken
    from pydantic import BaseModel, ValidationError

    class Model(BaseModel):
        x: int

    try:
        Model(x="no")
    except ValidationError as error:
        kind = error.errors()[0]["type"]
    ranks = {bytes([i]): i for i in range(256)}
    encoding = tiktoken.Encoding("own", pat_str=r".", mergeable_ranks=ranks, special_tokens={})
    return json.dumps(
        [
            Model(x="3").x,
            regex.findall(r"\p{Lu}", "aBC"),
            kind,
            jiter.from_json(b"[1, 2]"),
            len(encoding.encode("abc")),
        ]
    )


def use_standard_modules():
    import hashlib
    import lzma
    import sqlite3
    import ssl

    same = lzma.decompress(lzma.compress(b"x" * 99)) == b"x" * 99
    version = sqlite3.connect(":memory:").execute("select sqlite_version()").fetchone()[0]
    return json.dumps([ssl.__file__, same, version[0], hashlib.sha256(b"").hexdigest()[:8]])


def use_by_imports():
    import kiwisolver
    import pandas

    return f"{pandas.Series([1, 2]).sum()} {len(kiwisolver.__version__.split('.')[:2])}"


async def install_by_micropip():
    import micropip

    await micropip.install(["regex", "numpy"])
    import numpy
    import regex

    return str(sorted([numpy.__name__, regex.__name__]))
