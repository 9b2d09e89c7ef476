# A machine without ROS needs only this file: `make setup`, then any target below.
# PYTHON=python3.12 make setup picks the interpreter (3.10 to 3.13).

SEED ?= 0
IN_VENV := environment/run.sh

.DEFAULT_GOAL := help
.PHONY: help setup setup-dashboard setup-test setup-bench setup-training setup-teachers demo dashboard screenshots docs test test-slow lint audit format bench chaos chaos-full train colcon clean reproduce reproduce-quick

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## build .venv with ROS 2 Jazzy and everything the package needs
	@environment/setup.sh

setup-dashboard: ## the same, with what the dashboard needs
	@environment/setup.sh dashboard

setup-test: ## the same, with what the tests and linters need
	@environment/setup.sh dashboard memory test

setup-bench: ## the same, with what the benchmarks compare with
	@environment/setup.sh dashboard memory test bench

setup-training: ## the same, with PyTorch and what training needs
	@environment/setup.sh dashboard memory test training

setup-teachers: setup-training ## the same, with what some pretrained teachers need: open_clip, TFLite
	@environment/setup.sh dashboard memory test training teachers

demo: setup ## watch the robot recognise while sensors come and go: make demo SEED=7
	@$(IN_VENV) python -m omnibind_ros.nodes.demo --seed $(SEED)

dashboard: setup-dashboard ## the same in a browser, without end: http://127.0.0.1:8600
	@$(IN_VENV) python environment/showcase.py --seed $(SEED)

screenshots: setup-test ## take the pictures of docs/dashboard.md from the running dashboard; needs Chromium
	@$(IN_VENV) python environment/showcase.py --screenshots docs/images

docs: setup-test ## write the tables of README.md and docs/ that come from the code
	@$(IN_VENV) python -m documentation

test: setup-test ## run the quick tests, within ten minutes on two cores
	@$(IN_VENV) python -m pytest -m "not slow"

test-slow: setup-training ## run the slow tests too
	@$(IN_VENV) python -m pytest

lint: setup-training ## check style, types and spelling
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) mypy
	@$(IN_VENV) codespell
	@$(IN_VENV) bandit --quiet --severity-level medium --recursive omnibind_ros training environment

audit: setup ## ask for known holes in what is installed; needs the vulnerability service that pip-audit asks
	@$(IN_VENV) pip install --quiet pip-audit && $(IN_VENV) pip-audit --skip-editable

format: setup-test ## put every file into the common style
	@$(IN_VENV) ruff check --fix-only .
	@$(IN_VENV) ruff format .

bench: setup-bench ## measure everything, in half an hour on an idle computer; writes build/bench/ and docs/benchmarks.md
	@$(IN_VENV) python -m benchmarks --write-docs

chaos: setup-test ## kill, starve and deceive the nodes for seven minutes; report in build/chaos/report.json
	@$(IN_VENV) python -m chaos

chaos-full: setup-test ## the same for half an hour; writes the table of docs/reliability.md
	@$(IN_VENV) python -m chaos --full --write-docs

reproduce: setup-training ## make the tables of docs/results.md from nothing, in an hour or two
	@$(IN_VENV) python -m training reproduce --suite sim --write-docs
	@$(IN_VENV) python -m training reproduce --suite digits --write-docs

reproduce-quick: setup-training ## the same with tiny counts, in two minutes: shows that every step works
	@$(IN_VENV) python -m training reproduce --suite sim --quick
	@if [ -d "$${OMNIBIND_TEST_DATA:-../shared/data}" ]; then \
	    $(IN_VENV) python -m training reproduce --suite digits --quick; \
	else echo "digits: left out, the recordings are not on this machine"; fi

train: setup-training ## train the default bundle in models/ from simulated data; continues where it was stopped
	@$(IN_VENV) python -m training all --output models/omnibind-sim

colcon: setup ## build the package as a robot does, in build/colcon, and check what is installed
	@environment/colcon.sh

clean: ## remove everything that was built, .venv included
	rm -rf .venv build install log .pytest_cache .hypothesis .mypy_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
