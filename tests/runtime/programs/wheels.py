"""Programs of test_wheels.py."""

import json
import time


def _slow(value):
    time.sleep(0.02)
    return value


def use_msgpack():
    import msgpack
    import msgpack._cmsgpack

    data = {"a": [1, 2.5, b"x", None, "\xe9"], "n": 2**40}
    same = msgpack.unpackb(msgpack.packb(data)) == data
    before = time.monotonic()
    slow = msgpack.unpackb(msgpack.packb([object()], default=lambda _: _slow("waited")))
    return json.dumps([same, msgpack.Packer.__module__, *slow, time.monotonic() - before >= 0.02])


def use_fastquadtree():
    from fastquadtree import QuadTree

    tree = QuadTree((0, 0, 100, 100), 4)
    tree.insert((10, 10))
    tree.insert((50, 60))
    try:
        QuadTree((0, 0), 4)
    except ValueError as error:
        told = str(error)[:22]
    return json.dumps([tree.query((0, 0, 20, 20)) == [(0, 10.0, 10.0)], told])


def use_numpy():
    import numpy

    numbers = numpy.arange(12.0).reshape(3, 4)
    before = time.monotonic()
    slow = numpy.vectorize(_slow)([1, 2, 3]).tolist()
    waited = time.monotonic() - before >= 0.06
    singular = numpy.linalg.matrix_rank(numbers)
    turned = numpy.fft.ifft(numpy.fft.fft(numbers[0])).real.round(6).tolist()
    return json.dumps(
        [
            numpy.__version__,
            float((numbers @ numbers.T).sum()),
            slow,
            waited,
            int(singular),
            turned,
        ]
    )


def use_lxml():
    from lxml import etree

    names = etree.FunctionNamespace("urn:tests")
    names["slow"] = lambda _, value: _slow(value)
    tree = etree.fromstring("<a><b c='1'>\xe9</b></a>")
    found = tree.xpath("x:slow(string(//b/@c))", namespaces={"x": "urn:tests"})
    try:
        etree.fromstring("<a>")
    except etree.XMLSyntaxError as error:
        told = str(error)[:6]
    html = etree.tostring(etree.HTML("<p>hi<br>")).decode()
    return json.dumps([str(found), told, html, tree.find("b").text])


def use_opencv():
    import cv2
    import numpy

    picture = numpy.zeros((64, 64, 3), numpy.uint8)
    cv2.circle(picture, (32, 32), 20, (0, 255, 0), -1)
    done, encoded = cv2.imencode(".png", picture)
    same = bool((cv2.imdecode(encoded, 1) == picture).all())
    try:
        cv2.resize(picture, (0, 0))
    except cv2.error as error:
        told = str(error)[:6]
    return json.dumps([cv2.__version__, done, same, told, int(cv2.Canny(picture, 50, 100).sum())])


def use_pymupdf():
    import pymupdf

    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "Hello")
    again = pymupdf.open(stream=document.tobytes())
    width = again[0].get_pixmap().width
    try:
        pymupdf.open(stream=b"garbage", filetype="pdf")
    except pymupdf.FileDataError:
        refused = True
    return json.dumps([pymupdf.VersionBind, again[0].get_text(), width, refused])


def use_cplusplus():
    import contourpy
    import numpy
    import pycdfpp
    import uharfbuzz

    lines = contourpy.contour_generator(z=[[0.0, 1.0], [1.0, 2.0]]).lines(0.5)
    written = pycdfpp.CDF()
    written.add_variable("v", values=numpy.arange(3.0))
    read = pycdfpp.load(bytes(pycdfpp.save(written)))
    buffer = uharfbuzz.Buffer()
    buffer.add_str("abc")
    buffer.guess_segment_properties()
    return json.dumps(
        [
            [line.tolist() for line in lines],
            read["v"].values.tolist(),
            buffer.script,
            len(buffer.glyph_infos),
        ]
    )
