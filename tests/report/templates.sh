#!/bin/sh
# templates.sh FOLDER FIGURE.vl.json...: FOLDER is where npm's parts of the report are.
# Exit status: 77, skipped, where they are not, unless TARN_REQUIRE_READERS=1.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=$1
shift
if [ ! -d "$folder/node_modules" ]; then
  echo "skipped: build the target report_assets first; it needs npm"
  [ "$TARN_REQUIRE_READERS" = 1 ] && exit 1
  exit 77
fi
cp "$here/templates.mjs" "$folder" && exec node "$folder/templates.mjs" "$@"
