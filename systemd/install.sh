#!/bin/sh
# Installs lobbyd on a branch's machine, or brings it up to date; `install.sh --help` says how.
set -eu
umask 022 # the service's user reads what root installs

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
root=
wheel=
lock=$here/../requirements.lock
config=$here/../config
[ -d "$config" ] || config=$here/../_config # beside an installed package
enable=no

usage() {
    cat <<'TEXT'
Usage: install.sh [--root DIR] [--wheel FILE] [--lock FILE] [--enable]

Installs the program into /opt/lobbyd, its unit, user, udev and journal files into /etc, and a first
/etc/lobbyd/branch.toml. What an administrator has edited (branch.toml, 99-lobbyd.rules) is kept; running it again
changes nothing. Nothing is started.

  --wheel FILE  the program (default: the newest dist/lobbyd-*.whl beside this script's folder; `make wheel` makes it)
  --lock FILE   its dependencies with their hashes (default: requirements.lock there)
  --root DIR    puts everything below DIR, for images and tests; needs no root
  --enable      checks the configuration, then starts the service, now and at every boot
  --help        this text

PYTHON names the interpreter, 3.11 or later (default: python3).
Example: sudo systemd/install.sh --wheel dist/lobbyd-0.1.0-py3-none-any.whl
TEXT
}

fail() {
    echo "install.sh: $1" >&2
    exit "${2:-1}"
}

while [ $# -gt 0 ]; do
    case $1 in
    --root | --wheel | --lock)
        [ $# -gt 1 ] || fail "$1 needs a value (see --help)" 2
        case $1 in
        --root) root=${2%/} ;;
        --wheel) wheel=$2 ;;
        --lock) lock=$2 ;;
        esac
        shift
        ;;
    --enable) enable=yes ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) fail "unknown argument $1 (see --help)" 2 ;;
    esac
    shift
done

if [ -z "$wheel" ]; then
    wheel=$(ls -t "$here"/../dist/lobbyd-*.whl "$here"/../lobbyd-*.whl 2>/dev/null | head -n 1)
fi
[ -f "$wheel" ] || fail "no wheel: make one with \`make wheel\`, or name one with --wheel" 2
[ -f "$lock" ] || fail "no lock file at $lock: name one with --lock" 2
[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail "needs root; --root DIR stages the files elsewhere" 2
[ -z "$root" ] || [ "$enable" = no ] || fail "--enable starts this machine's service and does not go with --root" 2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "needs Python 3.11 or later, and $python is not; PYTHON names another" 2
if [ -z "$root" ]; then
    case $("$python" -c 'import sys; print(sys.base_prefix)') in
    /home/* | /root/*) fail "$python lives in a home directory, which the service does not see; PYTHON names another" 2 ;;
    esac
fi

changed=no
said() {
    changed=yes
    echo "installed $1"
}

# put MODE SOURCE TARGET: the file appears whole or not at all, and only when it differs.
put() {
    cmp -s "$2" "$root$3" && return
    mkdir -p "$root$(dirname "$3")"
    cp "$2" "$root$3.new"
    chmod "$1" "$root$3.new"
    mv -f "$root$3.new" "$root$3"
    said "$3"
}

# keep MODE SOURCE TARGET: the administrator's from the first day on.
keep() {
    [ -e "$root$3" ] || put "$1" "$2" "$3"
}

# Every release has a directory of its own and `venv` points at one: an interrupted installation leaves the running
# program whole, and the last release stays to go back to.
install_program() {
    opt=$root/opt/lobbyd
    release=releases/$(cat "$wheel" "$lock" | sha256sum | cut -c 1-12)
    previous=$(readlink "$opt/venv" || true)
    if [ ! -e "$opt/$release/.complete" ]; then
        rm -rf "${opt:?}/$release"
        mkdir -p "$opt/releases"
        "$python" -m venv "$opt/$release"
        pip="$opt/$release/bin/python -m pip --disable-pip-version-check install --quiet"
        $pip --require-hashes --requirement "$lock"
        $pip --no-deps "$wheel"
        touch "$opt/$release/.complete"
    fi
    [ "$previous" != "$release" ] || return 0
    ln -sfn "$release" "$opt/venv.new"
    mv -T "$opt/venv.new" "$opt/venv"
    for old in "$opt"/releases/*; do
        case $old in
        "$opt/$release" | "$opt/$previous") ;;
        *) rm -rf "$old" ;;
        esac
    done
    said "/opt/lobbyd/$release"
}

install_program
put 644 "$here/lobbyd.service" /etc/systemd/system/lobbyd.service
put 644 "$here/lobbyd.sysusers.conf" /etc/sysusers.d/lobbyd.conf
put 644 "$here/lobbyd.tmpfiles.conf" /etc/tmpfiles.d/lobbyd.conf
put 644 "$here/journald.conf.d/lobbyd.conf" /etc/systemd/journald.conf.d/lobbyd.conf
keep 644 "$here/99-lobbyd.rules" /etc/udev/rules.d/99-lobbyd.rules
keep 640 "$config/branch.toml" /etc/lobbyd/branch.toml
[ -z "$root" ] || exit 0

systemd-sysusers /etc/sysusers.d/lobbyd.conf
systemd-tmpfiles --create /etc/tmpfiles.d/lobbyd.conf
if [ -d /run/systemd/system ]; then
    udevadm control --reload
    systemctl daemon-reload
fi
if [ "$enable" = yes ]; then
    /opt/lobbyd/venv/bin/lobbyd check /etc/lobbyd/branch.toml
    systemctl enable --quiet lobbyd.service
    if [ "$changed" = yes ]; then systemctl restart lobbyd.service; else systemctl start lobbyd.service; fi
else
    echo "Next: edit /etc/lobbyd/branch.toml and /etc/udev/rules.d/99-lobbyd.rules (lobbyd devices --udev), see what"
    echo "/opt/lobbyd/venv/bin/lobbyd doctor says, then run this again with --enable."
fi
