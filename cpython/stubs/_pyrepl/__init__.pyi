# The package of CPython 3.13 with its line editor (Lib/_pyrepl), as much of it as is used.
