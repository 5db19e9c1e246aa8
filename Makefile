# coop_ledger: `make help` lists what there is. All that is needed is make and Python 3.11 or later.

# the first Python that is new enough, else the one whose age the script will explain
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; exit; }; done; command -v python3 || echo python)
RUN := .venv/bin
FILES := src tests examples benchmarks docs
UNMARKED := -m "not faults and not nightly and not repeats"

.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-faults nightly fuzz mutate check docs vectors fixtures tables bench clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## record the forum of November 2016 into forum.db and show what follows
	@$(PYTHON) .ci/environment.py demo
	@$(RUN)/coop-ledger demo forum.db

test: ## run the tests of code (check runs those of the house and of the docs)
	@$(PYTHON) .ci/environment.py test
	$(RUN)/python -m pytest -q -n 2 --dist worksteal --ignore=tests/architecture --ignore=tests/docs $(PYTEST)

coverage: ## measure which branches the tests run, with few examples of each property
	@$(PYTHON) .ci/environment.py test
	@rm -f .coverage .coverage.*
	HYPOTHESIS_PROFILE=coverage $(RUN)/python -m pytest -q -n 2 --dist worksteal --cov --cov-report= $(UNMARKED) $(PYTEST)
	$(RUN)/python -m tests.coverage

test-faults: ## run the faults that take minutes: kills, full disks and failing syncs everywhere, every byte changed
	@$(PYTHON) .ci/environment.py test
	$(RUN)/python -m pytest -q -n 2 --dist worksteal -m faults $(PYTEST)

nightly: ## what takes hours or compilers of others: power failures, a lost primary, a million entries, Go's sumdb, ten minutes of fuzz each
	@$(PYTHON) .ci/environment.py test
	@command -v go >/dev/null && test -d /usr/share/gocode/src/golang.org/x/mod/sumdb \
	|| apt-get install -y --no-install-recommends golang-go golang-golang-x-mod-dev
	COOP_LEDGER_FORBID_SKIPS=1 $(RUN)/python -m pytest -q -m nightly $(PYTEST)
	@$(MAKE) --no-print-directory fuzz FUZZ_S=$(or $(FUZZ_S),600)

fuzz: ## look for bytes that readers answer with anything but our errors, FUZZ_S seconds (60) for each
	@$(PYTHON) .ci/environment.py fuzz
	@set -e; for target in $$($(RUN)/python -m tests.fuzz); do echo "== $$target"; \
	$(RUN)/python -m tests.fuzz $$target .fuzz -max_total_time=$(or $(FUZZ_S),60) -print_final_stats=1 -verbosity=0; done

mutate: ## change the verifier line by line, and list what no test noticed (hours; MUTANTS names some)
	@$(PYTHON) .ci/environment.py mutate
	COOP_LEDGER_SHARED=$(abspath ../shared) HYPOTHESIS_PROFILE=mutants $(RUN)/python -m mutmut run $(MUTANTS)
	@$(RUN)/python -m mutmut results | sed '/: not checked$$/d'

check: ## lint, types, floors, docs
	@$(PYTHON) .ci/environment.py test
	$(RUN)/ruff check $(FILES) .ci
	$(RUN)/ruff format --check $(FILES)
	$(RUN)/mypy $(FILES)
	$(RUN)/python -m pytest -q -n 2 tests/architecture tests/docs

docs: ## write the generated pages anew
	@$(PYTHON) .ci/environment.py test
	$(RUN)/python -m docs.generate

vectors: ## write the golden vectors of event bodies, and what is said of spoiled ledgers, anew; read the diff like code
	@$(PYTHON) .ci/environment.py test
	$(RUN)/python -m tests.vectors.regenerate
	$(RUN)/python -m tests.audit.exact

fixtures: ## write the ledgers and notes of this version anew, which later versions must read
	@$(PYTHON) .ci/environment.py test
	$(RUN)/python -m tests.fixtures.write

tables: ## write the tables of countries and currencies anew
	@$(PYTHON) .ci/environment.py test
	$(RUN)/python -m tests.domain.generate_tables

bench: ## run the benchmarks and print their ratios
	@$(PYTHON) .ci/environment.py bench
	$(RUN)/python -m benchmarks.start
	$(RUN)/python -m benchmarks.help
	$(RUN)/python -m benchmarks.append
	$(RUN)/python -m benchmarks.replay
	$(RUN)/python -m benchmarks.views
	$(RUN)/python -m benchmarks.verify
	$(RUN)/python -m benchmarks.importing
	$(RUN)/python -m benchmarks.concurrency

clean: ## remove what make made
	rm -rf .venv .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz mutants forum.db forum.db-*
