# Sets up a fresh machine (Python 3.11, git and make are enough) and runs the assistant or its tests; README.md has the
# same commands for people without make.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check eval clean

# ingest ends with 1 when a file was refused (it has said which): the chat opens on the others
run: $(VENV)/.run
	$(BIN)/python -m ingest --if-stale || [ $$? -eq 1 ]
	$(BIN)/python app.py $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy .

eval: $(VENV)/.dev
	$(BIN)/python -m ingest --if-stale || [ $$? -eq 1 ]
	$(BIN)/python -m eval $(ARGS)

clean:
	rm -rf $(VENV) .index

# torch first and by its exact version: an open range would bring several GB of CUDA packages
$(VENV)/.run: constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@
