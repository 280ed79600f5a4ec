#!/bin/sh
# Makes sure that a Chromium is installed and starts, for the tests in a real browser; installs one with apt-get if not.
set -eu

works() {
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

if works; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser tests need Chromium or Chrome on the PATH, and there is no apt-get to install it with." >&2
    exit 1
fi
echo "Installing Chromium for the browser tests."
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
if ! works; then
    echo "Chromium was installed but does not start; install Chromium or Chrome by hand." >&2
    exit 1
fi
