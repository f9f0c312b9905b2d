# The only commands anybody needs. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp

.PHONY: setup demo test check fmt bench docs lock clean

setup: $(STAMP)

$(STAMP): requirements/dev.txt packages/guard/pyproject.toml packages/launchready/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: needs Python 3.11 or newer, found $$($(PYTHON) -V). Give one: make PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e packages/guard -e packages/launchready
	@$(BIN)/python -m compileall -q -x demo/opsboard packages/guard/src packages/launchready/src
	@touch $@

demo: setup
	@$(BIN)/launchready demo

test: setup
	@sh scripts/system-packages
	@# Tests of one module stay together, so that what they share is started about once, and who is done early takes over.
	@$(BIN)/pytest -n auto --dist worksteal

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy packages tests scripts
	$(BIN)/lint-imports --no-logo

fmt: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@$(BIN)/python bench/startup.py
	@$(BIN)/python bench/history.py
	@$(BIN)/python bench/guard/overhead.py

docs: setup
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q
	@echo "Written: site/index.html"

lock: setup
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --no-emit-package launchready-guard --no-emit-package launchready --custom-compile-command "make lock" \
	  packages/launchready/pyproject.toml --all-extras requirements/dev.in -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --custom-compile-command "make lock" requirements/bench.in -o requirements/bench.txt

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
