#!/bin/sh
# Installs a requirements file into .venv, which is made first when it is missing or its Python has gone.
# usage: install.sh PYTHON REQUIREMENTS
set -eu

python=$1
requirements=$2

if ! .venv/bin/python -c '' 2>/dev/null; then
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Python 3.11 or later is needed; '$python' is not. Name one: make PYTHON=python3.12 ..." >&2
        exit 1
    fi
    if ! "$python" -m venv --clear .venv; then
        echo "A virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
