# Every target does its own set-up: on a fresh Debian 12 as root or with sudo, quickly when all is there.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo cpted test lint format package gate test-matrix docs screenshots bench install uninstall clean

PYTHON := .venv/bin/python
MATRIX ?= trixie sid
ARGS ?=

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | column -t -s "$$(printf '\t')"

setup: ## Install QGIS (Debian) and make .venv; every other target does this by itself
	@scripts/setup.sh

demo: setup ## Run the main job on real data, into demo-output/
	@scripts/demo.sh $(ARGS)

cpted: setup ## Score the streets of Cambridge from open layers, into cpted-output/ (ARGS="--data FOLDER")
	@scripts/cambridge.sh $(ARGS)

test: setup ## Run the whole test suite (ARGS="tests/analysis -k gistar" for a part)
	@scripts/test.sh $(ARGS)

lint: setup ## Check style and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy

format: setup ## Mend style where ruff can
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

package: setup ## Build the ZIP for QGIS's plugin manager, into dist/
	@$(PYTHON) scripts/package.py

gate: package ## Run the checks of QGIS's plugin site on that ZIP
	@$(PYTHON) scripts/gate.py

test-matrix: setup ## Run the suite on other versions of QGIS (MATRIX="trixie sid" = 3.40 and 3.44)
	@scripts/matrix.sh $(MATRIX) -- $(ARGS)

docs: setup ## Write docs/reference/ from the registered tools
	@scripts/headless.sh scripts/reference.py

screenshots: setup ## Take pictures of the real desktop with the plugin, into screenshots/ (ARGS=--gallery: docs too)
	@$(PYTHON) scripts/screenshots.py $(ARGS)

bench: setup ## Time the tools beside their peers
	@scripts/bench.sh $(ARGS)

install: setup ## Copy the plugin into your own QGIS profile (the only target that touches it)
	@$(PYTHON) scripts/install.py

uninstall: setup ## Remove it from there
	@$(PYTHON) scripts/install.py --remove

clean: ## Remove what the targets made (the cached QGIS versions stay)
	rm -rf build dist demo-output cpted-output screenshots .cache .venv .pytest_cache .mypy_cache .ruff_cache .coverage .qgis-settings
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
