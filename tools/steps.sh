# What `dev` shows of long steps, and how it gets packages. Sourced by `dev`.
# shellcheck shell=bash disable=SC2154

# Shows the last line of LOG until killed: redrawn on a terminal, else now and then a line.
follow_step() {  # TITLE LOG
    local title=$1 log=$2 line last='' start=$SECONDS
    while sleep 0.5; do
        line=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | grep -av '^ *$' | tail -n 1) || continue
        if [[ -t 1 ]]; then
            printf '\r\033[K%s' "$(printf '== %s: %s' "$title" "$line" | cut -c "1-$(columns)")"
        elif ((SECONDS - start >= 15)) && [[ $line != "$last" ]]; then
            printf '   %s: %s\n' "$title" "${line:0:120}"
            start=$SECONDS
            last=$line
        fi
    done
}

columns() {
    local size
    size=$(stty size 2>/dev/null </dev/tty) || size='24 80'
    echo $((${size#* } - 1))
}

# Runs COMMAND with its output in LOG. A failure shows the end of the log, names it and ends `dev`.
step() {  # TITLE LOG COMMAND...
    local title=$1 log=$2 start=$SECONDS status=0 follower
    shift 2
    mkdir -p "$(dirname "$log")"
    : >"$log"
    [[ -t 1 ]] || printf '== %s\n' "$title"
    follow_step "$title" "$log" &
    follower=$!
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    kill "$follower" 2>/dev/null
    wait "$follower" 2>/dev/null || true
    [[ -t 1 ]] && printf '\r\033[K'
    if ((status)); then
        tail -n 40 "$log" >&2
        printf "dev: '%s' failed; the whole log is %s\n" "$title" "$log" >&2
        exit 1
    fi
    printf '== %s: done in %d s\n' "$title" $((SECONDS - start))
}

missing_packages() {  # PACKAGE...
    comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
            awk '$2 == "installed" {print $1}' | sort -u)
}

# Needs neither network nor rights when nothing is missing.
install_packages() {  # PACKAGE...
    local missing as_root=()
    if ! command -v dpkg-query >/dev/null; then
        printf 'dev: not a Debian system; docs/dependencies.md says what has to be installed\n' >&2
        return 0
    fi
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null || ! sudo -v; then
            printf 'dev: packages are missing and this user may not install them. As root, run:\n' >&2
            printf '  apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    export DEBIAN_FRONTEND=noninteractive
    step 'package lists' "$root/build/setup-update.log" "${as_root[@]}" apt-get update
    step "install ${#missing[@]} packages" "$root/build/setup-install.log" \
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
        "${missing[@]}"
}

# What there may be no package of (another architecture): then it stays missing, and whoever needs it
# says so.
try_install_packages() {  # PACKAGE...
    [[ -z $(missing_packages "$@") ]] && return
    (install_packages "$@") || true
}
