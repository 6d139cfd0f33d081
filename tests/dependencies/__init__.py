"""Which file of the project names which other one: what the tests of the layers look at.

Why: "who may know whom" (docs/architecture.md) is only kept if nothing can be named unseen. Each
module reads one language and gives `Dependency` records; the tests in tests/host compare them with
the rules and look for circles.

    graph.py       what a dependency is, which files there are, circles among them
    c_code.py      #include lines, and functions that are called without a header of theirs
    scripts.py     TypeScript and JavaScript: every form of import and export
    python_code.py Python, of this machine and inside the core: imports, commands, paths of sources
    seams.py       where the languages inside the core name each other
    rules.py       the table: zones, who may know whom, and the exceptions with their reasons
"""
