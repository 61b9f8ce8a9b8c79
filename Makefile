# make demo: the dashboard over a small mail platform. make test: everything that is checked.
PYTHON ?= python3
VENV   := .venv
PIP    := $(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test bench pictures clean

demo: $(VENV)/.demo
	$(VENV)/bin/penguintui demo

test: $(VENV)/.test
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/pytest --numprocesses 3 --dist loadfile

bench: $(VENV)/.test
	$(VENV)/bin/python -m benchmarks

pictures: $(VENV)/.test
	$(VENV)/bin/python docs/make_pictures.py

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "penguintui needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(PIP) --editable '.[lab]'
	touch $@

# With CI set, the servers that tests start are installed too, without starting them as services. The program is
# compiled here once: tests start it some hundred times, and where bytecode is not to be written each would do it anew.
$(VENV)/.test: $(VENV)/bin/pip pyproject.toml constraints.txt
	test -z "$$CI" || .ci/servers
	$(PIP) --editable '.[dev]'
	$(VENV)/bin/python -m compileall -q penguintui
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
