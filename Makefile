# Everything Pallay does from the command line. `make` alone lists it.

PYTHON ?= python3
UV ?= uv
JOBS ?= 2
ARGS ?=

BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help demo run worker migrate test lint types ci storm bench format lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## the whole way of one piece, with everything it needs (ARGS=--once: walk it and end)
	$(BIN)/pallay demo $(ARGS)

run: $(READY) ## the web server (ARGS="--port 8080")
	$(BIN)/pallay serve $(ARGS)

worker: $(READY) ## the worker that does what was put off
	$(BIN)/pallay worker $(ARGS)

migrate: $(READY) ## bring the database to the newest revision
	$(BIN)/pallay migrate $(ARGS)

test: $(READY) ## the tests (JOBS=2 processes; ARGS="-k stock")
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

lint: $(READY) ## style: ruff's rules and its format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## types: mypy
	$(BIN)/mypy .

ci: lint types test ## what CI runs

storm: $(READY) ## 500 orders in a storm of faults, kills and late news (ARGS="--orders 500 --seed 7 --seconds 60")
	$(BIN)/python -m tests.storm $(ARGS)

bench: $(READY) ## requests per second and CPU (ARGS="pay-run --obligations 100000": a pay run)
	$(BIN)/python -m bench $(ARGS)

format: $(READY) ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## pin every requirement anew, with hashes (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: install it (pip install uv), or say where it is: make lock UV=path"; exit 1; }
	for list in base dev; do \
	  $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate requirements/$$list.in -o requirements/$$list.txt || exit 1; \
	done

# One stamp for all the set-up: made anew when the lock changes. The checkout itself is put on the path
# by a .pth file, so nothing is built and nothing unpinned is fetched.
$(READY): requirements/dev.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Pallay needs Python 3.11 or newer. On Debian: apt install python3 python3-venv. On macOS: python.org or brew install python."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { \
	  echo "Pallay runs on Python 3.11 to 3.14; $(PYTHON) is `$(PYTHON) --version`. Name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make a virtual environment. On Debian: apt install python3-venv. Then run make again."; exit 1; }
	@echo "Setting up .venv (once; a minute or two)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -c 'import os, pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "pallay.pth").write_text(os.getcwd() + "\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m app "$$@"\n' > $(BIN)/pallay
	@chmod +x $(BIN)/pallay
	@touch $@
