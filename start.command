#!/bin/sh
# For a double click in macOS's Finder.
exec /bin/sh "$(dirname "$0")/start.sh" "$@"
