# make .venv   the locked environment, installed by pip alone
# make test    formatting, lint, types and tests
# make job-servers  Beam's, for Flink and Spark: 1.2 GB (needs Java and Maven)
# make flink-test spark-test  the pipelines on clusters of these
# make fuzz    many mutated files, from a seed of the day (FUZZ_CASES, FUZZ_SEED)
# make demo    text to batches, on text that every Python has
# make docs    the documentation as a site, build/docs
# make reproduce  what UL2R and Flan do to a small model (needs T5X; QUICK=1)
# make reproduction  its page's tables and plots, from the results that are kept
# make bench   what the pipeline costs, beside sentencepiece and seqio
# make .bench  other projects, for `make bench` to measure beside ours
# make bench-engines  the part of it that is about engines, clusters too
# make lock    requirements.lock anew (needs uv; UPGRADE=--upgrade for newest)
# make clean   removes what the above have made, but for requirements.lock

PYTHON ?= python3
UV ?= uv
VENV := .venv/bin
FOLDERS := $(patsubst %/__init__.py,%,$(wildcard \
  $(addsuffix /__init__.py,tasks pipelines mixtures trainer_plugin)))

.PHONY: .venv .ide test job-servers flink-test spark-test fuzz demo docs bench \
  bench-engines .bench reproduce reproduction lock clean
.DELETE_ON_ERROR:

.venv: .venv/installed

# The stamp comes last, so `make` begins an interrupted installation again. It
# begins with an empty folder, so no package of an older lock stays. No wheel
# exists for google-apitools, promise and rouge-score: pip builds them, with the
# setuptools of the lock (older pips read the first variable, newer ones the
# second).
.venv/locked: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	  (3, 11) <= v < (3, 14) or sys.exit("error: %s is Python %d.%d; the lock \
	is for 3.11 to 3.13. Name another: make PYTHON=python3.11" \
	  % (sys.executable, *v))'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	grep -oE '^(setuptools|wheel)==[^ ]+' requirements.lock > .venv/build.txt
	PIP_CONSTRAINT=.venv/build.txt PIP_BUILD_CONSTRAINT=.venv/build.txt \
	  $(VENV)/pip install --quiet --no-input --disable-pip-version-check \
	  --no-deps --require-hashes -r requirements.lock
	touch $@

# The mapping of folders is fixed at installation, hence the prerequisites.
.venv/installed: .venv/locked setup.py $(FOLDERS:%=%/__init__.py)
	$(VENV)/pip install --quiet --no-input --disable-pip-version-check \
	  --no-deps --use-pep517 --no-build-isolation -e .
	touch $@

# Type checkers cannot follow the import hook of an editable installation; they
# can follow links. For an editor: add .ide to its extra paths.
.ide:
	@rm -rf .ide && mkdir -p .ide/ul2_flan
	@cd .ide/ul2_flan && ln -s $(FOLDERS:%=../../%) .

test: .venv .ide
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy -p ul2_flan
	$(VENV)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# Each is made once, and kept in the user's cache. Says why, where it cannot be.
job-servers: .venv
	@PYTHONPATH=tests $(VENV)/python -m support.clusters.job_server flink spark

flink-test spark-test: %-test: .venv
	@PYTHONPATH=tests $(VENV)/python -m support.clusters.job_server $*
	$(VENV)/pytest -rs tests/whole_runs/clusters/$*_test.py

fuzz: .venv
	FUZZ_CASES=$${FUZZ_CASES:-2000} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%F)} \
	  $(VENV)/pytest tests/fuzz_test.py

demo: .venv
	$(VENV)/python scripts/demo.py

# mkdocs warns of a version of itself that is not there yet.
docs: .venv .ide
	NO_MKDOCS_2_WARNING=1 $(VENV)/mkdocs build --quiet --site-dir build/docs

BENCH := PYTHONPATH=scripts:tests $(VENV)/python -m bench

bench-engines: job-servers
	$(BENCH).engines --clusters

# Of no lock: newest versions, which only `make bench` runs. With
# MEGATRON=megatron-core Megatron's too, which brings PyTorch and CUDA: 6 GB.
.bench:
	$(PYTHON) -m venv .bench
	.bench/bin/pip install --quiet --no-input --disable-pip-version-check \
	  sentencepiece protobuf transformers datasets datatrove orjson $(MEGATRON)

bench: bench-engines
	$(BENCH).text
	$(BENCH).word_cache
	$(BENCH).starts
	$(BENCH).peers.beside
	$(BENCH).flan
	$(BENCH).mix
	$(BENCH).scale
	$(BENCH).forecast
	$(BENCH).trainer_input
	$(BENCH).peers.live

# Shared data lies beside this repository, and T5X too.
T5X ?= ../t5x
reproduce: .venv
	PYTHONPATH=scripts:$(T5X) $(VENV)/python -m reproduce \
	  --size $(if $(QUICK),quick,full)

# The page's tables and plots anew, from the files that were kept.
reproduction: .venv
	PYTHONPATH=scripts $(VENV)/python -m reproduce \
	  --results scripts/reproduce/results --page docs/reproduction.md

lock:
	$(UV) pip compile --quiet $(UPGRADE) --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header --no-config \
	  --excludes requirements.excludes -o requirements.lock requirements.in

clean:
	rm -rf .venv .bench .ide build dist *.egg-info
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find $(FOLDERS) scripts tests -name __pycache__ -prune -exec rm -rf {} +
