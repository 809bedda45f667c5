#!/bin/sh
# Opens a chain file with every reader that is installed:  check.sh FILE
#
# TARN_CHECK_READERS    folder of the conformance readers; the test is skipped without it
# TARN_READERS_COPY     where they are copied to, since the JavaScript reader is installed beside them
# TARN_REQUIRE_READERS  1: a reader that is not installed is a failure (but datatree, which needs a
#                       newer xarray than Debian 12 has)
# Exit status: 0 good, 1 a reader failed, 77 skipped.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
[ -d "$TARN_CHECK_READERS" ] || { echo "skipped: no folder '$TARN_CHECK_READERS'"; exit 77; }

copy=$TARN_READERS_COPY
if [ ! -d "$copy/node_modules/h5wasm" ]; then
  mkdir -p "$copy" || exit 1
  cp -f "$TARN_CHECK_READERS"/* "$copy" && chmod -R u+w "$copy" || exit 1
  cp -f "$here/package.json" "$here/package-lock.json" "$copy" || exit 1
  (cd "$copy" && npm ci --no-audit --no-fund --loglevel=error) || echo "npm: h5wasm is not installed"
fi

out=$(PYTHON=${PYTHON:-/usr/bin/python3} sh "$copy/run_all.sh" "$1")
status=$?
echo "$out"
if [ "$TARN_REQUIRE_READERS" = 1 ] && echo "$out" | grep '^skip' | grep -qv '^skip  datatree'; then
  echo "a reader is missing, and TARN_REQUIRE_READERS=1 wants them all"
  status=1
fi
exit $status
