# Everything one command. `make run` starts Kith, `make test` proves it, `make help` names the rest.
JOBS ?= $(shell nproc)
SECONDS ?= 60
ROUNDS ?= 20
RUNS ?= 3
SEEDS ?= 2000
MINUTES ?= 10
ARGS ?=
PYTHON := python3 -B
BINARY := build/release/kith
CMAKE_FILES := CMakeLists.txt CMakePresets.json

.DEFAULT_GOAL := help
.PHONY: help setup setup-build build kith-bench run test check tools tidy unit tsan clang-tidy fuzz fuzz-short web conformance \
  integration features isolation docs browser kill9 faults faults-short bench bench-delivery bench-short micro build/release/epoll_relay \
  sim sim-short sim-mutants build/sim/kith_simulation million soak soak-short clean-machine \
  model model-short format asan npm clean

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## name and install what Debian lacks for everything below
	@tools/setup.sh test

setup-build:
	@tools/setup.sh build

# CMake looks after its own files once a folder is configured; presets it does not watch.
build/%/build.ninja: $(CMAKE_FILES)
	@cmake --preset $* >build/$*-configure.log 2>&1 || { cat build/$*-configure.log; exit 1; }
	@touch $@

$(shell mkdir -p build)
.PRECIOUS: build/%/build.ninja

build: setup-build build/release/build.ninja ## the release binary, build/release/kith
	@cmake --build build/release --target kith -j $(JOBS)

kith-bench: build ## the load generator, build/release/kith-bench (bench/README.md)
	@cmake --build build/release --target kith-bench -j $(JOBS)

run: build ## build, then start Kith in development mode on http://127.0.0.1:8080 (ARGS="--listen 127.0.0.1:9000")
	@exec $(BINARY) serve --dev $(ARGS)

test: setup ## every test of the project; the last line is the sum
	@$(PYTHON) tools/suites.py

check: asan ## what to run before a commit: unit tests under ASan and UBSan, floors, format, house rules
	@$(PYTHON) tools/suites.py tools tidy unit

asan: setup build/asan/build.ninja ## build all unit tests with ASan and UBSan
	@cmake --build build/asan -j $(JOBS)

tools: ## the tests of tools/
	@$(PYTHON) tools/python_tests.py

tidy: ## the house rules: floors, format, lengths, forbidden words
	@$(PYTHON) tools/tidy.py

unit: asan ## the unit tests alone
	@$(PYTHON) tools/run_tests.py build/asan

tsan: setup build/tsan/build.ninja ## the tests of runtime, net and delivery under ThreadSanitizer
	@cmake --build build/tsan --target thread_tests -j $(JOBS)
	@$(PYTHON) tools/run_tests.py build/tsan runtime net delivery

clang-tidy: setup build/asan/build.ninja ## clang-tidy on what changed since HEAD~20
	@$(PYTHON) tools/clang_tidy.py build/asan

fuzz: setup ## all fuzz targets, SECONDS=60 together
	@SECONDS=$(SECONDS) JOBS=$(JOBS) tools/fuzz.sh

fuzz-short: setup
	@env -u SECONDS SECONDS_EACH=5 JOBS=$(JOBS) tools/fuzz.sh

# Exact versions stand in tests/package.json; a lock file, when there is one, names no host (tests/.npmrc).
npm: tests/node_modules/.installed
tests/node_modules/.installed: tests/package.json $(wildcard tests/package-lock.json tests/.npmrc)
	@cd tests && npm $(if $(wildcard tests/package-lock.json),ci,install --no-package-lock) --no-audit --no-fund --loglevel=error
	@touch $@

web: setup npm ## the pages' own logic
	@node tests/run.mjs web

conformance: setup build asan npm build/tests/slow_fsync.so ## the official Socket.IO clients against the release binary
	@node tests/run.mjs conformance

integration: setup build kith-bench npm ## whole-process tests: command line, restarts, bad input, the load generator
	@node tests/run.mjs integration

features: setup build npm ## the server without its features, and with each of them alone
	@cmake --build build/release --target kith_feature_builds -j $(JOBS)
	@node tests/run.mjs features

isolation: setup build npm ## every command and route, asked for what is another's
	@node tests/run.mjs isolation

docs: setup build npm build/tests/slow_fsync.so ## every example, command line and block of the documents, done as it stands there
	@node tests/run.mjs docs

browser: setup build npm ## the page at / in headless Chromium
	@node tests/run.mjs browser

model: setup ## search the model of delivery completely: minutes to half an hour
	@$(PYTHON) tools/model.py

model-short: setup
	@$(PYTHON) tools/model.py --short

build/sim/kith_simulation: setup build/sim/build.ninja
	@cmake --build build/sim --target kith_simulation -j $(JOBS) >build/sim-build.log 2>&1 || { tail -40 build/sim-build.log; exit 1; }

sim: build/sim/kith_simulation ## SEEDS=2000 simulated worlds, or SEED=n again with its transcript (MUTANT=name: with that fault)
	@$(PYTHON) tests/simulation/run.py $< --jobs $(JOBS) --seeds $(SEEDS) $(if $(SEED),--seed $(SEED)) $(if $(MUTANT),--mutant $(MUTANT))

sim-short: build/sim/kith_simulation
	@$(PYTHON) tests/simulation/run.py $< --jobs $(JOBS) --seeds 3000

sim-mutants: build/sim/kith_simulation ## every planted fault has to be noticed within SEEDS=2000 worlds
	@$(PYTHON) tests/simulation/run.py $< --jobs $(JOBS) --seeds $(SEEDS) --mutants $(MUTANT)

kill9: setup build npm ## kill -9 under load, ROUNDS=20 times
	@ROUNDS=$(ROUNDS) node tests/integration/kill9.mjs

faults: setup build npm build/tests/slow_fsync.so ## faults of process, disk and wire under load, ROUNDS=20, SEED=n again (root: a small tmpfs)
	@ROUNDS=$(ROUNDS) node tests/integration/faults.mjs

faults-short: setup build npm build/tests/slow_fsync.so
	@kinds=kill,stop,fsync,io,cut,upgrade,stall; at=$$(mktemp -d); \
	if mount -t tmpfs tmpfs $$at 2>/dev/null; then umount $$at; kinds=$$kinds,disk,mixed; \
	else echo "no tmpfs can be mounted here: rounds with a full disk are left out"; fi; rmdir $$at; \
	env -u ROUND SEED=7 KINDS=$$kinds ROUNDS=9 MESSAGES=2000 FAULTS=1 HOLD_MS_MAX=2000 node tests/integration/faults.mjs

bench-delivery: setup build npm build/tests/slow_fsync.so ## what delivery must show, in figures (FIGURES="early catchup stopped herd"): minutes on an idle machine
	@node bench/load/run.mjs $(FIGURES)

build/release/epoll_relay: setup-build build/release/build.ninja
	@cmake --build build/release --target epoll_relay -j $(JOBS)

# The store and the micro benchmarks need Google Benchmark: the folder is configured for them the first time.
build/release/bench/%: build/release/build.ninja
	@cmake --preset release -DKITH_BENCH=ON >build/release-configure.log 2>&1 || { cat build/release-configure.log; exit 1; }
	@cmake --build build/release --target $(@F) -j $(JOBS)

# SECONDS has another default for the fuzzers: here it counts only when it is given.
bench: ## Kith and the Node.js peer in turn, into bench/results/ (WORK="pairs groups", RUNS=3, SECONDS=5, HISTORY=10000000)
	@tools/setup.sh bench
	@$(MAKE) --no-print-directory build kith-bench npm build/release/epoll_relay build/release/bench/store_bench
	@RUNS=$(RUNS) SECONDS=$(if $(filter command,$(origin SECONDS)),$(SECONDS),5) \
	  $(if $(HISTORY),HISTORY=$(HISTORY)) taskset -c $${LOAD_CPU:-1} node bench/compare/main.mjs $(WORK)

bench-short: setup build kith-bench npm build/release/epoll_relay ## what make bench does, in small: reports come out and nothing is lost
	@env -u SECONDS -u RUNS node tests/run.mjs bench

micro: ## micro benchmarks of codecs, JSON and fan-out
	@tools/setup.sh bench
	@$(MAKE) --no-print-directory build/release/bench/wire_bench build/release/bench/fan_out_bench
	@build/release/bench/wire_bench && build/release/bench/fan_out_bench

build/tests/slow_fsync.so: tests/support/slow_fsync.c
	@mkdir -p $(@D) && $(CC) -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $< -ldl

soak: setup build kith-bench npm ## mixed traffic, ten minutes (MINUTES=10) to warm up and as many that count: nothing lost, memory and file descriptors stay
	@MINUTES=$(MINUTES) node tests/integration/soak.mjs

soak-short: setup build kith-bench npm
	@SHORT=1 node tests/integration/soak.mjs

clean-machine: npm ## the README's commands on a bare Debian 12 (root, debootstrap; STEPS="run test")
	@tools/clean_machine.sh $(STEPS)

million: setup build npm ## start to ready with a million messages stored: minutes, not part of `make test`
	@node tests/integration/million.mjs

format: ## clang-format over src, tests and bench
	@git ls-files -co --exclude-standard 'src/*.[ch]pp' 'tests/*.[ch]pp' 'bench/*.[ch]pp' | xargs -r clang-format-14 -i

clean: ## forget all builds
	@rm -rf build tests/node_modules
