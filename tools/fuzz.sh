#!/bin/sh
# Builds and runs the fuzz targets: tools/fuzz.sh [TARGET ...]   (http, websocket, …; none: all)
#   SECONDS_EACH=10   for each target; or
#   SECONDS=60        for all together, divided evenly.
# Each starts from its kept corpus in tests/fuzz/corpus/fuzz_TARGET/. New finds and crashes stay in build/fuzz/; a crash is worth a
# file in the kept corpus, named after what it shows. The last line is `N passed, N failed`.
set -u
total=$(env | sed -n 's/^SECONDS=//p')
cd "$(dirname "$0")/.." || exit 1

cmake --preset fuzz >/dev/null || exit 1
if [ $# -eq 0 ]; then
  cmake --build build/fuzz --target fuzzers -j "${JOBS:-$(nproc)}" || exit 1
  set -- $(ls tests/fuzz/fuzz_*.cpp | sed 's|.*/fuzz_\(.*\)\.cpp|\1|')
else
  cmake --build build/fuzz -j "${JOBS:-$(nproc)}" --target $(printf 'fuzz_%s ' "$@") || exit 1
fi

each=${SECONDS_EACH:-10}
if [ -n "$total" ]; then
  each=$((total / $#))
  [ "$each" -gt 0 ] || each=1
fi

passed=0
failed=0
for name in "$@"; do
  kept=tests/fuzz/corpus/fuzz_$name
  found=build/fuzz/found/$name
  crashes=build/fuzz/crashes/$name
  log=build/fuzz/$name.log
  mkdir -p "$kept" "$found" "$crashes"
  # The first folder takes new finds, the others are only read.
  if build/fuzz/fuzz/fuzz_"$name" "$found" "$kept" -artifact_prefix="$crashes/" \
      -max_total_time="$each" -max_len=20000 -timeout=10 -rss_limit_mb=1024 >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok   %s: %s\n' "$name" "$(grep -a '^Done ' "$log" | tail -1)"
  else
    failed=$((failed + 1))
    printf 'FAIL %s: see %s\n' "$name" "$log"
    tail -n 40 "$log"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
