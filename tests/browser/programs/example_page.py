"""Programs of test_example_page.py that run in the page as they stand."""

import sys


def ask_again_after_an_interrupt():
    try:
        input("first ")
    except KeyboardInterrupt:
        print("caught")
    print("got", input("second "))


def print_to_both_streams_and_raise():
    print("out")
    print("err", file=sys.stderr)
    print("tail", end="")
    1 / 0


def read_slowly(url):
    from urllib.request import urlopen

    response = urlopen(url)
    print("ready" if response.readline() else "")
    response.read()
