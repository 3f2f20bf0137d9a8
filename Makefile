# Two commands matter: `make run` and `make test`. Both start from a fresh clone and need Python 3.11+, make,
# and the PyPI and npm registries; Node and PostgreSQL come as wheels.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
BROWSER ?= yes

.DEFAULT_GOAL := help
.PHONY: help install run test browser lint lock soak long clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

# app/web/frontend/hatch_build.py builds the front end (its own stamp makes a second call quick) and compiles the catalogues.
$(VENV)/.installed: pyproject.toml requirements.lock app/web/frontend/hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Expected Python 3.11 or newer, but $(PYTHON) is older: make run PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python app/web/frontend/hatch_build.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(VENV)/.installed  ## virtual environment with everything pinned, and the built front end
	@$(BIN)/python app/web/frontend/hatch_build.py

run: install  ## the demonstration at http://127.0.0.1:8000 (PORT=...)
	@PRATICA_DEMO=1 PORT=$(PORT) $(BIN)/pratica serve --demo

ifeq ($(BROWSER),no)
test: install  ## the whole suite; BROWSER=no leaves the browser tests out
	@echo "BROWSER=no: the browser tests are left out."
	$(BIN)/python -m tests.run --no-browser
else
test: install browser
	$(BIN)/python -m tests.run
endif

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium; } || \
	{ echo "Expected a chromium for the browser tests, but found none. Install it (Debian: sudo apt-get install chromium)"; \
	  echo "or leave the browser tests out: make test BROWSER=no"; exit 1; }

lint: install  ## ruff, mypy and the layers
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

lock:  ## pin every dependency anew
	$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-header --extra test --extra build -o requirements.lock pyproject.toml

SOAK ?= 20

soak: install  ## the random tests SOAK times as long (20): token game, FEEL
	PRATICA_SOAK=$(SOAK) $(BIN)/pytest tests/unit/engine/test_token_game.py tests/unit/feel/test_any_text.py

long: install browser  ## the long tests too: whole jobs in the browser that stories and shorter tests also play
	PRATICA_LONG=1 $(BIN)/pytest -n $(shell nproc) --dist loadfile -m long tests

clean:  ## everything that was made
	rm -rf $(VENV) app/web/frontend/node_modules app/web/static/dist .pratica
