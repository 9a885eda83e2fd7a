# Everything a contributor runs. `make demo` and `make test` need only Python 3.11 and apt.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := ssoenv tests tools
JOBS ?= 4
MINUTES ?= 7
# The tests start Python some thousand times: what is compiled for that is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lock audit sbom coverage pythons minimums go demo test checks lint types imports shells unit soak bench completions man schemas pictures clean

demo: $(VENV)/installed
	@sh .ci/system demo
	$(BIN)/ssoenv demo

# What reads the sources takes one of the cores, beside what runs them.
test: $(VENV)/ready .system .clients
	@$(MAKE) --no-print-directory --jobs=2 checks unit

checks: lint types imports

lint: $(VENV)/ready .system
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/shellcheck shell/hook.bash shell/credential-process.sh .ci/*
	$(BIN)/shfmt -d -i 4 shell/hook.bash shell/credential-process.sh .ci/*
	zsh -n shell/hook.zsh
	fish --no-execute shell/hook.fish
	fish_indent --check shell/hook.fish

types: $(VENV)/ready
	$(BIN)/mypy

imports: $(VENV)/ready
	$(BIN)/lint-imports

unit: $(VENV)/ready .system .clients
	PYTEST_DEBUG_TEMPROOT=$$(.ci/scratch) $(BIN)/pytest -n $(JOBS) --dist loadgroup

# The program with its sandbox; then what the tests need besides.
$(VENV)/installed: pyproject.toml tools/locked/program.txt
	$(PYTHON) -c 'import sys; sys.exit("ssoenv needs Python 3.11 or newer, not %d.%d; try: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --require-hashes --requirement tools/locked/program.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/ready: $(VENV)/installed tools/locked/tests.txt
	$(BIN)/pip install --quiet --require-hashes --requirement tools/locked/tests.txt
	touch $@

.PHONY: .system .clients
.system:
	@sh .ci/system test

# The programs of others that the tests run beside ssoenv.
.clients: $(VENV)/ready .system
	@.ci/clients

# The whole suite again, measured, the program's processes included; not less than what was reached.
coverage: export COVERAGE_FILE := $(CURDIR)/.coverage-data/run
coverage: $(VENV)/ready .system .clients
	rm -rf .coverage-data
	mkdir .coverage-data
	$(BIN)/coverage run -m pytest -n $(JOBS) --dist loadgroup
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The unit and command-line tests on every Python that this machine has.
pythons: .system
	JOBS=$(JOBS) .ci/pythons

# The same on the lowest versions of the dependencies that pyproject.toml admits.
minimums: .system
	PYTHON=$(PYTHON) JOBS=$(JOBS) .ci/minimums

# The SDK for Go beside ssoenv; it takes Go itself.
go: $(VENV)/ready .system .clients
	JOBS=$(JOBS) .ci/go

# What takes longer than `make test` may, for MINUTES: of each family that this takes a sample of, all are drawn from, in
# another order each time (docs/reliability.md has the commands for the whole of one); then what has a time of its own.
soak: export HYPOTHESIS_PROFILE := random
soak: export WHOLE := 1
soak: $(VENV)/ready .system .clients
	$(BIN)/pytest -n 8 --dist loadgroup --minutes $(MINUTES) --ignore tests/races/test_storm.py
	$(BIN)/pytest -rP tests/races/test_storm.py
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.generated --all --jobs $(JOBS) --minutes 2

# The versions that are installed, anew.
lock:
	@PYTHON=$(PYTHON) .ci/lock

# Whether a weakness of them is known.
audit:
	@PYTHON=$(PYTHON) .ci/audit

# All that an installed ssoenv consists of, for those who ship it to others: dist/ssoenv.cdx.json.
sbom:
	@PYTHON=$(PYTHON) .ci/sbom

completions: $(VENV)/ready
	$(BIN)/python -m tools.completions

man: $(VENV)/ready
	$(BIN)/python -m tools.man

schemas: $(VENV)/ready
	$(BIN)/python -m tools.schemas

bench: $(VENV)/ready .system
	$(BIN)/python -m tools.bench $(if $(ONLY),--only $(ONLY))

pictures: $(VENV)/ready .system
	$(BIN)/python -m tools.pictures
	$(BIN)/python -m tools.diagram

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .pythons .clients .coverage-data
