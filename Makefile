# Everything that people and CI run. `make` alone lists it. Needs python3 (3.11 or later) and make, nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Without bytecode every start of vLLM compiles it anew: 15 s of processor time each.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.made
LOCKED := requirements/bootstrap.txt requirements/all.txt
HASHED := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
LOCK := $(BIN)/uv pip compile --quiet pyproject.toml --override requirements/overrides.txt $(HASHED)

.PHONY: help env demo train-demo up down provision doctor check test test-containers test-fast faults faults-headline bench bench-guard sbom audit lock lock-jars

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(STAMP) ## The environment in .venv, from pinned and hashed packages; instant when nothing changed

$(STAMP): $(LOCKED) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11: install a newer one and say 'make PYTHON=python3.12 env'"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: install its venv package (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "making the environment in .venv: a few minutes and 6 GB the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/all.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: env ## The whole flow with the demo shop. SHOP=folder LIMIT=products MODEL=folder-or-name KEEP=1
	@$(BIN)/shelftalk demo $(if $(SHOP),--shop "$(SHOP)") $(if $(LIMIT),--limit "$(LIMIT)") $(if $(MODEL),--model "$(MODEL)") $(if $(KEEP),--keep)

train-demo: env ## The demo's model learns from the demo shop, and writes in the next demo if it is better. DRY_RUN=1 UNDO=1 MINUTES=number
	@$(BIN)/shelftalk train-demo $(if $(DRY_RUN),--dry-run) $(if $(UNDO),--undo) $(if $(MINUTES),--minutes "$(MINUTES)")

up: env ## A broker and a schema registry on this machine
	@$(BIN)/shelftalk up

down: env ## End them; data stays in var/
	@$(BIN)/shelftalk down

provision: env ## Topics and schemas on them, or on what KAFKA_BOOTSTRAP and SCHEMA_REGISTRY_URL name
	@$(BIN)/shelftalk provision

doctor: env ## What this machine lacks, in plain words
	@$(BIN)/shelftalk doctor

check: env ## Style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

test: env ## All tests: unit, contract, integration with real processes, one with the real model
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "not containers"

test-containers: env ## The flow in containers, on the images built here; needs a Docker engine, 12 GB of disk and half an hour
	@$(BIN)/pytest -q -s -m containers tests/containers

test-fast: env ## The tests that need nothing but Python
	@$(BIN)/pytest -q -n 2 -m "not integration and not model and not containers"

faults: env ## Every way of breaking things, on a real broker. SCENARIO=name SEED=number SEEDS=count JOBS=count SLOWNESS=factor RESUME=1
	@$(BIN)/python -m tests.faults $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(SEED),--seed "$(SEED)") $(if $(SEEDS),--seeds "$(SEEDS)") $(if $(JOBS),--jobs "$(JOBS)") $(if $(SLOWNESS),--slowness "$(SLOWNESS)") $(if $(RESUME),--resume)

faults-headline: env ## 100,000 requests while workers, broker and networks are broken. SEED=number EVENTS=count
	@$(BIN)/python -m tests.faults --scenario headline --seed "$(or $(SEED),1)" $(if $(EVENTS),--requests "$(EVENTS)")

bench: env ## What the guarantees cost: a worker beside loops that promise less, on a real broker. ROUNDS=count
	@$(BIN)/python -m tests.benchmarks $(if $(ROUNDS),--rounds "$(ROUNDS)")

bench-guard: env ## What judging a text costs, in processor time. FILE=lines of shelftalk check ROUNDS=count
	@$(BIN)/python -m tests.benchmarks.guard $(if $(FILE),"$(FILE)") $(if $(ROUNDS),--rounds "$(ROUNDS)")

sbom: env ## What each image is made of, to out/sbom (CycloneDX, licences); fails on a licence that we do not take
	@$(BIN)/python -m deploy.supply

audit: env ## What is known against any package. SERVICE=osv asks another; without an answer it says so, and fails in CI
	@test -x out/audit/bin/pip-audit || $(BIN)/uv venv --quiet out/audit
	@$(BIN)/uv pip sync --quiet --python out/audit/bin/python --require-hashes requirements/audit.txt
	@$(BIN)/python -m deploy.supply.audit --pip-audit out/audit/bin/pip-audit $(if $(SERVICE),--service "$(SERVICE)")

lock: env ## Pin all packages anew, after a change in pyproject.toml: for this environment, and for each image
	@$(LOCK) --extra local --extra streams --extra workers --extra cpu --extra training --extra dev --override requirements/overrides-cpu.txt --output-file requirements/all.txt
	@$(LOCK) --extra streams --constraint requirements/all.txt --output-file requirements/streams.txt
	@$(LOCK) --extra workers --extra cpu --override requirements/overrides-cpu.txt --constraint requirements/all.txt --output-file requirements/worker-cpu.txt
	@$(LOCK) --extra workers --extra gpu --output-file requirements/worker-gpu.txt
	@$(BIN)/uv pip compile --quiet requirements/audit.in $(HASHED) --output-file requirements/audit.txt

lock-jars: env ## Pin the Java files of the local stack anew
	@$(BIN)/python -m deploy.local.pin_jars
