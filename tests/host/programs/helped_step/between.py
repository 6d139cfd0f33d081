"""Between the step and its helper, which it imports late."""


def fill(folder):
    from helper import text

    (folder / "f").write_text(text())
