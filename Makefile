# What people and CI type; `make` alone lists it. All that is needed is Python 3.11 to 3.13: the
# first of these that is one, unless PYTHON is given. Plain enough for the GNU make 3.81 of macOS.
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
UV := uv==0.13.9
VENV := .venv
BIN := $(VENV)/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install run test bench check lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s%s\n", $$1, $$2 }' Makefile

install: $(VENV)/package.stamp ## build .venv: the locked libraries and this package
run: install ## run every experiment, skipping finished jobs
	$(BIN)/python -m benchmark run experiments/*.yaml

# Without the last option, pytest waits for ever at the end if a crash took one of its processes.
test: $(VENV)/test.stamp ## run the tests, two files at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart 0

bench: $(VENV)/test.stamp ## measure speed against others, 15 minutes: a table, reports/speed.md
	$(BIN)/python tests/speed

check: $(VENV)/test.stamp ## format, lint, types and the floors of the house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## pin the libraries in pyproject.toml again; delete the lock files first to upgrade
	@$(find_python); "$$python" -m venv $(VENV)/uv
	$(VENV)/uv/bin/pip install --quiet $(UV)
	$(compile) --output-file requirements.lock
	$(compile) --extra test --constraint requirements.lock --output-file requirements-test.lock

clean: ## remove what these targets made; data, records and reports stay
	rm -rf $(VENV) build *.egg-info .*_cache .hypothesis
	find benchmark tests -name __pycache__ -prune -exec rm -rf {} +

# A stamp is written last, so an install that was cut short is done again; `--clear` takes all the
# stamps along, and with them libraries that are no longer locked. librosa's functions are compiled
# here: two processes that do so at once can leave a cache that crashes (issue 10128 of numba).
$(VENV)/libraries.stamp: requirements.lock
	@$(find_python); echo "$$python -m venv $(VENV)"; "$$python" -m venv --clear $(VENV)
	@echo "installing the libraries in requirements.lock (4 GB on disk, some minutes)"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/python -W ignore -c 'import librosa.beat, librosa.core.pitch'
	@touch $@

$(VENV)/package.stamp: $(VENV)/libraries.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Basic Pitch is wanted for its weights; the TensorFlow it asks for is not that of this package.
$(VENV)/test.stamp: $(VENV)/package.stamp requirements-test.lock requirements-weights.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-test.lock
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements-weights.lock
	@touch $@

define find_python
for python in $(PYTHONS); do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		2>/dev/null && break; \
	python=; \
done; \
if [ -z "$$python" ]; then \
	echo "no Python 3.11 to 3.13 among: $(PYTHONS); give one: make PYTHON=python3.12" >&2; \
	exit 1; \
fi
endef

# The build backend is pinned too: nothing is fetched to build this package. One version of each
# library for every Python, so that all of them compute the same numbers.
define compile
sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml | $(VENV)/uv/bin/uv pip compile \
	pyproject.toml - --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet
endef
