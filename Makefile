# The causal workbench. `make run` and `make test` are each the only command that a fresh machine
# with Python 3.11 and make needs; `make` alone lists the targets.

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/installed.txt
PORT ?= 8501
PYTEST_ARGS ?= -n 2 --dist loadscope  # a module stays in one process, with its server
CATALOGUE := causal_core/locales/messages.pot
SOURCES := $(wildcard causal_core pages app.py)

# Two test processes that each start a thread per core would only wait for each other.
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

.DEFAULT_GOAL := help
.PHONY: help setup run test long bench format catalogue demo clean

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12
	@echo
	@echo "Settings: PORT=8501, CAUSAL_HOME=folder of the projects, PYTEST_ARGS='-k words'"

# The stamp is a copy of the requirements that were installed, written last: whatever was cut off
# before is taken up again, and a checkout that only touched the file installs nothing.
define SETUP
set -eu
exec 9> .setup.lock
if command -v flock > /dev/null; then flock 9; fi
if cmp -s requirements.txt $(STAMP) && $(PY) -c '' 2> /dev/null; then touch $(STAMP); exit 0; fi
if ! $(PY) -m pip --version > /dev/null 2>&1; then
    for python in $(PYTHON) python3.11 python3 none; do
        if "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2> /dev/null
        then break; fi
    done
    if [ "$$python" = none ]; then
        echo 'Python 3.11 is needed: install it, or name it with PYTHON=/path/to/python3.11.' >&2
        exit 1
    fi
    echo "Making $(VENV) with $$("$$python" --version) ..."
    "$$python" -m venv --clear $(VENV)
fi
# pip writes INSTALLER last: a package without it was cut off, and is installed again.
for package in $(VENV)/lib/python3.11/site-packages/*.dist-info; do
    [ -e "$$package/INSTALLER" ] || rm -rf "$$package"
done
echo 'Installing what requirements.txt names (a minute or two) ...'
$(PY) -m pip install -qq --disable-pip-version-check --requirement requirements.txt
cp requirements.txt $(STAMP).part
mv $(STAMP).part $(STAMP)
endef
export SETUP

# A virtualenv whose Python has gone (the machine was upgraded) is made again.
ifeq ($(wildcard $(PY)),)
.PHONY: $(STAMP)
endif

$(STAMP): requirements.txt
	@sh -c "$$SETUP"

setup: $(STAMP)  ## make the virtualenv with every pinned library (does nothing when it is there)
	@:

run: setup  ## open the workbench on http://localhost:8501 (PORT=, CAUSAL_HOME=)
	@exec $(PY) -m streamlit run app.py --server.port $(PORT)

test: setup  ## format, lint, import rules, types and every test but the long ones
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m mypy
	$(THREADS) $(PY) -m pytest -m "not long" $(PYTEST_ARGS)

long: setup  ## the tests that simulate for minutes
	$(THREADS) nice -n 10 $(PY) -m pytest -m long $(PYTEST_ARGS) || [ $$? = 5 ]  # 5: none yet

bench: setup  ## every benchmark, one after another
	@failed=; for script in tests/benchmarks/bench_*.py; do \
	    [ -e "$$script" ] || { echo 'There is no benchmark yet.'; break; }; \
	    echo "== $$script"; PYTHONPATH=. $(PY) "$$script" || failed="$$failed $$script"; \
	done; [ -z "$$failed" ] || { echo "Failed:$$failed" >&2; exit 1; }

format: setup  ## put the code into its shape
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

# Same texts, same file: no places, no dates. Our placeholders are {braces}, so a percent sign in
# a sentence is no format.
catalogue: setup  ## collect every text that a person reads, for the translators
	@$(VENV)/bin/pybabel --quiet extract --no-default-keywords -k t -k mark \
	    --no-location --sort-output --no-wrap --project=causal-workbench --version=1 \
	    --header-comment='# Every text that a person reads. Made by: make catalogue' \
	    --output=$(CATALOGUE).part $(SOURCES)
	@sed -e '/^"POT-Creation-Date/d' -e 's/, python-format$$//' -e '/^#$$/d' \
	    $(CATALOGUE).part > $(CATALOGUE)
	@rm -f $(CATALOGUE).part
	@echo "$(CATALOGUE): $$(grep -c '^msgid' $(CATALOGUE)) entries"

# It need not be made anew when a library changes: the file holds its own table and results.
demo: setup  ## answer the demo's question anew and store it beside the program (a minute)
	@$(THREADS) nice -n 10 $(PY) -m causal_core.pipeline.demo

clean:  ## remove the virtualenv and every cache (the projects stay)
	rm -rf $(VENV) .setup.lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
	    .hypothesis test-results
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
