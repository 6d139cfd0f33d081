"""The module `pyodide.common`: install_files(), which packages' own installers call."""

import shutil
from os import PathLike

__all__ = ["install_files"]


def install_files(src: str | PathLike[str], dst: str | PathLike[str]) -> None:
    """Copy everything in a folder into another one, over what is there.

    Args:
        src: the folder whose files and folders are copied.
        dst: where they go; made if need be.
    """
    shutil.copytree(src, dst, dirs_exist_ok=True)
