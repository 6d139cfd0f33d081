"""Programs of test_values.py."""


def raise_what_has_no_text():
    class Bad(Exception):
        def __str__(self):
            raise ValueError

    raise Bad()
