"""A step whose helper is two modules away."""

import between


def run(context):
    between.fill(context.out)
