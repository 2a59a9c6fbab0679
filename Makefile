# The commands of this project; README.md says what each is for.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo test check bench torture fmt venv venv-dev

demo: venv
	$(PY) manage.py demo

test: venv-dev
	.ci/system-packages
	.ci/tests

check: venv-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m pytest tests/test_architecture.py

bench: venv-dev
	$(VENV)/bin/uv pip install --quiet --python $(PY) -r bench/requirements.txt
	$(PY) -m bench $(PARTS)

torture: venv-dev
	.ci/system-packages
	.ci/torture

fmt: venv-dev
	$(VENV)/bin/ruff check --fix . ; $(VENV)/bin/ruff format .

venv: $(VENV)/.runtime

venv-dev: $(VENV)/.development

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet uv==0.13.9

$(VENV)/.runtime: $(VENV)/bin/uv requirements.txt
	$(VENV)/bin/uv pip install --quiet --python $(PY) -r requirements.txt
	@touch $@

$(VENV)/.development: $(VENV)/bin/uv requirements.txt requirements-dev.txt
	$(VENV)/bin/uv pip install --quiet --python $(PY) -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime
