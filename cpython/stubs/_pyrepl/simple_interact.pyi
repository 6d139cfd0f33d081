# Lib/_pyrepl/simple_interact.py, as much of it as console/repl.py uses.
from code import InteractiveConsole

def run_multiline_interactive_console(
    console: InteractiveConsole, *, future_flags: int = 0
) -> None: ...
