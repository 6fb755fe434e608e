# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# CI runs the same targets as developers. Nothing is installed outside the checkout: the virtual environment is
# .venv, and caches and the HOME of the tools are in .cache. PYTHON=python3.12 selects another interpreter and recreates
# .venv.

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
PYTEST_ARGS ?=
# One more than the number of cores, because the tests spend a fifth of their time waiting.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
BENCH_ARGS ?=

ROOT := $(CURDIR)
CACHE := $(ROOT)/.cache
VENV := $(ROOT)/.venv
PY := $(VENV)/bin/python

# pip and uv use the configuration of the user, which may contain a package index, but cache their downloads here.
export PIP_CACHE_DIR := $(CACHE)/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_CACHE_DIR := $(CACHE)/uv
export UV_PYTHON_DOWNLOADS := never
export PYTHONDONTWRITEBYTECODE := 1
# pip runs rustc to get its version, and a rustup that is not set up then writes to HOME.
ifeq ($(RUSTUP_HOME)$(wildcard $(HOME)/.rustup),)
export RUSTUP_HOME := $(CACHE)/rustup
endif

# pyenv adds only some of its interpreters to PATH.
PYENV := $(shell printf '%s:' "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.*/bin)

# Tools get their own HOME, because Ansible, ansible-lint, mypy and others write there.
# ANSIBLE_REMOTE_TEMP is set because Ansible does not use HOME to expand "~" for the files of modules.
RUN := HOME="$(CACHE)/home" ANSIBLE_HOME="$(CACHE)/home/.ansible" ANSIBLE_REMOTE_TEMP="$(CACHE)/home/.ansible/tmp" \
	XDG_CACHE_HOME="$(CACHE)/xdg" XDG_CONFIG_HOME="$(CACHE)/home/.config" USER_HOME="$(HOME)" VIRTUAL_ENV="$(VENV)" PATH="$(VENV)/bin:$(PYENV)$(PATH)"

PIN := $(RUN) uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-annotate --no-header
LISTS := $(addprefix dev/requirements/,demo.txt lint.txt test.txt typing.txt)
VERSION_FILE := plugins/module_utils/_http/version.py

.PHONY: help demo simulator test unit lint format nox sanity matrix bench live docs build importer keystone eda lock release clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.demo ## Run the playbooks against a simulated cloud on this machine
	@$(RUN) $(PY) dev/demo.py

simulator: $(VENV)/.demo ## Start the simulated cloud for your own playbooks; Ctrl-C ends it
	@$(RUN) $(PY) tests/simulator --guide --log "$(CACHE)/simulator.log"

# In the given order, the files that take longest first. By default, pytest-xdist begins with those that have most tests.
test: $(VENV)/.test ## Run all tests, with branch coverage of plugins/ and extensions/ (at least 98 %)
	$(RUN) $(PY) -m pytest tests/integration tests/contract tests/packaging tests/unit --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder \
		--cov=plugins --cov=extensions --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=98 $(PYTEST_ARGS)

unit: $(VENV)/.test ## Run only the unit tests
	$(RUN) $(PY) -m pytest tests/unit $(PYTEST_ARGS)

lint: $(VENV)/.lint ## Check code, types, YAML, documentation, changelog, licences, workflows and scripts, with nox
	@$(RUN) CI=true nox --parallel 2 --allow-parallel

format: $(VENV)/.lint ## Let ruff sort the imports and format the Python files
	@$(RUN) CI=false nox --session formatters

nox: $(VENV)/.lint ## Run one session of noxfile.py: make nox SESSION=typing
	@$(RUN) nox $(if $(SESSION),--session $(SESSION))

sanity: $(VENV)/.lint ## Run ansible-test sanity on a copy of the tree, without an ignore file
	@$(RUN) nox --session sanity-$$($(PY) -c 'import ansible.release as core; print(core.__version__[:4])')

matrix: build $(VENV)/.lint ## Test every ansible-core with every installed Python (CORES="2.16 2.21" for some); takes long
	@$(RUN) nox --session $(if $(CORES),$(addprefix matrix-,$(CORES)),$$(nox --list | sed -n 's/^. \(matrix-[0-9.]*\) .*/\1/p'))

bench: $(VENV)/.test ## Compare with ping, uri and the official SDK, and write the table to tests/bench/README.md
	@$(RUN) $(PY) tests/bench/run.py $(BENCH_ARGS)

live: $(VENV)/.test ## Compare the real service with the assumptions of the code, read-only, with your credentials
	@$(PY) -W ignore tests/live/run.py

docs: $(VENV)/.lint ## Build the documentation as HTML into .cache/docs/build/html
	@$(RUN) nox --session docs

build: $(VENV)/.demo ## Build the collection into dist/
	@rm -f dist/*.tar.gz
	@$(RUN) ansible-galaxy collection build --output-path dist

# The session does not fail for findings of the linters of Galaxy's importer. W503 and E203 contradict PEP 8.
importer: $(VENV)/.lint ## Run Galaxy's importer on the collection, as Galaxy and private hubs do
	@$(RUN) nox --session build-import-check 2>&1 | tee "$(CACHE)/importer.log"
	@grep -q "Importer processing completed successfully" "$(CACHE)/importer.log"
	@! grep -E '^ *(WARNING|ERROR|CRITICAL)' "$(CACHE)/importer.log" | grep -v -e ': W503 ' -e ': E203 '

keystone: $(VENV)/.test $(CACHE)/keystone/.ok ## Test logins with OpenStack Keystone, a real identity server
	@test ! -e "$(CACHE)/keystone/.ok" || $(RUN) KEYSTONE_BIN="$(CACHE)/keystone/bin" $(PY) -m pytest tests/keystone $(PYTEST_ARGS)

eda: $(VENV)/.test $(CACHE)/eda/.ok ## Run rulebooks with the event source in ansible-rulebook
	@$(RUN) EDA_BIN="$(CACHE)/eda/bin" $(PY) -m pytest tests/eda $(PYTEST_ARGS)

# galaxy-importer needs a different version of attrs than nox. They are never installed together.
lock: $(VENV)/.lint ## Pin the newest tools for public CI, in dev/requirements/lock.txt
	@grep -ho '"[a-z][^" ]*>=[0-9.]*"' noxfile.py antsibull-nox.toml | tr -d '"' | sort -u > "$(CACHE)/tools.txt"
	@grep -v galaxy-importer "$(CACHE)/tools.txt" | $(PIN) --no-emit-package attrs - $(LISTS) > "$(CACHE)/lock.txt"
	@grep galaxy-importer "$(CACHE)/tools.txt" | $(PIN) --no-deps - >> "$(CACHE)/lock.txt"
	@(echo "# Written by \`make lock\`: the versions that public CI installs."; sort "$(CACHE)/lock.txt") > dev/requirements/lock.txt

release: $(VENV)/.lint ## Prepare a release: make release VERSION=1.2.3 (see docs/releasing.md)
	@echo "$(VERSION)" | grep -Eqx '[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?' || (echo "VERSION must be like 1.2.3"; exit 1)
	@sed -i.old 's/^version: .*/version: $(VERSION)/' galaxy.yml && rm galaxy.yml.old
	@sed -i.old 's/^VERSION = .*/VERSION = "$(VERSION)"/' $(VERSION_FILE) && rm $(VERSION_FILE).old
	@$(RUN) antsibull-changelog release --reload-plugins --version $(VERSION) --update-existing

clean: ## Remove everything that the other targets created
	rm -rf .venv .cache .nox .coverage .coverage.* .pytest_cache .ansible dist tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment contains absolute paths. It is recreated if the checkout was moved or copied, or PYTHON changed.
ifneq ($(shell cat $(VENV)/made-for 2>/dev/null),$(ROOT) $(PYTHON))
.PHONY: $(VENV)/made-for
endif
$(VENV)/made-for:
	@dev/venv.sh "$(VENV)" "$(PYTHON)"
	@echo "$(ROOT) $(PYTHON)" > $@

# Each list is installed on top of the one before it, and again when it changes.
$(VENV)/.demo: dev/requirements/demo.txt $(VENV)/made-for
$(VENV)/.test: dev/requirements/test.txt $(VENV)/.demo
$(VENV)/.lint: dev/requirements/lint.txt $(VENV)/.demo
$(VENV)/.demo $(VENV)/.test $(VENV)/.lint:
	@echo "Installing $< into .venv"
	@$(VENV)/bin/uv pip install --quiet --compile-bytecode --python $(PY) --requirements $<
	@mkdir -p "$(CACHE)/home"
	@touch $@

# Keystone has about eighty dependencies, so it gets its own environment. If it cannot be installed, its tests are
# skipped.
$(CACHE)/keystone/.ok: dev/requirements/keystone.txt $(VENV)/made-for
	@echo "Installing $< into .cache/keystone"
	@$(VENV)/bin/uv venv --quiet --clear --python $(PY) "$(CACHE)/keystone"
	@if $(VENV)/bin/uv pip install --quiet --python "$(CACHE)/keystone/bin/python" --requirements $< 2>"$(CACHE)/keystone/log"; \
		then touch $@; else echo "Keystone cannot be installed here (see .cache/keystone/log), so its tests are skipped."; fi

# ansible-rulebook is only needed here, and includes its own Java runtime.
$(CACHE)/eda/.ok: dev/requirements/eda.txt $(VENV)/made-for
	@echo "Installing $< into .cache/eda"
	@$(VENV)/bin/uv venv --quiet --clear --python $(PY) "$(CACHE)/eda"
	@$(VENV)/bin/uv pip install --quiet --python "$(CACHE)/eda/bin/python" --requirements $<
	@touch $@
