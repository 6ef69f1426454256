PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export MKL_NUM_THREADS = 1

.PHONY: demo test test-engines lab bench words lock notebooks clean

demo: $(VENV)/.ready  ## simulate the demo company and render every notebook for every region
	$(BIN)/insights demo
	$(BIN)/insights report --jobs $(JOBS)

test: $(VENV)/.ready  ## lint, types, unit tests, notebooks under strict nbval
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

test-engines: $(VENV)/.peers  ## the same figures from PostgreSQL and Spark (Java 17; ten minutes)
	INSIGHTS_TEST_ENGINES=1 $(BIN)/pytest tests/test_engines.py -rs

lab: $(VENV)/.ready data/demo/customers.parquet  ## JupyterLab in the project's environment
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.app_settings_dir=explore/settings explore/explore.ipynb

bench: $(VENV)/.peers data/demo/customers.parquet  ## compare with peers (half an hour)
	$(BIN)/python -m benchmarks

notebooks: $(VENV)/.ready data/demo/customers.parquet  ## run the notebooks and keep their outputs
	$(BIN)/python tools/notebooks.py

words: $(VENV)/.ready  ## bring the catalogs of other languages up to date with the code
	$(BIN)/python tools/catalog.py

lock: $(VENV)/.ready  ## resolve the locks and regenerate environment.yml and data/README.md
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra lab --extra dev --extra postgres --extra cluster --extra fonts pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --all-extras -c requirements.lock pyproject.toml -o requirements-bench.lock
	$(BIN)/python tools/generate.py

data/demo/customers.parquet: | $(VENV)/.ready
	$(BIN)/insights demo

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.peers: requirements-bench.lock | $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@

clean:
	rm -rf $(VENV) reports data/demo .cache
