#!/usr/bin/env bash
# Installs a build into an empty prefix and uses it as a stranger would: the example builds against
# the CMake package and against pkg-config, and takes frames from the installed driver. The prefix
# is then moved, since packages are built in one place and used in another, to a directory with a
# space in its name. A consumer's own C++ standard stays, from C++20 on. Directories that were given
# as absolute paths are named as such.
# usage: install_test.sh SOURCE BUILD CXX
set -euo pipefail

source=$1
build=$2
cxx=$3
work=$(mktemp -d)
prefix="$work/a prefix"
driver_pid=
flags=()

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
    mv "$work/staging" "$prefix"
}

check_files() {
    local file
    for file in bin/pfvd bin/pf-vdisplay-driver include/pf/host/session.hpp \
        include/pf/os/result.hpp include/pf/proto/all.hpp \
        lib/systemd/user/pf-vdisplay-driver@.service; do
        [[ -e $prefix/$file ]] || fail "$file is not installed"
    done
    if grep -rIl -e "$source" -e "$work/staging" "$prefix" --include='*.cmake' --include='*.pc'; then
        fail 'an installed package file names a directory of the build'
    fi
}

# systemd reads the unit, where it is there to be asked.
check_unit() {
    command -v systemd-analyze >/dev/null || return 0
    local unit=$work/pf-vdisplay-driver@test.service
    sed "s|^ExecStart=.*/pf-vdisplay-driver\"|ExecStart=\"$prefix/bin/pf-vdisplay-driver\"|; /^Documentation=/d" \
        "$prefix/lib/systemd/user/pf-vdisplay-driver@.service" >"$unit"
    systemd-analyze --user verify "$unit" >"$work/unit.log" 2>&1 || true
    if grep -q "$(basename "$unit"):" "$work/unit.log"; then
        fail "systemd does not like the unit: $(cat "$work/unit.log")"
    fi
}

build_by_find_package() {
    cp -r "$source/examples" "$work/examples"  # away from the tree that it came from
    if ! { cmake -S "$work/examples" -B "$work/consumer" -G Ninja \
        -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$prefix" &&
        cmake --build "$work/consumer"; } >"$work/consumer.log" 2>&1; then
        fail "find_package(pf_vdisplay) is not enough: $(tail -n 20 "$work/consumer.log")"
    fi
}

# pkg-config escapes for a shell, so a shell reads its words.
read_pkg_config() {
    local pc
    pc=$(find "$prefix" -name pf_vdisplay.pc -printf '%h')
    eval "flags=($(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs pf_vdisplay))"
}

build_by_pkg_config() {
    read_pkg_config
    "$cxx" -std=c++20 "$source/examples/minimal_host.cpp" -o "$work/by_pkg_config" "${flags[@]}" ||
        fail "pkg-config's flags are not enough: ${flags[*]}"
}

# Each package with a newer standard that the consumer chose, and with one that is too old.
check_standards() {
    printf '%s\n' '#include <pf/host/host.hpp>' '#if __cplusplus <= 202002L' \
        '#error "no longer the standard that the consumer chose"' '#endif' 'int main() {}' \
        >"$work/newer.cpp"
    "$cxx" -std=c++23 "$work/newer.cpp" -o "$work/newer.out" "${flags[@]}" ||
        fail "pkg-config takes C++23 away: ${flags[*]}"
    if "$cxx" -std=c++17 "$work/newer.cpp" -o "$work/older" "${flags[@]}" 2>"$work/older.log"; then
        fail 'the headers compile as C++17, which nobody tests'
    fi
    grep -m1 'error' "$work/older.log" | grep -q 'C++20 or newer' ||
        fail "a standard that is too old is not named first: $(head -n 3 "$work/older.log")"
    mkdir "$work/newer"
    cp "$work/newer.cpp" "$work/newer/main.cpp"
    printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(newer LANGUAGES CXX)' \
        'set(CMAKE_CXX_STANDARD 23)' 'find_package(pf_vdisplay REQUIRED)' \
        'add_executable(newer main.cpp)' 'target_link_libraries(newer PRIVATE pf::host)' \
        >"$work/newer/CMakeLists.txt"
    if ! { cmake -S "$work/newer" -B "$work/newer/build" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" \
        -DCMAKE_PREFIX_PATH="$prefix" && cmake --build "$work/newer/build"; } \
        >"$work/newer.log" 2>&1; then
        fail "find_package(pf_vdisplay) takes C++23 away: $(tail -n 20 "$work/newer.log")"
    fi
}

# Only what names directories is installed, so nothing has to be built.
check_absolute_directories() {
    local tree="$work/absolute" pc named
    if ! { cmake -S "$source" -B "$tree" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" \
        -DPF_BUILD_TESTS=OFF -DCMAKE_INSTALL_LIBDIR="$work/elsewhere/lib" \
        -DCMAKE_INSTALL_INCLUDEDIR="$work/elsewhere/include" \
        -DCMAKE_INSTALL_BINDIR="$work/elsewhere/bin" &&
        cmake --install "$tree" --prefix "$work/absolute_prefix" --component named; } \
        >"$work/absolute.log" 2>&1; then
        fail "absolute directories do not install: $(tail -n 20 "$work/absolute.log")"
    fi
    pc=$work/elsewhere/lib/pkgconfig
    for named in libdir=lib includedir=include; do
        [[ $(realpath -m "$(PKG_CONFIG_PATH=$pc pkg-config --variable="${named%=*}" pf_vdisplay)") == \
            "$work/elsewhere/${named#*=}" ]] || fail "pkg-config says: $(cat "$pc/pf_vdisplay.pc")"
    done
    [[ $(PKG_CONFIG_PATH=$pc pkg-config --variable=prefix pf_vdisplay | xargs realpath -m) == \
        "$work/absolute_prefix" ]] || fail "the prefix is another: $(cat "$pc/pf_vdisplay.pc")"
    grep -q "^ExecStart=\"$work/elsewhere/bin/pf-vdisplay-driver\"" \
        "$work/absolute_prefix/lib/systemd/user/pf-vdisplay-driver@.service" ||
        fail 'the unit starts the driver from another directory'
}

start_driver() {
    export XDG_RUNTIME_DIR=$work/runtime
    mkdir -m 0700 "$XDG_RUNTIME_DIR"
    "$prefix/bin/pf-vdisplay-driver" --instance t --source pattern >"$work/driver.log" 2>&1 &
    driver_pid=$!
    local try
    for ((try = 0; try < 300; ++try)); do
        "$prefix/bin/pfvd" list --json 2>/dev/null | grep -q '"active"' && return
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
check_standards
check_absolute_directories
start_driver
run_example "$work/consumer/minimal_host"
run_example "$work/by_pkg_config"
echo 'install_test: the example built by find_package and by pkg-config, and took frames by both'
