#!/usr/bin/env bash
# Runs one fuzzer over its corpus and what earlier runs added, and prints what it did in one line.
# usage: fuzz.sh NAME SECONDS
#        fuzz.sh build
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ $1 == build ]]; then
    cd "$root"
    cmake --preset fuzz
    exec ninja -C build/fuzz fuzzers
fi
name=$1
seconds=$2
program=$root/build/fuzz/bin/$name
seeds=$root/fuzz/corpus/$name
found=$root/build/fuzz/found/$name      # inputs that reached something new
findings=$root/build/fuzz/findings/$name
log=$root/build/fuzz/$name.log

[[ -x $program ]] || {
    printf 'fuzz: %s is not built; run ./dev fuzz\n' "$program" >&2
    exit 1
}
mkdir -p "$found" "$findings" "$seeds"

export ASAN_OPTIONS=detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
if ! "$program" -max_total_time="$seconds" -print_final_stats=1 -rss_limit_mb=2048 -timeout=20 \
    -artifact_prefix="$findings/" "$found" "$seeds" >"$log" 2>&1 </dev/null; then
    tail -n 60 "$log" >&2
    printf 'fuzz: %s found something; the input is in %s, the log is %s\n' \
        "$name" "$findings" "$log" >&2
    printf 'fuzz: once mended, keep the input: cp it to %s\n' "$seeds" >&2
    exit 1
fi

stat_of() {
    sed -n "s/^stat::$1: *//p" "$log"
}
covered=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 || true)
printf '%-28s %4d s  %10s runs  %8s exec/s  %s edges\n' "$name" "$seconds" \
    "$(stat_of number_of_executed_units)" "$(stat_of average_exec_per_sec)" "${covered#cov: }"
