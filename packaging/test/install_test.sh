#!/usr/bin/env bash
# Installs a build into an empty prefix and uses it as a stranger would: the example builds against
# the CMake package and against pkg-config, and takes frames from the installed driver. The prefix
# is then moved, since packages are built in one place and used in another.
# usage: install_test.sh SOURCE BUILD CXX
set -euo pipefail

source=$1
build=$2
cxx=$3
work=$(mktemp -d)
driver_pid=

cleanup() {
    if [[ -n $driver_pid ]]; then
        kill "$driver_pid" 2>/dev/null || true
        wait "$driver_pid" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    printf 'install_test: %s\n' "$*" >&2
    exit 1
}

install_and_move() {
    cmake --install "$build" --prefix "$work/staging" >"$work/install.log" ||
        fail "cmake --install failed: $(tail -n 5 "$work/install.log")"
    mv "$work/staging" "$work/prefix"
}

check_files() {
    local file
    for file in bin/pfvd bin/pf-vdisplay-driver include/pf/host/session.hpp \
        include/pf/os/result.hpp include/pf/proto/all.hpp \
        lib/systemd/user/pf-vdisplay-driver@.service; do
        [[ -e $work/prefix/$file ]] || fail "$file is not installed"
    done
    if grep -rIl -e "$source" -e "$work/staging" "$work/prefix" --include='*.cmake' --include='*.pc'; then
        fail 'an installed package file names a directory of the build'
    fi
}

# systemd reads the unit, where it is there to be asked.
check_unit() {
    command -v systemd-analyze >/dev/null || return 0
    local unit=$work/pf-vdisplay-driver@test.service
    sed "s|^ExecStart=[^ ]*|ExecStart=$work/prefix/bin/pf-vdisplay-driver|; /^Documentation=/d" \
        "$work/prefix/lib/systemd/user/pf-vdisplay-driver@.service" >"$unit"
    systemd-analyze --user verify "$unit" >"$work/unit.log" 2>&1 || true
    if grep -q "$(basename "$unit"):" "$work/unit.log"; then
        fail "systemd does not like the unit: $(cat "$work/unit.log")"
    fi
}

build_by_find_package() {
    cp -r "$source/examples" "$work/examples"  # away from the tree that it came from
    if ! { cmake -S "$work/examples" -B "$work/consumer" -G Ninja \
        -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$work/prefix" &&
        cmake --build "$work/consumer"; } >"$work/consumer.log" 2>&1; then
        fail "find_package(pf_vdisplay) is not enough: $(tail -n 20 "$work/consumer.log")"
    fi
}

build_by_pkg_config() {
    local pc flags
    pc=$(find "$work/prefix" -name pf_vdisplay.pc -printf '%h')
    flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs pf_vdisplay)
    # shellcheck disable=SC2086
    "$cxx" "$source/examples/minimal_host.cpp" -o "$work/by_pkg_config" $flags ||
        fail "pkg-config's flags are not enough: $flags"
}

start_driver() {
    export XDG_RUNTIME_DIR=$work/runtime
    mkdir -m 0700 "$XDG_RUNTIME_DIR"
    "$work/prefix/bin/pf-vdisplay-driver" --instance t --source pattern >"$work/driver.log" 2>&1 &
    driver_pid=$!
    local try
    for ((try = 0; try < 300; ++try)); do
        "$work/prefix/bin/pfvd" list --json 2>/dev/null | grep -q '"active"' && return
        kill -0 "$driver_pid" 2>/dev/null || break
        sleep 0.1
    done
    fail "the installed driver does not come up: $(cat "$work/driver.log")"
}

run_example() {  # PROGRAM
    timeout 60 "$1" 640x480@60 60 >"$work/example.log" 2>&1 ||
        fail "$1 ended with $?: $(tail -n 20 "$work/example.log")"
}

install_and_move
check_files
check_unit
build_by_find_package
build_by_pkg_config
start_driver
run_example "$work/consumer/minimal_host"
run_example "$work/by_pkg_config"
echo 'install_test: the example built by find_package and by pkg-config, and took frames by both'
