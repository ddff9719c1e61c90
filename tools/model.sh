#!/usr/bin/env bash
# Searches the models with spin; what is searched is in the tables below.
# usage: model.sh [--quick] [--json] [MODEL...]     the sound models, then (but for --quick) the faults
#        model.sh steps MODEL FILE                  the steps of its calls, for the replay tests
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$root/build/model
# shellcheck source=tools/steps.sh
source "$root/tools/steps.sh"

# Configurations: MODEL NAME | the exhaustive size | the quick size, if --quick has it
configurations='
ring one_ring | LIVES=1 RINGS=1 FRAMES=4 LEASES=3 ABANDONS=1  | LIVES=1 RINGS=1 FRAMES=3 LEASES=3 ABANDONS=1
ring remade   | LIVES=1 RINGS=2 FRAMES=2 LATER=2 REMADE       | LIVES=1 RINGS=2 FRAMES=1 REMADE
ring lives    | LIVES=2 RINGS=2 FRAMES=2 STOPPED              |
ring host     | LIVES=1 RINGS=1 FRAMES=3 ABANDONS=1 HOST_DIES | LIVES=1 RINGS=1 FRAMES=1 HOST_DIES
monitor alone   | SESSIONS=1 RESIZES=1                                  | SESSIONS=1 CUTS=0
monitor pins    | SESSIONS=1 PINS=1                                     |
monitor late    | SESSIONS=3 LIVES=1 CUTS=0 LATES=1                     | SESSIONS=1 LIVES=1 CUTS=0 LATES=1
monitor deaths  | SESSIONS=3 STOPS=0 DOUBTS=0                           | SESSIONS=3 LIVES=1 CUTS=0 STOPS=0 DOUBTS=0
monitor clients | SESSIONS=5 CUTS=0                                     |
monitor hosts   | SESSIONS=9 DOUBTS=0 STOPS=0 HOST_DIES                 | SESSIONS=9 CUTS=0 STOPS=0 DOUBTS=0 HOST_DIES
monitor devices | SESSIONS=9 DOUBTS=0 STOPS=0 ONE_PROCESS               |
'
# Of the calls, each one step: what the replay tests run into.
declare -A step_sizes=(
    [ring]='LIVES=1 RINGS=2 FRAMES=3 LATER=2 ABANDONS=1 REMADE'
    [monitor]='LIVES=2 CUTS=0; LIVES=1 CUTS=1 DOUBTS=0'
)

depth=2000000
memory_mb=6000

die() {
    printf 'model: %s\n' "$*" >&2
    exit 2
}

command -v spin >/dev/null || die 'spin is not installed; ./dev setup test installs it'

# Makes the searcher of MODEL in DIRECTORY.
compile() {  # DIRECTORY MODEL OPTIMISATION DEFINES...
    local directory=$1 model=$2 optimisation=$3 defines=()
    shift 3
    read -ra defines <<<"${*/#/-D}"
    mkdir -p "$directory"
    (
        cd "$directory"
        rm -f pan.* ./*.trail
        spin -a "${defines[@]}" "$root/model/$model.pml" >spin.log 2>&1 &&
            gcc "$optimisation" -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 -DMEMLIM="$memory_mb" \
                ${PF_PAN_FLAGS:-} -o pan pan.c >>spin.log 2>&1
    ) || {
        cat "$directory/spin.log" >&2
        die "$model.pml does not compile"
    }
}

number_after() {  # PATTERN LOG: the first number of the line that has PATTERN
    grep -m1 -E "$1" "$2" | grep -oE '[0-9]+(\.[0-9]+)?' | head -n 1 || true
}

what_failed() {  # LOG: pan's message in short
    local line
    line=$(grep -m1 -E '^pan:1:' "$1") || return 1
    line=${line#pan:1: }
    line=${line% (at depth*}
    printf '%s' "${line:0:100}"
}

# Runs a searcher and shows how far it is. The log says how it ended.
search() {  # TITLE DIRECTORY HASH_BITS
    local title=$1 directory=$2 follower
    follow_step "$title" "$directory/pan.log" >&2 9>&- &
    follower=$!
    (cd "$directory" && ./pan -m$depth -w"$3" >pan.log 2>&1 </dev/null) || true
    kill "$follower" 2>/dev/null
    wait "$follower" 2>/dev/null || true
    [[ -t 2 ]] && printf '\r\033[K' >&2
    return 0
}

json_runs=() json_faults=() rows=() bad=0

sound() {  # MODEL NAME DEFINES...
    local model=$1 name=$2 directory=$work/$1/$2 log verdict=ok states transitions memory seconds
    shift 2
    compile "$directory" "$model" "$([[ $mode == quick ]] && echo -O0 || echo -O2)" "$@"
    search "$model $name" "$directory" "$([[ $mode == quick ]] && echo 20 || echo 26)"
    log=$directory/pan.log
    states=$(number_after 'states, stored' "$log")
    transitions=$(number_after 'transitions \(' "$log")
    memory=$(number_after 'total actual memory' "$log")
    seconds=$(number_after 'elapsed time' "$log")
    if grep -qE 'max search depth too small|out of memory|reached -DMEMLIM' "$log"; then
        verdict=truncated
    elif ! grep -q 'errors: 0$' "$log" || [[ -z $states ]]; then
        verdict="$(what_failed "$log" || echo 'no result')"
    fi
    printf '%s %s: %s\n    %s states stored, %s transitions, %s MB, %s s, %s\n' "$model" "$name" \
        "$*" "${states:-?}" "${transitions:-?}" "${memory:-?}" "${seconds:-?}" \
        "$(grep -oE 'errors: [0-9]+' "$log" || echo 'errors: ?')"
    if [[ $verdict != ok ]]; then
        printf '    %s; the log is %s\n' "$verdict" "$log"
        bad=$((bad + 1))
    fi
    rows+=("$model $name|${states:-0}|${transitions:-0}|${memory:-0}|${seconds:-0}|$verdict")
    json_runs+=("$(printf '{"model":"%s","name":"%s","size":"%s","states":%s,"transitions":%s,"memory_mb":%s,"seconds":%s,"ok":%s}' \
        "$model" "$name" "$*" "${states:-0}" "${transitions:-0}" "${memory:-0}" "${seconds:-0}" \
        "$([[ $verdict == ok ]] && echo true || echo false)")")
}

# "BREAK_name /* configuration: what it is */" in the model.
faults_of() {  # MODEL
    sed -nE 's|.*BREAK_([a-z_]+) +/\* ([a-z_]+): (.*[^ ]) *\*/.*|\1 \2 \3|p' \
        "$root/model/$1.pml" | sort -u -k1,1
}

fault() {  # MODEL NAME TEXT DEFINES...
    local model=$1 name=$2 text=$3 directory=$work/$1/break_$2 found=true what
    shift 3
    compile "$directory" "$model" -O0 "$@" "BREAK_$name"
    search "$model without $name" "$directory" 22
    if ! what=$(what_failed "$directory/pan.log"); then
        found=false
        what='NOT FOUND'
        bad=$((bad + 1))
    fi
    printf '%s BREAK_%s: %s\n    found: %s\n' "$model" "$name" "$text" "$what"
    fault_count=$((fault_count + 1))
    json_faults+=("$(printf '{"model":"%s","name":"%s","found":%s}' "$model" "$name" "$found")")
}

trimmed() {
    local text=$1
    text=${text#"${text%%[![:space:]]*}"}
    printf '%s' "${text%"${text##*[![:space:]]}"}"
}

sizes_of() {  # MODEL NAME
    local left full quick
    while IFS='|' read -r left full quick; do
        [[ $(trimmed "$left") =~ ^$1\ +$2$ ]] && trimmed "$full" && return
    done <<<"$configurations"
    die "$1 has no configuration $2"
}

search_sound() {  # MODEL
    local left full quick model name sizes
    while IFS='|' read -r left full quick; do
        read -r model name <<<"$left"
        [[ $model == "$1" ]] || continue
        sizes=$full
        [[ $mode == quick ]] && sizes=$quick
        read -ra sizes <<<"$sizes"
        ((${#sizes[@]})) || continue
        sound "$model" "$name" "${sizes[@]}"
    done <<<"$configurations"
}

search_faults() {  # MODEL
    local name configuration text sizes
    while read -r name configuration text; do
        sizes=$(sizes_of "$1" "$configuration")
        read -ra sizes <<<"$sizes"
        fault "$1" "$name" "$text" "${sizes[@]}"
    done < <(faults_of "$1")
}

steps() {  # MODEL FILE
    # Every order of the calls: no reduction. Of several builds at once, each has a directory.
    local directory=$work/$1/steps.$$ sizes all
    mkdir -p "$directory"
    : >"$directory/edges"
    IFS=';' read -ra all <<<"${step_sizes[$1]:?}"
    for sizes in "${all[@]}"; do
        read -ra sizes <<<"$sizes"
        PF_PAN_FLAGS=-DNOREDUCE compile "$directory" "$1" -O0 CALLS "${sizes[@]}"
        (cd "$directory" && ./pan -m$depth -w22 >pan.log)
        grep -q 'errors: 0$' "$directory/pan.log" || die "$1.pml errs; see $directory/pan.log"
        ! grep -qE 'max search depth too small|out of memory|too many' "$directory/pan.log" ||
            die "the steps of $1.pml are not all there; see $directory/pan.log"
        grep '^edge ' "$directory/pan.log" >>"$directory/edges"
    done
    sort -u "$directory/edges" >"$2"
    rm -rf "$directory"
}

if [[ ${1:-} == steps ]]; then
    (($# == 3)) || die 'steps MODEL FILE'
    steps "$2" "$3"
    exit 0
fi

mode=full json=no models=()
for argument in "$@"; do
    case $argument in
        --quick) mode=quick ;;
        --json) json=yes ;;
        ring | monitor) models+=("$argument") ;;
        *) die "there is no model or option '$argument'" ;;
    esac
done
((${#models[@]})) || models=(ring monitor)
# One search of each size at a time; the two sizes may run side by side.
work=$work/$mode
mkdir -p "$work"
exec 9>"$work/lock"
flock 9
[[ $json == no ]] || exec 3>&1 >&2

fault_count=0
for model in "${models[@]}"; do
    search_sound "$model"
done
if [[ $mode == full ]]; then
    for model in "${models[@]}"; do
        search_faults "$model"
    done
fi

printf '\n%-18s %12s %12s %9s %8s\n' search states transitions MB s
for row in "${rows[@]}"; do
    IFS='|' read -r name states transitions memory seconds verdict <<<"$row"
    printf '%-18s %12s %12s %9s %8s  %s\n' "$name" "$states" "$transitions" "$memory" "$seconds" "$verdict"
done
[[ $mode == quick ]] || printf '%d faults\n' "$fault_count"
if [[ $json == yes ]]; then
    printf '{"runs":[%s],"faults":[%s],"ok":%s}\n' "$(IFS=,; echo "${json_runs[*]}")" \
        "$(IFS=,; echo "${json_faults[*]-}")" "$( ((bad)) && echo false || echo true)" >&3
fi
if ((bad)); then
    printf 'model: %d searches did not end as they must\n' "$bad" >&2
    exit 1
fi
