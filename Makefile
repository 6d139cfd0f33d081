# The only door. Every target sets up what it needs first (a virtual environment in .venv, the
# JavaScript tools in node_modules; nothing outside the checkout and $SOSPESO_CACHE) and then calls
# the Python package `sospeso`.
#
#   make run                                builds if needed, runs the example on Node
#   make run SCRIPT=path.py ARGS="a b"      runs any script
#   make test [TESTS=tests/host]            builds, lints, runs the tests (Node and Chromium, both cores)
#   make build [PROFILE=dev|release]        dist/ (dev: no LTO, JSPI core only)
#   make serve [DIR=examples/web] [PORT=8000]
#   make package                            an archive for npm and a wheel for pip, in build/packages
#   make release                            all that is published of this version, in build/release
#   make test-clients [PEER=1] [WRITE=1] [TESTS=tests/clients/test_pyscript.py]
#                                           Pyodide's clients and other projects' tools over these packages, and
#                                           a table of what each check gave; PEER=1 runs them over Pyodide as well,
#                                           WRITE=1 puts the table into docs/clients.md
#   make test-packages                      wheels with compiled code, built by others: ten minutes
#   make test-suites [SUITES="numpy msgpack"]
#                                           the test suites of NumPy, lxml and msgpack on both cores and over Pyodide,
#                                           compared: an hour; without SUITES the table goes into docs/compiled-packages.md
#   make test-cpython [MODULES="test_queue test_sched"] [CORE=jspi|asyncify|both] [JOBS=2]
#                                           CPython's own tests, in a build of their own; without MODULES
#                                           all there are: 90 minutes at most
#   make test-engines [ENGINES="firefox node-22"] [REQUIRE=1] [HERE=1]
#                                           one suite in every engine that can be had, both cores, pages and
#                                           workers: 40 minutes; writes docs/engines.md
#   make soak                               loads fifty runtimes one after another in one page, each cell
#   make pictures                           the README's picture (docs/page-that-waits.png), by Chromium
#   make docs                               the documentation site, in build/site
#   make bench | lint | doctor | clean

PYTHON  ?= python3
PROFILE ?= release
SCRIPT  ?=
ARGS    ?=
TESTS   ?=
DIR     ?= examples/web
PORT    ?= 8000
MODULES ?=
SUITES  ?=
CORE    ?= both
JOBS    ?= 2
ENGINES ?=
REQUIRE ?=
HERE    ?=
PEER    ?=
WRITE   ?=

PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup build run test package release test-clients test-packages test-suites test-cpython test-engines soak bench pictures docs serve lint doctor clean

help:
	@sed -n '/^#  /s/^# *//p' Makefile

# The stamp's prerequisites are exactly what sospeso/bootstrap.py digests.
.venv/.ready: pyproject.toml sospeso/constraints.txt package.json package-lock.json sospeso/bootstrap.py
	@$(PYTHON) sospeso/bootstrap.py
	@touch $@

setup: .venv/.ready

build: setup
	@$(PY) -m sospeso build --profile $(PROFILE)

# The build's progress goes to stderr: stdout and stdin belong to the script.
run: setup
	@$(PY) -m sospeso build --profile $(PROFILE) --keep-profile --quick 1>&2 </dev/null
ifeq ($(SCRIPT),)
	@$(PY) -m sospeso demo
else
	@$(PY) -m sospeso run $(SCRIPT) $(ARGS)
endif

test: setup
	@$(PY) -m sospeso build --profile release
	@$(MAKE) --no-print-directory lint
	@$(PY) -m tests.provision
	@$(PY) -m pytest $(TESTS)

package: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m cpython.build package

release: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m cpython.build release

test-clients: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m tests.provision
	@$(PY) -m tests.clients $(if $(PEER),--peer) $(if $(WRITE),--write) $(TESTS)

test-packages: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m tests.provision
	@$(PY) -m pytest -m packages $(or $(TESTS),tests/runtime)

# The table in docs/ is about all suites: a run of some leaves it alone.
test-suites: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m tests.suites $(if $(SUITES),,--write) $(SUITES)

# The report in docs/ is about all modules: a run of some of them leaves it alone.
test-cpython: setup
	@$(PY) -m tests.judge --core $(CORE) --jobs $(JOBS) $(if $(MODULES),,--report docs/cpython-tests.md) $(MODULES)

# The page in docs/ is about all engines: a run of some of them leaves it alone.
test-engines: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m tests.provision
	@$(PY) -m tests.matrix $(if $(HERE),--here) $(if $(REQUIRE),--require) $(if $(ENGINES),,--write) $(ENGINES)

soak: setup
	@$(PY) -m sospeso build --profile release
	@$(PY) -m tests.provision
	@SOSPESO_RUNTIMES=50 $(PY) -m pytest tests/runtime/test_unload.py

lint: setup
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -m tests.inside_types
	@$(PY) -m cpython.build.bundle.javascript

bench: setup
	@$(PY) -m sospeso build --profile release --keep-profile
	@$(PY) -m tests.provision
	@$(PY) -m benchmarks --chart docs/ffi.svg

pictures: setup
	@$(PY) -m sospeso build --profile $(PROFILE) --keep-profile
	@$(PY) -m docs.pictures.page_that_waits

docs: setup
	@$(PY) -m sospeso build --profile $(PROFILE) --keep-profile
	@$(PY) -m docs.site

serve: setup
	@$(PY) -m sospeso build --profile $(PROFILE) --keep-profile
	@$(PY) -m sospeso serve $(DIR) --port $(PORT)

doctor: setup
	@$(PY) -m sospeso doctor

# Leaves $SOSPESO_CACHE alone: the next build takes its steps from there. Of dist/ (or $SOSPESO_DIST)
# goes what the build put there.
clean:
	$(PYTHON) -m cpython.build clean --only-dist
	rm -rf build/generated polyfills/jspi/dist .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
