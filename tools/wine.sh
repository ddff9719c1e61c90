#!/usr/bin/env bash
# Runs Windows programs of ours in a Wine prefix that belongs to this checkout alone: no X server,
# no desktop, no trace in the user's own ~/.wine.
# usage: wine.sh run PROGRAM [ARGUMENT...]   in the shared prefix, $PF_WINE_PREFIX or build/windows/wine
#        wine.sh prefix DIRECTORY            makes one more and leaves its server running
#        wine.sh end DIRECTORY               ends all that runs in it
# Exit code 77 where Wine is not installed, which ctest shows as skipped.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wine_programs=/usr/lib/wine  # Debian keeps wine64 off the PATH
PATH=$PATH:$wine_programs
export WINEDEBUG=${WINEDEBUG:--all,err+all}
export WINEDLLOVERRIDES='mscoree,mshtml=d;winemenubuilder.exe=d'
export LC_ALL=C.UTF-8  # without UTF-8, Wine has no file with a name beyond ASCII
unset DISPLAY

require_wine() {
    command -v wine64 >/dev/null && command -v wineserver64 >/dev/null && return
    printf 'NOT RUN: the Windows half; Wine is not here (./dev setup windows installs it)\n' >&2
    exit 77
}

# The server stays: with its last client it would end, and the services with it. A first client that
# wrote to a pipe would leave that pipe open in every service, so a file takes its words.
start_server() {  # PREFIX; fails where one runs already
    WINEPREFIX=$1 wineserver64 -p </dev/null >/dev/null 2>&1
}

# A system directory of links to Wine's own files instead of copies: 84 MB instead of 695.
slim() {  # PREFIX
    local system=$1/drive_c/windows/system32 file name
    for file in "$system"/*; do
        name=/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/${file##*/}
        [[ -f $file && ! -L $file && -f $name ]] && ln -sf "$name" "$file"
    done
    return 0
}

make_prefix() {  # PREFIX
    local prefix=$1
    mkdir -p "$prefix"
    # Also in a prefix that is there: the services of a new server boot with its first client.
    if ! start_server "$prefix" && [[ -f $prefix/ready ]]; then
        return
    fi
    if ! WINEPREFIX=$prefix wine64 cmd /c exit 0 >"$prefix/boot.log" 2>&1 </dev/null; then
        tail -n 20 "$prefix/boot.log" >&2
        printf 'wine.sh: the prefix %s could not be made; its log is boot.log there\n' "$prefix" >&2
        exit 1
    fi
    slim "$prefix"
    touch "$prefix/ready"
}

shared_prefix() {
    local prefix=${PF_WINE_PREFIX:-$root/build/windows/wine}
    mkdir -p "${prefix%/*}"
    (
        exec 9>"$prefix.lock"
        flock 9
        make_prefix "$prefix" 9>&-
    )
    printf '%s' "$prefix"
}

end_prefix() {  # PREFIX
    WINEPREFIX=$1 wineserver64 -k 2>/dev/null || true
    WINEPREFIX=$1 wineserver64 -w 2>/dev/null || true
}

verb=${1:-}
shift || true
require_wine
case $verb in
    run)
        WINEPREFIX=$(shared_prefix)
        export WINEPREFIX
        exec wine64 "$@"
        ;;
    prefix) make_prefix "$1" ;;
    end) end_prefix "$1" ;;
    *)
        sed -n '2,7s/^# //p' "$0" >&2
        exit 2
        ;;
esac
