# Everything a developer types. `make help` lists it.
# The first `make run` or `make test` builds .venv from the lock files; later ones find it ready.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
ARGS   ?=

PIP     := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' pyproject.toml
LINTED  := edge drivers tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test fuzz lint format bench docs wheel lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.demo ## the demo branch; ARGS='--headless --for 30 --port 8080' passes arguments on
	@exec $(BIN)/lobbyd demo $(ARGS)

test: $(VENV)/.dev ## lint, types, import contracts and every test; ARGS goes to pytest, '-n auto --dist loadfile' is faster
	@tests/system_packages.sh
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest $(ARGS)

fuzz: $(VENV)/.dev ## a million frames with faults for every decoder, minutes each; ARGS='-k led' chooses drivers
	@$(BIN)/python -m pytest -o faulthandler_timeout=0 tests/fuzz/fuzz_decoders.py $(ARGS)

lint: $(VENV)/.dev ## formatting, lint, types and import contracts, without the tests
	@$(BIN)/ruff format --quiet --check $(LINTED)
	@$(BIN)/ruff check --quiet $(LINTED)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## formats, and mends what ruff can mend safely
	@$(BIN)/ruff format $(LINTED)
	@$(BIN)/ruff check --fix $(LINTED)

bench: $(VENV)/.demo ## the benchmarks; ARGS names one
	@exec $(BIN)/lobbyd bench $(ARGS)

docs: $(VENV)/.dev ## docs/rules.md, from the rules
	@$(BIN)/python -m edge.config.reference > docs/rules.md.new
	@mv docs/rules.md.new docs/rules.md

wheel: $(VENV)/.dev ## dist/lobbyd-….whl
	@$(BIN)/python -m build --wheel --no-isolation

lock: $(VENV)/.made ## resolves the dependencies anew and writes the lock files
	@$(PIP) install --quiet uv
	@$(COMPILE) --upgrade --output-file requirements.lock
	@$(COMPILE) --upgrade --constraint requirements.lock --extra demo --group build --output-file requirements-demo.lock
	@$(COMPILE) --upgrade --constraint requirements-demo.lock --extra demo --extra dev --group build \
		--output-file requirements-dev.lock

clean: ## removes what the other targets made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find edge drivers tests -name __pycache__ -prune -exec rm -rf {} +

# Stamps: a lock file that changes is installed again, one that does not costs nothing.

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "lobbyd needs Python 3.11 or later, and there is no $(PYTHON) here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "lobbyd needs Python 3.11 or later, and $(PYTHON) is older: make PYTHON=python3.11 … names another." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment: install its venv package." >&2; exit 1; }
	@touch $@

$(VENV)/.demo: requirements-demo.lock pyproject.toml | $(VENV)/.made
$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.made

$(VENV)/.demo $(VENV)/.dev:
	@echo "Installing $< into $(VENV) …"
	@$(PIP) install --quiet --require-hashes --requirement $<
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
