PYTHON ?= $(shell python3.11 -c '' 2>/dev/null && echo python3.11 || echo python3)
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= auto
SIZE ?= medium
MINUTES ?= 5
FIGURES ?= faults.json
SEED ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --all-build-deps

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults fuzz lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 8

run: .venv/run.stamp ## serve on HOST:PORT (127.0.0.1:8000), with demo data in an empty database
	@$(BIN)/curdbee-compat db upgrade
	@$(BIN)/curdbee-compat demo --if-empty
	@exec $(BIN)/curdbee-compat serve --host $(HOST) --port $(PORT)

test: .venv/dev.stamp ## run the tests on WORKERS processes (auto: one a core)
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile

check: .venv/dev.stamp ## format, lint, types and import direction
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev.stamp ## measure against the least that could answer the same, on SIZE data (small, medium, large)
	@$(BIN)/python -m bench run --size $(SIZE)

faults: .venv/dev.stamp ## kill, stop, freeze, lock and fill for MINUTES (5), and see that nothing is lost
	@PYTHONPATH=.:tests $(BIN)/python -m faults --minutes $(MINUTES) --json $(FIGURES)

fuzz: .venv/dev.stamp ## send requests made at random for MINUTES (5); SEED=N has a round again
	@PYTHONPATH=.:tests $(BIN)/python -m fuzz --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

lock: .venv/dev.stamp ## write requirements/*.txt anew, with the newest releases that setup.cfg admits
	@$(LOCK) --extra postgres --output-file requirements/run.txt setup.cfg
	@$(LOCK) --all-extras --constraint requirements/run.txt --output-file requirements/dev.txt setup.cfg

clean: ## remove .venv, caches and built files; instance/ stays
	@rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than what it was installed from, so a second make installs nothing.
.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/made.stamp requirements/run.txt setup.cfg pyproject.toml
	@echo "Installing requirements/run.txt"
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# On top of run.stamp: dev.txt holds every pin of run.txt, so neither ever takes back what the other installed.
.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@echo "Installing requirements/dev.txt"
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@
