# Everything a developer runs. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
SKIPPED := build/skipped-tests
UPGRADE ?= --upgrade
LOCK = $(BIN)/uv pip compile --quiet $(UPGRADE) --generate-hashes --no-header --no-emit-index-url \
  --python-version 3.11
# Debian's Maven colours, or at least resets colours, whatever it is told and writes to.
PLAIN := sed $$'s/\e\\[[0-9;]*m//g' >&2

.PHONY: help setup setup-train setup-airflow setup-fuzz demo test long fuzz check fmt generate console-assets bench coverage docs lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(VENV)/.done .jars/.done ## install all it needs into this folder (.venv, .jars)
	@:

setup-train: setup .venv-train/.done ## install what trains models into a folder of its own, .venv-train
	@:

setup-airflow: setup .venv-airflow/.done ## install Airflow into .venv-airflow, to test the DAG of docs/examples
	@:

setup-fuzz: setup .venv-fuzz/.done ## install what leads fuzzing by coverage into .venv-fuzz
	@:

demo: setup $(if $(filter --learn,$(ARGS)),setup-train) ## start everything, stream fraud through it, show what was caught (ARGS="--help")
	@$(BIN)/risk demo $(ARGS)

test: setup-train check ## check, then the tests without servers, then those against real ones
	@mkdir -p build && rm -f $(SKIPPED)
	@TESTS_SKIPPED=$(SKIPPED) $(BIN)/pytest tests/unit tests/training -n auto $(ARGS)
	@TESTS_SKIPPED=$(SKIPPED) $(BIN)/pytest tests --ignore=tests/unit --ignore=tests/training --ignore=tests/long $(ARGS)
	@$(BIN)/python tests/needs.py $(SKIPPED)

long: setup ## the long proofs: hostile input, outages, takeovers, clusters, learning; some 115 min
	@mkdir -p build
	@$(BIN)/pytest tests/long -s $(ARGS)

fuzz: setup-fuzz ## hostile input, led by coverage: a million inputs or an hour for each target (ARGS="--help")
	@mkdir -p build
	@$(BIN)/python -m tests.fuzz --guided $(ARGS)

check: setup ## format, lint and types
	@$(BIN)/ruff format --check --quiet . || { echo 'not formatted: run `make fmt`' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

fmt: setup ## format, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

generate: setup ## write what is made from sources: lists of features, dashboards
	@$(BIN)/python -m risk.derived.build
	@$(BIN)/python -m risk.dashboards.grafana.build
	@mkdir -p build
	@$(BIN)/python -m risk.dashboards.kibana.build > build/risk.ndjson
	@mv build/risk.ndjson docker/kibana/risk.ndjson

console-assets: ## make the console's map and htmx from pinned packages (needs Node)
	@cd risk/console/vendor && npm ci --silent --ignore-scripts && node build.mjs >/dev/null

bench: setup ## measure throughput and latency (ARGS="--help")
	@$(BIN)/risk bench $(ARGS)

coverage: setup ## run the unit tests, and show what code they don't reach
	@mkdir -p build
	@$(BIN)/pytest tests/unit -n auto -q --cov --cov-report=term:skip-covered $(ARGS)

docs: $(VENV)/.docs ## build the documents as a site with search into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo 'open build/site/index.html'

lock: $(VENV)/.done ## take newer versions of the Python packages into the locks (UPGRADE= keeps them)
	@$(LOCK) --extra stack --extra console --extra dev --output-file requirements.lock pyproject.toml
	@$(LOCK) --group train --output-file requirements-train.lock
	@$(LOCK) --group fuzz --output-file requirements-fuzz.lock
	@$(LOCK) --group airflow --output-file requirements-airflow.lock
	@$(LOCK) --group docs --constraint requirements.lock --output-file docs/requirements.lock

clean: ## stop the servers; remove their data and what was built (.venv and .jars stay)
	@if [ -x $(BIN)/risk ]; then $(BIN)/risk down; fi
	@rm -rf build .stack .stack-chaos* .stack-soak* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# uv comes first, at its locked version, because it installs the rest many times faster than pip.
$(VENV)/.done: requirements.lock pyproject.toml
	@$(call need_python)
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo 'setup: Python packages into $(VENV)'
	@sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^ /p}' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# What builds the site has a lock of its own: 17 packages and 120 MB that neither a setup nor the
# image needs. The versions that both locks have are the same.
$(VENV)/.docs: $(VENV)/.done docs/requirements.lock
	@echo 'docs: MkDocs into $(VENV)'
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r docs/requirements.lock
	@touch $@

# Training has an environment of its own: it needs newer packages than Flink allows.
.venv-train/.done: $(VENV)/.done requirements-train.lock
	@[ -x .venv-train/bin/python ] || $(PYTHON) -m venv .venv-train
	@echo 'setup: what trains models into .venv-train'
	@$(BIN)/uv pip install --quiet --python .venv-train/bin/python --require-hashes \
	  -r requirements-train.lock
	@touch $@

# It runs what is in .venv, under an interpreter of its own.
.venv-fuzz/.done: $(VENV)/.done requirements-fuzz.lock
	@[ -x .venv-fuzz/bin/python ] || $(PYTHON) -m venv .venv-fuzz
	@echo 'setup: what leads fuzzing by coverage into .venv-fuzz'
	@$(BIN)/uv pip install --quiet --python .venv-fuzz/bin/python --require-hashes \
	  -r requirements-fuzz.lock
	@cd $(VENV)/lib/python3.11/site-packages && pwd -P > $(CURDIR)/.venv-fuzz/lib/python3.11/site-packages/venv.pth
	@touch $@

# Airflow has 100 packages of its own, of which the project needs none: it only calls commands.
.venv-airflow/.done: $(VENV)/.done requirements-airflow.lock
	@[ -x .venv-airflow/bin/python ] || $(PYTHON) -m venv .venv-airflow
	@echo 'setup: Airflow into .venv-airflow'
	@$(BIN)/uv pip install --quiet --python .venv-airflow/bin/python --require-hashes \
	  -r requirements-airflow.lock
	@touch $@

.jars/.done: pom.xml
	@$(call need_java)
	@echo 'setup: Kafka, its Flink connector and Elasticsearch into .jars'
	@rm -rf .jars/kafka .jars/flink .jars/elasticsearch
	@mvn -q -B generate-resources 2>&1 | $(PLAIN)
	@test -x .jars/elasticsearch/bin/elasticsearch
	@touch $@

define need_python
$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
  echo 'setup: Python 3.11 is missing: install it (Debian: apt-get install python3.11-venv), or name it: make setup PYTHON=/path/to/python3.11' >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
  echo 'setup: the venv module is missing: install it (Debian: apt-get install python3.11-venv)' >&2; exit 1; }
endef

define need_java
java -version 2>&1 | grep -q 'version "17\.' || { \
  echo 'setup: Java 17 is missing: install it (Debian: apt-get install openjdk-17-jdk-headless) and put its bin on PATH' >&2; exit 1; }; \
command -v mvn >/dev/null || { \
  echo 'setup: Maven is missing: install it (Debian: apt-get install maven)' >&2; exit 1; }
endef
