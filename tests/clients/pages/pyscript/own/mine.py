"""A module that PyScript puts beside a page's script."""

x = 42
