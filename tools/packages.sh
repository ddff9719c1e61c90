# The Debian 12 packages of each task, for `dev` to source. docs/dependencies.md says what each one
# is for; the test lint_packages fails when one is missing there.
# shellcheck shell=bash disable=SC2034

# Building the two programs.
packages_build=(
    g++ cmake ninja-build pkg-config
    libexpected-dev libfmt-dev libspdlog-dev libcli11-dev nlohmann-json3-dev
    libxcb1-dev libxcb-randr0-dev libxcb-shm0-dev libxcb-damage0-dev libxcb-xfixes0-dev
    libxcb-xinput-dev libxcb-xtest0-dev
    libavcodec-dev libavformat-dev libavutil-dev libswscale-dev zlib1g-dev
)

# The X server that the demo's driver starts, and the programs on its desktop.
packages_desktop=(
    xserver-xorg-core xserver-xorg-video-dummy
    x11-apps xterm xfonts-base mesa-utils
)

# The models' searcher, and the C compiler for the programs that it writes.
packages_model=(spin gcc)

# The Windows programs. Their libraries that are headers only are those of packages_build.
packages_windows=(g++-mingw-w64-x86-64-posix libz-mingw-w64-dev libgtest-dev python3 openssl)
# What runs them here; `dev` goes on without it.
packages_wine=(wine64 libwine)

# The tests' library, the compilers that the contract must build with, and the judges.
packages_test=(
    git python3 ccache libgtest-dev libgmock-dev libpng-dev
    clang clang-format libclang-rt-14-dev
    edid-decode ffmpeg x11-utils x11-xserver-utils
    "${packages_model[@]}" "${packages_windows[@]}"
)

packages_lint=(git python3 clang clang-format clang-tidy)

# What `dev bare` makes a minimal Debian with.
packages_bare=(mmdebstrap git)
