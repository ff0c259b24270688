#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each fuzz target for a short while, where clang has libFuzzer. What the tests replay without it is
# tests/fuzz; the long run is `make fuzz`.
set -u
cd "$TSD_SOURCE" || exit 1

contrib/fuzz/run --check clang || { echo 'clang with libFuzzer is not here' && exit 77; }
# not a part of the make that runs the tests
unset MAKEFLAGS MAKELEVEL MFLAGS
make -s -j2 BUILD="$TSD_BUILD" fuzzers || exit 1
FUZZ_SECONDS=2 contrib/fuzz/run "$TSD_BUILD/fuzz"
