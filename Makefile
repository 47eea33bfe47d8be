# Everything one command. `make run` starts Kith, `make test` proves it.
BUILD := build/release
JOBS ?= $(shell nproc)

.PHONY: setup build asan
setup:
	@tools/setup.sh

build/release/build.ninja build/asan/build.ninja build/tsan/build.ninja build/fuzz/build.ninja: CMakeLists.txt CMakePresets.json cmake/modules.cmake
	@cmake --preset $(notdir $(patsubst %/,%,$(dir $@))) >/dev/null

asan: build/asan/build.ninja
	@cmake --build build/asan -j $(JOBS)
