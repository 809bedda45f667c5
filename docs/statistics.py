"""The table of statistics in chain-file.md, from the files that every sampler writes.

usage: statistics.py TARN [--write]

Without --write: whether the page has it so."""

import os
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
except ImportError:
    print("skipped: there is no h5py for this Python")
    sys.exit(SKIPPED)

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chain-file.md")
BEGIN = "<!-- docs/statistics.py writes from here -->\n"
END = "<!-- to here -->\n"

# Few marginal parameters, some, and more than a mixture is fitted for; with and without a gradient; what is
# moved whole; another family. Samplers may report other things of each.
FITS = [
    ["y ~ x"],
    ["y ~ x + (1 + x | g)"],
    ["y ~ x + (1 + x + w + v + I(x^2) | g)"],
    ["y ~ x + (1 + x + w + v | g) + (1 + x + w + v | h)"],
    ["y ~ x + (1 | g)", "--model", "group_variance"],
    ["n ~ x + (1 + x | g)", "--family", "poisson"],
]
TYPES = {"float64": "F64", "int32": "I32", "int64": "I64"}


def rows():
    lines = ["y,x,w,v,g,h,n"]
    for i in range(120):
        x, w, v, noise = (((i * k) % 211) / 100 - 1 for k in (37, 53, 71, 97))
        lines.append(f"{1 + x / 2 + i % 6 / 4 + noise:.4f},{x:.3f},{w:.3f},{v:.3f},g{i % 6},h{i // 6 % 5},{i % 7}")
    return "\n".join(lines) + "\n"


def samplers(tarn):
    listed = subprocess.run([tarn, "plugin", "list"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^sampler +(\w+)", listed, re.MULTILINE)


def reported(path):
    """Name, type and meaning of the statistics by draw."""
    with h5py.File(path, "r") as file:
        for name, data in file["sample_stats"].items():
            if data.ndim != 2 or name in ("draws_crc", "chain_state"):
                continue
            kind = data.attrs.get("dtype", b"")
            is_bool = (kind.decode() if isinstance(kind, bytes) else kind) == "bool"
            meaning = data.attrs["long_name"]
            yield (name, "bool" if is_bool else TYPES[data.dtype.name],
                   meaning.decode() if isinstance(meaning, bytes) else meaning)


def statistics(tarn):
    """By (name, type), by meaning: the samplers that report it, with how many of their fits do."""
    found, fits = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "d.csv"), "w", encoding="utf-8") as file:
            file.write(rows())
        for sampler in samplers(tarn):
            for fit in FITS:
                ran = subprocess.run([tarn, "fit", "d.csv", *fit, "--sampler", sampler, "--chains", "1", "--draws", "4",
                                      "--warmup", "200", "--seed", "1", "--quiet", "-o", "f.h5", "--force"],
                                     cwd=folder, capture_output=True, text=True, check=False)
                if ran.returncode == 4 or ran.returncode == 2:
                    continue  # it does not fit this model
                assert ran.returncode == 0, ran.stderr
                fits[sampler] = fits.get(sampler, 0) + 1
                for name, kind, meaning in reported(os.path.join(folder, "f.h5")):
                    who = found.setdefault((name, kind), {}).setdefault(meaning, {})
                    who[sampler] = who.get(sampler, 0) + 1
    return found, fits


def table(tarn):
    found, fits = statistics(tarn)
    lines = ["| name | type | who has it, and what it is |", "|---|---|---|"]
    for (name, kind), meanings in found.items():
        parts = []
        for meaning, who in meanings.items():
            names = [f"`{one}`" + ("" if count == fits[one] else " (in some fits)") for one, count in who.items()]
            parts.append(f"{', '.join(names)}: {meaning}")
        lines.append(f"| `{name}` | `{kind}` | {'; '.join(parts)} |")
    return "\n".join(lines) + "\n"


def main():
    made = table(os.path.abspath(sys.argv[1]))
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    before, rest = page.split(BEGIN)
    there, after = rest.split(END)
    if sys.argv[2:] == ["--write"]:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(f"{before}{BEGIN}\n{made}\n{END}{after}")
        return 0
    if there.strip() == made.strip():
        return 0
    print(f"docs/chain-file.md does not say what the samplers write; docs/statistics.py TARN --write "
          f"makes it say this:\n\n{made}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
