"""matplotlib's figures as pictures: its backend `module://pyodide.matplotlib_backend`.

matplotlib draws by Agg into memory, which needs nothing of the page; show() gives the page the
image (pyodide.display). Chosen by $MPLBACKEND, which display.install() sets. Imported by matplotlib
alone.
"""

from __future__ import annotations

import io
from typing import Any

from matplotlib._pylab_helpers import Gcf  # type: ignore[import-not-found] # comes as a package
from matplotlib.backend_bases import FigureManagerBase  # type: ignore[import-not-found]
from matplotlib.backends.backend_agg import FigureCanvasAgg  # type: ignore[import-not-found]

from pyodide.display import display, show


class _Image:
    """A figure as it is now."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self._figure.savefig(file, format="png")
        return file.getvalue()

    def __repr__(self) -> str:
        return repr(self._figure)


class FigureManager(FigureManagerBase):  # type: ignore[misc] # see above
    """Shows one figure."""

    def show(self) -> None:
        """Give the page the figure."""
        image = _Image(self.canvas.figure)
        if not show(image):
            display(image)  # its text: there is nowhere to show it

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Show all figures; each is done with then, as in Jupyter."""
        for manager in Gcf.get_all_fig_managers():
            manager.show()
        Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):  # type: ignore[misc] # see above
    """What matplotlib draws on."""

    manager_class = FigureManager
