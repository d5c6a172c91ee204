# Everything a developer needs. Python 3.11 or newer with pip, and make; nothing else has to be installed.
#
#   make run     set up once, then open the desk on http://127.0.0.1:8080 with a demo studio
#   make test    set up once, then run every test on the embedded servers
#                (and on REDIS_URL_TEST and DATABASE_URL_TEST when they are set; several Redis, with spaces between
#                them, make as many rows of tests)

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := runtime channels skills knowledge tests
FAST := not slow and not browser and not faults and not outside

# uv reads its own settings, not pip's: hand a mirror and its certificate on.
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
ifeq ($(UV_DEFAULT_INDEX),)
unexport UV_DEFAULT_INDEX
endif
# In a container everybody is root; the environment is ours alone.
export PIP_ROOT_USER_ACTION := ignore

# uv installs in seconds. Where there is no uv for this machine, pip does the same, slower.
define install
	@echo "Installing Frontdesk into $(VENV)$(2) ..."
	@if [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python --editable '$(1)'; then :; \
	else $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
		$(BIN)/python -m pip install --quiet --editable '$(1)'; fi
endef

.PHONY: help setup run test lint check bench soak clean

help:
	@echo "make run    open the desk on http://127.0.0.1:8080 with a demo studio"
	@echo "make test   run every test"
	@echo "make lint   format, lint and types"
	@echo "make check  format, lint, types, architecture and the fast tests (two to three minutes on two cores)"
	@echo "make bench  print what a turn costs"
	@echo "make soak   fuzzers and a long fault run (TURNS=20000 MINUTES=40), with a table at the end"
	@echo "make setup  only prepare $(VENV), with the tools for tests"
	@echo "make clean  remove $(VENV) and everything that can be made again; data/ stays"

setup: $(VENV)/.ready-to-test

run: $(VENV)/.ready-to-run
	@exec $(BIN)/frontdesk serve

test: $(VENV)/.ready-to-test
	@set --; \
	for url in $$REDIS_URL_TEST; do set -- "$$@" --redis "$$url"; done; \
	[ -z "$$DATABASE_URL_TEST" ] || set -- "$$@" --database "$$DATABASE_URL_TEST"; \
	exec $(BIN)/python -m tests "$$@" $(PYTEST_ARGS)

lint: $(VENV)/.ready-to-test
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/mypy

check: lint
	$(BIN)/python -m tests --together -q -m "$(FAST)" $(PYTEST_ARGS)

bench: $(VENV)/.ready-to-test
	@exec $(BIN)/python -m tests.benchmarks

# Two workers on a Redis and a PostgreSQL of their own (SQLite where there is none) that are killed all the time.
TURNS ?= 20000
MINUTES ?= 40
FUZZ_MINUTES ?= 15
soak: $(VENV)/.ready-to-test
	@exec $(BIN)/python -m tests.faults.soak --turns $(TURNS) --minutes $(MINUTES) --fuzz-minutes $(FUZZ_MINUTES) $(SOAK_ARGS)

clean:
	rm -rf $(VENV) .bootstrap .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

# uv makes the environment and goes into it: quicker than venv, and some systems ship Python without ensurepip.
# Where pip finds no uv for this machine, venv and pip take over.
$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Frontdesk needs Python 3.11 or newer, and none was found." \
		"Install one, or name it: make PYTHON=/path/to/python3.11 run" >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) (once) ..."
	@if $(PYTHON) -m pip install --quiet --target .bootstrap uv && \
		PYTHONPATH=.bootstrap $(PYTHON) -m uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV) && \
		PYTHONPATH=.bootstrap $(PYTHON) -m uv pip install --quiet --python $(BIN)/python uv; then :; \
	else echo "Without uv, which takes a little longer ..."; $(PYTHON) -m venv $(VENV); fi
	@rm -rf .bootstrap

$(VENV)/.ready-to-run: pyproject.toml | $(BIN)/python
	$(call install,.,)
	@touch $@

$(VENV)/.ready-to-test: pyproject.toml | $(BIN)/python
	$(call install,.[test], with the tools for tests)
	@touch $@ $(VENV)/.ready-to-run
