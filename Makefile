# Needs make and Python 3.11 to 3.14, nothing else: each target first sets up .venv from requirements.lock.

RECORDS = data/sample/sessions.csv
OUT = reports
PYTHON = python3 python3.14 python3.13 python3.12 python3.11 python
UV = uv
PY = .venv/bin/python
PYTEST = $(PY) -m pytest -q
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The Nu Html Checker, without which its test is left out.
VNU = .venv/vnu-26.9.27
# Small matrices and two test processes: more threads only wait for each other.
export OPENBLAS_NUM_THREADS = 1
# Modules are compiled once, also where the surroundings forbid to keep them: every kernel of a notebook would compile them anew, 4 s each.
export PYTHONDONTWRITEBYTECODE =

# Timings, paths and versions of whoever ran a notebook are no part of it.
EXECUTE = $(PY) -m nbconvert --log-level=ERROR --to=notebook --inplace --execute \
	--ExecutePreprocessor.record_timing=False \
	--ClearMetadataPreprocessor.enabled=True \
	--ClearMetadataPreprocessor.preserve_nb_metadata_mask="{'kernelspec', ('language_info', 'name')}" \
	--ClearMetadataPreprocessor.preserve_cell_metadata_mask="{'tags'}"

.PHONY: help report test slow browser bench docs gallery picture lint format notebooks lock setup clean
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "make report RECORDS=mine.csv OUT=mine   reports on other records, into another folder"
	@echo "make report PYTHON=python3.13           sets up with this Python"

report: .venv/installed ## report.html, report.pdf and estimates.csv on the sample records, in reports/
	@.venv/bin/outcomes report "$(RECORDS)" --out "$(OUT)"

test: .venv/installed ## the tests, the examples in the docstrings, and the notebooks against their saved outputs
	@$(PYTEST) -n 2 --dist loadfile --doctest-modules --nbval --nbval-current-env --nbval-sanitize-with tests/drawings.cfg src tests notebooks

slow: .venv/installed ## the tests that take longer
	@$(PYTEST) -n 2 -m slow tests

browser: .venv/installed $(VNU) ## the report in Chromium and as PDF, by the rules of axe-core and the Nu Html Checker (needs chromium, poppler, java and npm)
	@$(PYTEST) -m browser tests/browser

bench: .venv/installed ## the speed of the repeated-measures model beside statsmodels (and R where it is installed), of reading and counting beside DuckDB and pandas, and of a report
	@$(PY) -m pip install -q -e '.[bench]'
	@$(PY) benchmarks/mmrm.py
	@$(PY) benchmarks/scale.py 1000000
	@$(PY) benchmarks/report.py

docs: .venv/installed ## the documentation as a site that needs no network, in site/
	@$(PY) -m pip install -q -e '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build -q

gallery: .venv/installed ## reports on invented clinics of every kind, in reports/gallery, for make docs to show (some four minutes; pictures need chromium)
	@$(PY) docs/gallery.py reports/gallery

picture: .venv/installed ## the picture of the README: the beginning of the sample's report (needs chromium)
	@.venv/bin/outcomes report sample --out reports/sample
	@$(PY) docs/picture.py reports/sample/report.html data/sample/report.png

lint: .venv/installed ## ruff and mypy
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy

format: .venv/installed ## put the code in its usual form
	@.venv/bin/ruff check --fix --exit-zero
	@.venv/bin/ruff format

notebooks: .venv/installed ## run all notebooks and save their outputs in them
	@for notebook in notebooks/*.ipynb notebooks/public/*.ipynb notebooks/group/*.ipynb; do echo "$$notebook"; $(EXECUTE) "$$notebook" || exit 1; done

lock: ## requirements.lock anew after a change of pyproject.toml (needs uv); UPGRADE=1 takes the newest versions
	@printf 'hatchling\neditables\n' | $(UV) pip compile -q pyproject.toml - --extra test --extra check \
		--universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		$(if $(UPGRADE),--upgrade) --output-file requirements.lock

setup: .venv/installed ## .venv alone

clean: ## remove .venv, reports, the site and caches
	@rm -rf .venv reports site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests notebooks benchmarks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} + 2>/dev/null || true

.venv/locked: requirements.lock
	@python=; for candidate in $(PYTHON); do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; \
		then python=$$candidate; break; fi; done; \
	if [ -z "$$python" ]; then \
		echo "No Python from 3.11 to 3.14 with venv found (looked for: $(PYTHON))." >&2; \
		echo "Install one (on Debian and Ubuntu with python3-venv too), or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; fi; \
	echo "Setting up .venv with $$("$$python" --version), about a minute ..."; \
	"$$python" -m venv --clear .venv
	@$(PY) -m pip install -q --no-compile --require-hashes -r requirements.lock
	@touch $@

$(VNU): | .venv/installed
	@if command -v npm >/dev/null; then \
		rm -rf $@.unfinished; \
		npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix $@.unfinished vnu-jar@$(VNU:.venv/vnu-%=%) \
		&& mv $@.unfinished $@; \
	else echo "npm is missing, so the page is not checked by the Nu Html Checker"; fi

# Matplotlib's list of fonts is made here once: made inside a notebook, it would warn there.
.venv/installed: .venv/locked pyproject.toml
	@$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@$(PY) -c 'import matplotlib.font_manager'
	@touch $@
