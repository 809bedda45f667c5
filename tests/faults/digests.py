"""The digests of a chain file, computed anew as docs/chain-file.md says; and that each is compared.

usage: digests.py TARN"""

import hashlib
import os
import shutil
import struct
import sys
import tempfile
import zlib

from reading import COMMANDS, answer, h5py, make_fits, run, without_digests

import numpy as np


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def ceil(a, b):
    return -(-a // b)


def pieces(own):
    """Runs of elements (first, number) that lie together."""
    size = int(np.prod(own, dtype=np.int64)) if own else 1
    if size <= 8:
        return [(0, size)]
    chunk, room = [1] * len(own), 100
    for axis in reversed(range(len(own))):
        parts = ceil(own[axis], room)
        chunk[axis] = ceil(own[axis], parts)
        if parts > 1:
            break
        room //= own[axis]
    split = next((i for i, c in enumerate(chunk) if c != 1), len(own) - 1)
    inner = int(np.prod(own[split + 1:], dtype=np.int64))
    run_length, step = own[split] * inner, chunk[split] * inner
    return [(outer * run_length + at, min(step, run_length - at))
            for outer in range(size // run_length) for at in range(0, run_length, step)]


def by_draw(group):
    names = [group[name] for name in group]  # in the order of creation
    return [v for v in names if v.ndim >= 2 and v.name.rsplit("/", 1)[1] not in ("draws_crc", "chain_state")]


def draws_crc(file):
    variables = by_draw(file["posterior"]) + by_draw(file["sample_stats"])
    chains, draws = variables[0].shape[:2]
    block = ceil(draws, ceil(draws, 100))
    done = file["sample_stats/draws_done"][...]
    rows = []
    for chain in range(chains):
        row = []
        for first in range(0, draws, block):
            for variable in variables:
                last = max(first, min(first + block, int(done[chain])))
                values = variable[chain, first:last].astype("<f8").reshape(last - first, -1)
                for at, size in pieces(variable.shape[2:]):
                    crc = zlib.crc32(np.ascontiguousarray(values[:, at:at + size]).tobytes())
                    row.append(((last - first) << 32) + crc if last > first else -1)
        rows.append(row)
    return rows


def digest(fields):
    whole = hashlib.sha256()
    for field in fields:
        field = field.encode() if isinstance(field, str) else field
        whole.update(struct.pack("<Q", len(field)) + field)
    return whole.hexdigest()


def labels(scale):
    return [text(x) for x in scale[...]]


def layout_fields(file):
    for group in ("posterior", "sample_stats"):
        yield "group"
        for variable in by_draw(file[group]):
            name = variable.name.rsplit("/", 1)[1]
            yield from ("variable", text(variable.attrs.get("tarn_name", name)),
                        text(variable.attrs.get("tarn_transform", "")))
            for axis in range(2, variable.ndim):
                scale = file[variable.attrs["DIMENSION_LIST"][axis][0]]
                own = text(scale.attrs.get("tarn_name", scale.name.rsplit("/", 1)[1]))
                yield from ("axis", own, *labels(scale))


def rows_fields(file):
    observed = file["observed_data"]
    yield observed["row"][...].astype("<i8").tobytes()
    response = [observed[name] for name in observed if name != "row"][0]
    yield from (response.name.rsplit("/", 1)[1], response[...].astype("<f8").tobytes())
    constant = file["constant_data"]
    for name in constant:
        column = constant[name]
        if "CLASS" in column.attrs or "tarn_counts" in column.attrs:
            continue
        levels = text(column.attrs.get("tarn_levels", ""))
        yield from (name, "text" if levels else "numbers")
        if levels:
            yield from (column[...].astype("<i4").tobytes(), *labels(constant[levels]))
        else:
            yield column[...].astype("<f8").tobytes()


def check_digests(path):
    with h5py.File(path) as file:
        assert file["sample_stats/draws_crc"][...].tolist() == draws_crc(file), path
        assert text(file.attrs["tarn_layout_sha256"]) == digest(layout_fields(file)), path
        assert text(file.attrs["tarn_rows_sha256"]) == digest(rows_fields(file)), path


def check_refused(tarn, good, change, words):
    """A change that h5py makes, unknown to the digests, is refused in these words."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fit.h5")
        shutil.copy(good, path)
        with h5py.File(path, "r+") as file:
            change(file)
        code, _, err = run(tarn, folder, ["check", "fit.h5"])
        assert (code, err.decode()) == (3, f"tarn: 'fit.h5' is damaged: {words}\n"), (code, err, words)


def check_recovered(tarn, good):
    """Draws are kept where the data beside them are damaged, and that is said."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fit.h5")
        shutil.copy(good, path)
        with h5py.File(path, "r+") as file:
            file["constant_data/x"][3] = 0.5
        code, _, err = run(tarn, folder, ["recover", "fit.h5", "-o", "out.h5"])
        assert (code, err.decode()) == (0, (
            "tarn: warning: 'fit.h5' is damaged: its data are not those that were stored (their SHA-256 differs); the "
            "draws are whole, and kept\nout.h5 holds 250 draws of each chain; to go on: tarn resume out.h5\n")), err
        code, _, err = run(tarn, folder, ["check", "out.h5"])
        assert code == 3 and b"its data are not those that were stored" in err, err


def set_to(name, place, value):
    def change(file):
        file[name][place] = value
    return change


def main():
    tarn = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        good, other = make_fits(tarn, folder)
        check_digests(good)

        stopped = ["fit", "d.csv", "y ~ x + (1 | g)", "-o", "stopped.h5", "--draws", "100000", "--thin",
                   "2000", "--max-time", "1s", "--seed", "1", "--quiet"]
        code, _, err = run(tarn, folder, stopped)
        assert code == 75, err
        check_digests(os.path.join(folder, "stopped.h5"))

        with_loglik = os.path.join(folder, "loglik.h5")
        shutil.copy(good, with_loglik)
        assert run(tarn, folder, ["loglik", "loglik.h5"])[0] == 0
        check_digests(with_loglik)

        old = os.path.join(folder, "old.h5")
        without_digests(good, old)
        for command in COMMANDS:
            if command != "loglik":  # which is another file
                assert answer(tarn, command, old, other)[:2] == answer(tarn, command, good, other)[:2]

        check_refused(tarn, good, set_to("posterior/sigma", (1, 100), 0.5),
                      "draws 85 to 168 of 'sigma' in chain 2 are not those that were stored")
        check_refused(tarn, good, set_to("sample_stats/draws_done", 0, 251),
                      "sample_stats/draws_done says 251 draws in chain 1, and there are digests of 250")
        check_refused(tarn, good, set_to("sample_stats/draws_done", 0, -1),
                      "sample_stats/draws_done is negative")
        check_refused(tarn, good, set_to("posterior/coefficient", 1, "z"),
                      "its variables and labels are not those that were stored (their SHA-256 differs)")
        check_refused(tarn, good, set_to("constant_data/x", 3, 0.5),
                      "its data are not those that were stored (their SHA-256 differs)")
        check_refused(tarn, good, set_to("tarn_config", (), "{}"),
                      "its configuration is not the one that was stored (its SHA-256 differs)")

        check_recovered(tarn, good)

        def drop(file):
            del file["sample_stats/draws_crc"]
        check_refused(tarn, good, drop, "the digests of its draws (sample_stats/draws_crc) are missing")
    print("digests: as documented, and compared")


if __name__ == "__main__":
    main()
