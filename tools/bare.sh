#!/usr/bin/env bash
# Runs a command of README in a fresh minimal Debian 12, as someone does who has only just got the
# sources, and says what was missing there. The tree is a clean clone of the commit; nothing of this
# machine is seen from inside but its network. Processes and mounts live in namespaces of their own
# and end with them, whatever ends this script; the directory goes too, unless that was kill -9.
# usage: bare.sh [--keep] [--sudo] [demo|test]
#   --keep   leave the root file system for a look
#   --sudo   as a user who may call sudo, not as root
# Needs root, and room for the build in TMPDIR (/var/tmp when unset): 3 GB for demo, 8 GB for test.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$repository/build/bare
suite=bookworm
tree=/pf-vdisplay  # where the clone lies in the new root
not_found='command not found|: not found$|Unable to locate package|No such file or directory: '
not_found+='|is not able to compile|Could (NOT|not) find|CMake was unable to find|is not installed'
# A command behind these ends with everything that it started when we end, however that is.
isolated=(setpriv --pdeathsig KILL unshare --mount --pid --ipc --fork --kill-child)
# shellcheck source=tools/steps.sh
source "$repository/tools/steps.sh"

die() {
    printf 'bare: %s\n' "$*" >&2
    exit 2
}

# Bash hears no signal while a command in the foreground runs.
heard() {  # COMMAND...
    "$@" &
    wait "$!"
}

# The suite's sources as apt has read them here, one a line; none on another system, and then
# mmdebstrap takes Debian's own.
debian_sources() {
    command -v apt-get >/dev/null || return 0
    # shellcheck disable=SC2016
    apt-get indextargets 'Created-By: Packages' \
        --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' |
        grep -E " $suite(-updates|-security)? " | sort -u || true
}

# How this machine reaches them: proxies, certificates, checks. Not what it leaves out.
apt_settings() {
    command -v apt-config >/dev/null || return 0
    apt-config dump Acquire | grep -E '^Acquire::[^ ]+ ".+";$' |
        grep -vE '^Acquire::(IndexTargets|Languages|Changelogs|CompressionTypes)' || true
}

make_root() {  # ROOT
    local mirror=() extra=()
    debian_sources >"$logs/sources.list"
    apt_settings >"$logs/apt.conf"
    [[ -s $logs/sources.list ]] && mirror=("$logs/sources.list")
    [[ $user == root ]] || extra=(--include=sudo)
    step "a minimal Debian ($suite)" "$logs/mmdebstrap.log" \
        heard "${isolated[@]}" --mount-proc mmdebstrap --mode=root --variant=minbase --aptopt="$logs/apt.conf" "${extra[@]}" \
        "$suite" "$1" "${mirror[@]}"
    cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
    git clone --quiet --no-hardlinks --no-checkout "$repository" "$1$tree"
    git -C "$1$tree" remote remove origin
    git -C "$1$tree" checkout --quiet --detach "$commit"
    [[ $user == root ]] && return
    chroot "$1" useradd --create-home --shell /bin/bash "$user"
    printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$user" >"$1/etc/sudoers.d/$user"
    chroot "$1" chown -R "$user:" "$tree"
}

# In namespaces of its own: what a system has under /proc and /dev, then a login.
inside() {  # ROOT USER COMMAND
    local root=$1 device
    mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
    mount -t tmpfs -o mode=0755,nosuid dev "$root/dev"
    for device in null zero full random urandom tty; do
        : >"$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s fd/0 "$root/dev/stdin"
    ln -s fd/1 "$root/dev/stdout"
    ln -s fd/2 "$root/dev/stderr"
    # No exec: we are the first process here, and a shell reaps the orphans as an init does.
    chroot "$root" su --login "$2" --command "$3" \
        --whitelist-environment http_proxy,https_proxy,ftp_proxy,no_proxy,PF_JOBS
}

# Lines that name a program or a file that is not there, out of every log of the run.
what_is_missing() {  # ROOT
    local build=$1$tree/build found
    mkdir -p "$logs/inside"
    [[ ! -d $build ]] ||
        (cd "$build" && find . -name '*.log' -size -64M -exec cp --parents -t "$logs/inside" {} +)
    found=$(grep -rhaE --include='*.log' --exclude=mmdebstrap.log "$not_found" "$logs" |
        sed 's/^ *//' | sort | uniq -c | sort -rn | head -n 20) || true
    printf 'bare: what was not found, by the logs in %s:\n%s\n' "$logs" "${found:-      nothing}"
}

# Called again by itself, behind unshare.
if [[ ${1:-} == --inside ]]; then
    shift
    inside "$@"
    exit
fi

keep=no user=root verb=test
for argument in "$@"; do
    case $argument in
        --keep) keep=yes ;;
        --sudo) user=guest ;;
        demo | test) verb=$argument ;;
        *) die "takes demo or test, --keep and --sudo, not '$argument'" ;;
    esac
done
((EUID == 0)) || die "it makes a root file system and mounts in it, so run it as root: sudo ./dev bare $verb"
for program in mmdebstrap git unshare setpriv; do
    command -v "$program" >/dev/null || die "$program is not installed; ./dev setup bare installs it on Debian"
done
commit=$(git -C "$repository" rev-parse HEAD) || die "$repository is no checkout, so it cannot be cloned"
[[ -z $(git -C "$repository" status --porcelain) ]] ||
    printf 'bare: uncommitted changes stay outside; it runs the commit %.12s\n' "$commit"
unshare --mount --pid --fork true ||
    die 'this system does not let root make namespaces (a container without CAP_SYS_ADMIN?)'

rm -rf "$logs"
mkdir -p "$logs"
new_root=$(mktemp -d "${TMPDIR:-/var/tmp}/pf-bare.XXXXXX")
chmod 0755 "$new_root"

# With what still runs its namespaces end, and so every process and mount in them.
clean_up() {
    local running
    running=$(jobs -p)
    if [[ -n $running ]]; then
        # shellcheck disable=SC2086
        { kill -KILL $running || true; wait $running || true; } 2>/dev/null
    fi
    if [[ $keep == yes ]]; then
        printf 'bare: the root is %s (chroot there; the tree is %s); remove it when done\n' \
            "$new_root" "$tree"
    else
        rm -rf --one-file-system "$new_root"
    fi
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

make_root "$new_root"
printf '== ./dev %s as %s in %s\n' "$verb" "$user" "$new_root"
status=0
heard "${isolated[@]}" "${BASH_SOURCE[0]}" --inside "$new_root" "$user" "cd $tree && ./dev $verb" \
    > >(tee "$logs/console.log") 2>&1 </dev/null || status=$?
if ((status)); then
    what_is_missing "$new_root" >&2
    die "./dev $verb failed with $status in a minimal Debian $suite"
fi
printf 'bare: ./dev %s passed in a minimal Debian (%s) in %d s\n' "$verb" "$suite" "$SECONDS"
