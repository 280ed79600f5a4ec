#!/bin/sh
# Makes sure that what the tests drive is there: Chromium for the tests in a real browser, PostgreSQL for those of the
# store, curl and bash for the printed commands. Installs what is missing with apt-get.
set -eu

chromium_works() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if "$name" --version >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

missing=""
chromium_works || missing="chromium fonts-liberation"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
for tool in curl bash; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
if [ -z "$missing" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need these on the PATH, and there is no apt-get to install them with: $missing" >&2
    exit 1
fi
echo "Installing for the tests: $missing"
as_root apt-get update -qq
# shellcheck disable=SC2086 # several names, on purpose
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
if ! chromium_works; then
    echo "Chromium was installed but does not start; install Chromium or Chrome by hand." >&2
    exit 1
fi
