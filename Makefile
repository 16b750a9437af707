# Two commands start everything: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8000
VENV ?= .venv
# The newest of these that is at least 3.11 makes the virtual environment; `make run PYTHON=...` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
NEEDS := constraints.txt setup.cfg pyproject.toml
WORKERS ?= 2
TESTS ?= tests

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp is stale when what it was made from is newer, or when the environment is gone.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	@echo "Making the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(NEEDS) | $(BIN)/python
	@echo "Installing what Nền Nếp needs ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[postgres]'
	@touch $@

$(VENV)/.installed-dev: $(NEEDS) | $(BIN)/python
	@echo "Installing what Nền Nếp and its tests need ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[postgres,dev]'
	@touch $@ $(VENV)/.installed

.PHONY: install
install: $(VENV)/.installed ## virtual environment with the application

.PHONY: dev
dev: $(VENV)/.installed-dev ## virtual environment with the tools of development

.PHONY: run
run: install ## demo site on http://127.0.0.1:8000 (PORT=... changes it); data stay in var/
	@$(BIN)/nennep demo --if-empty
	@PORT=$(PORT) $(BIN)/nennep serve

.PHONY: test
test: dev ## whole test suite: SQLite, PostgreSQL and a real browser
	@tools/browser
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

.PHONY: check
check: dev ## lint, types, layers, and the proof of the law files
	@echo "ruff";         $(BIN)/ruff check .
	@echo "mypy";         $(BIN)/mypy
	@echo "import-linter"; $(BIN)/lint-imports
	@echo "law";          $(BIN)/nennep rules check

.PHONY: soak
soak: dev ## long races and random runs, on both databases
	@$(BIN)/python -m pytest tests/soak

.PHONY: bench
bench: dev ## measurements side by side with peers, in one run
	@$(BIN)/python -m bench

.PHONY: screenshots
screenshots: dev ## pictures of the main pages into docs/images/
	@tools/browser
	@$(BIN)/python -m tools.screenshots

.PHONY: glossary
glossary: dev ## write the terms of the law into docs/glossary.md
	@$(BIN)/python -m tools.glossary

.PHONY: lock
lock: ## write constraints.txt anew from the ranges in setup.cfg
	@tools/lock "$(PYTHON)"

.PHONY: clean
clean: ## remove the virtual environment, caches and build folders; never data in var/
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
