#!/bin/sh
# Same seed, same draws, bit for bit: for any number of threads, and from any compiler.
#   same_draws.sh TARN OTHER_TARN DATA     OTHER_TARN: built by another compiler
# Exit status: 0 the same, 1 not, 77 skipped since OTHER_TARN or h5diff is not there.
tarn=$1 other=$2 data=$3
command -v h5diff >/dev/null || { echo "skipped: no h5diff (Debian package hdf5-tools)"; exit 77; }
[ -x "$other" ] || { echo "skipped: no $other, made by ./dev test"; exit 77; }
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
status=0

fit() {  # launcher, threads, chain file; then what to fit
  launcher=$1 threads=$2 file=$3; shift 3
  "$launcher" fit "$data" "$@" --chains 4 --warmup 100 --draws 150 --seed 20 --threads "$threads" \
    --quiet --force -o "$file" >"$out/log" 2>&1
  code=$?  # 6: the diagnostics ask for more draws
  [ $code -eq 0 ] || [ $code -eq 6 ] || { cat "$out/log"; exit 1; }
}

same() {  # what, a chain file, another
  count=0
  for variable in $(h5ls "$2/posterior" | awk '$2 == "Dataset" { print $1 }'); do
    # Two files with other dimensions or labels would not be the same draws either.
    h5diff -q "$2" "$3" "/posterior/$variable" || { echo "$1: $variable differs"; status=1; }
    count=$((count + 1))
  done
  [ $count -gt 2 ] || { echo "$1: no variables in $2"; status=1; }
}

compare() {
  echo "$*"
  fit "$tarn" 1 "$out/one.h5" "$@"
  fit "$tarn" 2 "$out/two.h5" "$@"
  fit "$other" 2 "$out/other.h5" "$@"
  same "1 and 2 threads" "$out/one.h5" "$out/two.h5"
  same "two compilers" "$out/one.h5" "$out/other.h5"
}

compare 'log_radon ~ floor + log_uranium'
compare 'log_radon ~ floor + log_uranium' --prior 'b ~ normal(0, 1)' --sampler gibbs
compare 'log_radon ~ floor + log_uranium + (1 | county)' --sampler gibbs
compare 'log_radon ~ floor + log_uranium + (1 | county)' --sampler gibbs --set scheme=plain
compare 'log_radon ~ floor + log_uranium + (1 | county)'
for sampler in nuts slice metropolis; do
  compare 'log_radon ~ floor + log_uranium + (1 | county)' --sampler $sampler
  compare 'log_radon ~ floor + (1 | county)' --sampler $sampler --set target=full
done
exit $status
