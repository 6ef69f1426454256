#!/bin/sh
# Opens insights in JupyterLab, preparing it the first time. Options go to JupyterLab.
cd "$(dirname "$0")" || exit 1
unset PYTHONHOME
PYTHONPATH="$PWD/src"
export PYTHONPATH

stay() {
    echo "$1" >&2
    if [ -t 0 ]; then printf 'Press Enter to close this window. ' && read -r _; fi
    exit 1
}

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
for python in .venv/bin/python python3.11 python3.12 python3.13 \
    /opt/homebrew/bin/python3.11 /opt/homebrew/bin/python3.12 /opt/homebrew/bin/python3.13 \
    /usr/local/bin/python3.11 /usr/local/bin/python3.12 /usr/local/bin/python3.13 \
    "$HOME/anaconda3/bin/python" "$HOME/miniconda3/bin/python" "$HOME/miniforge3/bin/python" \
    "$HOME/opt/anaconda3/bin/python" /opt/anaconda3/bin/python /opt/miniconda3/bin/python \
    python3 python; do
    if command -v "$python" >/dev/null 2>&1 && "$python" -c "$fits" >/dev/null 2>&1; then
        "$python" -m insights.lab "$@" || stay ""
        exit 0
    fi
done
stay "insights cannot start: no Python 3.11, 3.12 or 3.13 was found. Install Python 3.12 from python.org (or Anaconda), then start again."
