# Lib/_pyrepl/console.py, as much of it as console/repl.py uses.
from code import InteractiveConsole
from types import CodeType
from typing import Any

class InteractiveColoredConsole(InteractiveConsole):
    locals: dict[str, Any]
    STATEMENT_FAILED: object
    def __init__(
        self,
        locals: dict[str, Any] | None = None,
        filename: str = "<console>",
        *,
        local_exit: bool = False,
    ) -> None: ...
    def runcode(self, code: CodeType) -> Any: ...
