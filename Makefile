# make run · make test · make setup; see README.md. Needs only Python >= 3.11 (and make); all else is installed here.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BOLE_DATA ?= data
PORT ?= 8000
HOST ?= 127.0.0.1
# What pip has installed, on all cores; pip itself would use one. A package may hold files of another Python's.
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
NOTICES ?= $(wildcard ../shared/notices)
export BOLE_DATA PORT HOST
PO := $(wildcard webforms/translations*/*/LC_MESSAGES/*.po)

.PHONY: help setup setup-test system run test compiled lint format check bench bench-chat bench-looks bench-workbooks bench-documents bench-search lock clean

help:
	@echo "make run     start Bole with demo data on http://$(HOST):$(PORT) (PORT, HOST, BOLE_DATA)"
	@echo "make test    run every test (installs Chromium, a CJK font and LibreOffice through apt where missing)"
	@echo "make setup   only install into $(VENV)"
	@echo "make lint    style, types and layers;  make check    the programme packs;  make bench    ratios"
	@echo "make bench-chat  the chat against its peers and a bare view, and a flood (some minutes; ONLY=turns|webhook|growth|flood)"
	@echo "make bench-documents  photos, reading and the way from the upload to the verdict, against targets (ONLY=images)"
	@echo "make bench-looks  how often a good photo is called bad (COUNT, 210; some minutes)"
	@echo "make bench-search  finding people among many, against a target (two minutes; PEOPLE, 100000)"
	@echo "make bench-workbooks  the workbook writer against its peers (a few minutes; RUNS)"

setup: $(VENV)/installed $(VENV)/translated

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it or say make PYTHON=/path/to/python3"; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: on Debian or Ubuntu, apt install python3-venv"; exit 1; }

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing what Bole needs (first time: about a minute) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements.lock
	@$(COMPILE)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable . \
		>$(VENV)/install.log 2>&1 || { cat $(VENV)/install.log; exit 1; }
	@touch $@

$(VENV)/translated: $(PO) | $(VENV)/installed
	@for po in $(PO); do $(BIN)/pybabel -q compile -i $$po -o $${po%.po}.mo 2>&1 || exit 1; done
	@touch $@

$(VENV)/installed-test: requirements-test.lock $(VENV)/installed
	@echo "installing what the tests need …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-test.lock
	@$(COMPILE)
	@touch $@

# Chromium and the like; npm is among them.
system:
	@sh tests/install_needs.sh

# Somebody else's simulator, which must agree with us; only tests run it.
$(VENV)/strangers/installed: tests/support/strangers/package-lock.json tests/support/strangers/package.json | system
	@mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && npm ci --silent --no-audit --no-fund --ignore-scripts && touch installed

setup-test: setup $(VENV)/installed-test system $(VENV)/strangers/installed

run: setup
	@BOLE_DEMO=1 exec $(BIN)/bole serve

lint: setup $(VENV)/installed-test
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format --check -q . || { echo "run: make format"; exit 1; }
	@$(BIN)/mypy --num-workers 2
	@$(BIN)/lint-imports >/dev/null || $(BIN)/lint-imports

check: setup
	@$(BIN)/bole check $(if $(NOTICES),--notices $(NOTICES))

# The tests start some hundred processes of ours, and where PYTHONDONTWRITEBYTECODE is set none leaves bytecode behind.
compiled: $(VENV)/bin/python
	@$(BIN)/python -m compileall -q models bot_adapter webforms workers

# What the system needs is fetched while Python's packages are, and the types are looked through beside both.
test:
	@$(MAKE) --no-print-directory -j 3 setup-test lint check compiled
	@BOLE_NOTICES="$(NOTICES)" $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: setup $(VENV)/installed-test
	@$(BIN)/python benchmarks/doors.py

bench-chat: setup $(VENV)/installed-test
	@for peer in aiogram telegram; do \
		test -x $(VENV)/bench-$$peer/bin/python || $(PYTHON) -m venv $(VENV)/bench-$$peer || exit 1; \
		$(VENV)/bench-$$peer/bin/python -m pip install -qq --disable-pip-version-check --require-hashes \
			-r benchmarks/requirements-$$peer.txt || exit 1; \
	done
	@$(BIN)/python benchmarks/chat.py $(ONLY)

bench-looks: setup $(VENV)/installed-test
	@PYTHONPATH=tests/support $(BIN)/python benchmarks/looks.py $(COUNT)

bench-workbooks: setup
	@test -x $(VENV)/bench/bin/python || $(PYTHON) -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	@$(BIN)/python benchmarks/workbooks.py $(VENV)/bench/bin/python

bench-documents: setup $(VENV)/installed-test
	@$(BIN)/python benchmarks/documents.py $(ONLY)

bench-search: setup $(VENV)/installed-test
	@$(BIN)/python benchmarks/search.py $(PEOPLE)

# The lock files are complete, so they are installed without looking for more (rapidocr would bring a second OpenCV).
lock: $(VENV)/bin/python
	@$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	@$(BIN)/uv pip compile -q --no-header --generate-hashes --python-version 3.11 --extra ocr pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --no-header --generate-hashes --python-version 3.11 --extra ocr --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

format:
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache *.egg-info
