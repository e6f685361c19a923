#!/bin/sh
# Installs what the tests need from the system, when it is missing and this user may: mosquitto as the real broker,
# Chromium with Chinese fonts for the pages, espeak-ng and aplay for the voice. Otherwise one line says which tests are
# left out, and all is well: whether that may be is decided by tests/conftest.py.
set -u
PATH="$PATH:/usr/sbin:/sbin" # Debian keeps mosquitto there, outside an ordinary user's PATH

missing=
tests=
if ! command -v mosquitto >/dev/null || ! command -v mosquitto_sub >/dev/null; then
    missing="mosquitto mosquitto-clients"
    tests="broker"
fi
if [ ! -x /usr/bin/chromium ]; then
    missing="$missing chromium"
    tests="$tests browser"
fi
if ! command -v espeak-ng >/dev/null || ! command -v aplay >/dev/null; then
    missing="$missing espeak-ng alsa-utils"
    tests="$tests voice"
fi
# Without the fonts the pages' Chinese is boxes in screenshots, but nothing fails: not worth asking for a password.
if [ ! -d /usr/share/fonts/opentype/noto ]; then
    missing="$missing fonts-noto-cjk"
fi
[ -n "$missing" ] || exit 0

left_out() {
    echo "Not installed ($1):" $missing "- tests left out: ${tests:-none}" >&2
    exit 0
}

command -v apt-get >/dev/null || left_out "there is no apt-get here"
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    left_out "that needs root or a sudo without password"
fi

# The tests start brokers of their own; the package's service would hold port 1883 from now on. policy-rc.d keeps it
# from starting now, `disable` from starting at the next boot.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '$as_root rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
fi

echo "Installing" $missing "…"
{
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
} >/dev/null 2>&1 || left_out "apt-get failed"

case " $missing " in *" mosquitto "*)
    command -v systemctl >/dev/null && $as_root systemctl disable --quiet mosquitto.service 2>/dev/null
    ;;
esac
exit 0
