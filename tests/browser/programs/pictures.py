"""Programs of test_pictures.py."""

import sys
import zlib


def _png(width, height):
    """A grey image."""

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class _Picture:
    def _repr_png_(self):
        return _png(40, 30)

    def __repr__(self):
        return "a grey picture"


class _Table:
    """What its HTML must not do: run scripts, fetch, leave its frame."""

    def _repr_html_(self):
        return (
            "<table><tr><td>cell</td></tr></table><script>parent.reached = 'script'</script>"
            "<img src='/programs/pictures.py' onerror=\"parent.reached = 'handler'\">"
            "<a href=\"javascript:parent.reached = 'link'\">link</a>"
            "<style>td { color: rgb(1, 2, 3) }</style>"
        )


class _Drawing:
    def _repr_html_(self):
        return None  # another picture is better

    def _repr_svg_(self):
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="20">'
            "<rect width='50' height='20'/><script>parent.reached = 'svg'</script></svg>"
        )


def show_each_kind():
    from pyodide.display import display

    display(_png(10, 20), _Picture(), _Drawing(), _Table(), "text", [1, 2], _Picture)


def return_a_picture():
    return _Picture()


def draw_a_figure():
    """By a stand-in for matplotlib: what the backend uses of it."""
    from types import ModuleType

    names = "matplotlib matplotlib._pylab_helpers matplotlib.backend_bases matplotlib.backends"
    for name in [*names.split(), "matplotlib.backends.backend_agg"]:
        sys.modules[name] = ModuleType(name)
    managers = []

    class Gcf:
        get_all_fig_managers = staticmethod(lambda: list(managers))
        destroy_all = managers.clear

    class FigureManagerBase:
        def __init__(self, canvas):
            self.canvas = canvas

    class FigureCanvasAgg:
        def __init__(self, figure):
            self.figure = figure
            self.manager = self.manager_class(self)

    class Figure:
        def savefig(self, file, format):
            assert format == "png"
            file.write(_png(60, 40))

    sys.modules["matplotlib._pylab_helpers"].Gcf = Gcf
    sys.modules["matplotlib.backend_bases"].FigureManagerBase = FigureManagerBase
    sys.modules["matplotlib.backends.backend_agg"].FigureCanvasAgg = FigureCanvasAgg

    import importlib
    import os

    # As matplotlib takes it.
    backend = importlib.import_module(os.environ["MPLBACKEND"].removeprefix("module://"))
    for _ in range(2):
        managers.append(backend.FigureCanvas(Figure()).manager)
    backend.FigureCanvas.manager_class.pyplot_show()
    print("left", len(managers))
