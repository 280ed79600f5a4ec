# On a fresh machine with Python 3.11 or later, `make run` and `make test` do all their own set-up.

PYTHON ?= python3
PORT ?= 8501
PORTAL_DATA_DIR ?= data
PYTEST_ARGS ?=
STAGES ?=
BENCH_ARGS ?=

BIN := .venv/bin
RUN_READY := .venv/run.stamp
DEV_READY := .venv/dev.stamp

export PYTHONPATH := $(CURDIR)

.PHONY: help run test check format bench demo-reset clean

help:
	@echo "make run         the portal on http://127.0.0.1:$(PORT) (PORT=... for another port)"
	@echo "make test        every test, those in a real browser included (PYTEST_ARGS=... for pytest)"
	@echo "make check       format, lint, types, direction of imports"
	@echo "make format      bring all files into the agreed format"
	@echo "make bench       measure speed and memory, write docs/performance.md (STAGES=\"diff render\", BENCH_ARGS=\"--members 100000\")"
	@echo "make demo-reset  delete all data ($(PORTAL_DATA_DIR)/); the next start loads the demo data anew"
	@echo "make clean       delete what was installed and what tools left behind, not the data"

run: $(RUN_READY)
	$(BIN)/streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

test: $(DEV_READY)
	sh scripts/test_tools.sh
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(DEV_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_READY)
	$(BIN)/python -m benchmarks $(STAGES) $(BENCH_ARGS)

demo-reset:
	@if [ ! -e "$(PORTAL_DATA_DIR)" ]; then echo "There is no data to delete."; \
	elif [ ! -f "$(PORTAL_DATA_DIR)/portal.db" ]; then echo "$(PORTAL_DATA_DIR) holds no portal.db; nothing was deleted."; exit 1; \
	else rm -rf "$(PORTAL_DATA_DIR)" && echo "Deleted $(PORTAL_DATA_DIR)."; fi

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_READY): requirements.txt scripts/install.sh
	sh scripts/install.sh "$(PYTHON)" requirements.txt
	touch $@

$(DEV_READY): requirements-dev.txt requirements.txt scripts/install.sh
	sh scripts/install.sh "$(PYTHON)" requirements-dev.txt
	touch $(RUN_READY) $@
