#!/usr/bin/env bash
# Fails when what is above the seam does not compile for Windows: each source of the rooms below, and
# a program that includes each of their public headers, by mingw-w64, syntax only, against os/include (no os/windows behind it). Of the system's headers only
# those of libraries that are nothing but headers here are seen, so that glibc's do not leak in.
# Without the compiler nothing is said: exit code 77, which ctest shows as skipped.
# usage: check_mingw.sh ROOT [JOBS]
set -euo pipefail

root=$(cd "$1" && pwd)
jobs=${2:-$(nproc)}
rooms=(proto damage driver/core os/common host rig cli)
borrowed=(tl fmt nlohmann CLI)
export compiler=x86_64-w64-mingw32-g++-posix

if ! command -v $compiler >/dev/null; then
    printf 'NOT CHECKED: Windows; %s is not here (./dev setup lint installs it)\n' $compiler >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for library in "${borrowed[@]}"; do
    ln -s "/usr/include/$library" "$work/$library"
done

cd "$root"
printf '%s\n' -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
    -Wno-sign-conversion -Wnon-virtual-dtor -Werror -DFMT_HEADER_ONLY -DPF_VERSION='\"0\"' -isystem "$work" \
    -I{proto,damage,os,host,driver/core,driver/pattern,sinks,rig,bench}/include -Ihost >"$work/flags"
export flags=$work/flags

compile() {  # SOURCE
    "$compiler" @"$flags" "$1" || {
        printf '%s does not compile for Windows\n' "$1"
        return 1
    }
}
export -f compile

ours() {  # ENDING: files of the rooms, without tests and without the system's side of the seam
    git ls-files -z --cached --others --exclude-standard -- "${rooms[@]/%//*.$1}" os/include |
        grep -zE "\.$1$" | grep -zvE '_test(_support)?\.cpp$|/tests?/|/os/(linux|windows)/' || true
}
ours cpp >"$work/sources"
ours hpp | tr '\0' '\n' | sed -n 's|.*include/\(pf/.*\)|#include <\1>|p' >"$work/all_headers.cpp"
printf '%s\0' "$work/all_headers.cpp" >>"$work/sources"
count=$(tr -cd '\0' <"$work/sources" | wc -c)
status=0
xargs -0 -r -P "$jobs" -I{} bash -c 'compile "$1"' _ {} <"$work/sources" 2>&1 || status=1
printf '%d sources, %s\n' "$count" "$( ((status)) && echo 'and not all compile' || echo '0 findings')"
((count > 1 && !status))
