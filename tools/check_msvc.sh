#!/usr/bin/env bash
# Fails when the contract or driver core does not compile for the ABI of Microsoft's compiler: a
# driver of Windows is built with that. clang has the ABI (sizes, layout, names), the headers are
# mingw-w64's, as Debian has no others; they want to see gcc. Syntax only.
# Exit code 77, which ctest shows as skipped, where one of both is missing.
# usage: check_msvc.sh ROOT
set -euo pipefail

root=$(cd "$1" && pwd)
headers=$(x86_64-w64-mingw32-g++-posix -print-file-name=include/c++ 2>/dev/null || true)
if ! command -v clang++ >/dev/null || [[ ! -d $headers ]]; then
    printf 'NOT CHECKED: the ABI of Microsoft'\''s compiler; clang or mingw-w64 is not here\n' >&2
    exit 77
fi

flags=(
    --target=x86_64-pc-windows-msvc -fgnuc-version=12.2 -fno-ms-compatibility
    -std=c++20 -fsyntax-only -fno-exceptions -fno-rtti
    -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers -Werror
    -D__STRICT_ANSI__ -D__MINGW32__ -D__MINGW64__ -D_UCRT
    -nostdinc++ -isystem "$headers" -isystem "$headers/x86_64-w64-mingw32"
    -isystem /usr/x86_64-w64-mingw32/include
)
cd "$root"
status=0 count=0
for source in proto/include/pf/proto/*.hpp driver/core/include/pf/core/*.hpp driver/core/*.cpp; do
    [[ $source == *_test.cpp ]] && continue
    count=$((count + 1))
    clang++ "${flags[@]}" -I{proto,damage,driver/core}/include -x c++ \
        -include "$source" /dev/null || {
        printf '%s does not compile for the ABI of Microsoft'\''s compiler\n' "$source"
        status=1
    }
done
printf '%d sources, %s\n' "$count" "$( ((status)) && echo 'and not all compile' || echo '0 findings')"
((count > 0 && !status))
