"""`python -m sospeso`: the same as the installed `sospeso` command. Called by the Makefile."""

from .cli import main

main()
