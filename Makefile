# Thin: makes .venv, then calls what does the work. For GNU make 3.81 and later; on Windows: py -m nox (docs/development.md).
.DEFAULT_GOAL := help
.PHONY: help garden demo test test-full lint
.SUFFIXES:

FOCUS ?=
REPO ?= .
ARGS ?=
PYTHON ?=
quoted = '$(subst ','\'',$(1))'

help: ## this text
	@echo 'gardener: what make can do here (each makes the environment it needs)'
	@echo
	@echo '  make demo                 the example repository, from red to a true tracker, in a few minutes'
	@echo '  make garden               tend the failing tests: every focus in stage order'
	@echo '       FOCUS=critical       ... of one focus'
	@echo '       REPO=../other        ... of another repository'
	@echo '  make test                 the tests that are not slow'
	@echo '  make test-full            all tests'
	@echo '       ARGS="-k words"      ... with words for pytest'
	@echo '  make lint                 rules, format and types'

.venv/.ready-test: pyproject.toml .ci/environment
	@PYTHON=$(call quoted,$(PYTHON)) sh .ci/environment test

.venv/.ready-lint: .venv/.ready-test
	@PYTHON=$(call quoted,$(PYTHON)) sh .ci/environment lint

garden: .venv/.ready-test
	@here=`pwd` && cd $(call quoted,$(REPO)) && "$$here/.venv/bin/gardener" run $(FOCUS)

demo: .venv/.ready-test
	@.venv/bin/python examples/demo/play.py

test: .venv/.ready-test
	@.venv/bin/python -m pytest -n auto -m "not slow" $(ARGS)

test-full: .venv/.ready-test
	@.venv/bin/python -m pytest -n auto $(ARGS)

lint: .venv/.ready-lint
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
