#!/usr/bin/env bash
# Fails when docs/dependencies.md does not explain a package that tools/packages.sh asks for.
# usage: check_packages.sh ROOT
set -euo pipefail

root=$1
# shellcheck source=tools/packages.sh
source "$root/tools/packages.sh"

undocumented=0 count=0
for list in $(compgen -A variable packages_); do
    declare -n packages=$list
    for package in "${packages[@]}"; do
        count=$((count + 1))
        grep -qF "\`$package\`" "$root/docs/dependencies.md" && continue
        printf 'docs/dependencies.md does not explain %s of %s\n' "$package" "$list"
        undocumented=$((undocumented + 1))
    done
done
printf '%d packages, %d findings\n' "$count" "$undocumented"
((count > 0 && undocumented == 0))
