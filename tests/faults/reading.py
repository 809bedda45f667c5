"""Every command that reads a chain file, on files that are not what they should be: what it answers
must be the unharmed file's, or a sentence with one of the exit codes of bad input."""

import concurrent.futures
import filecmp
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
    import numpy
except ImportError:
    print("skipped: there is no h5py for this Python")
    sys.exit(SKIPPED)

COMMANDS = {
    "summary": ["summary", "fit.h5", "--all", "--json"],
    "check": ["check", "fit.h5", "--json"],
    "compare": ["compare", "fit.h5", "other.h5", "--json"],
    "predict": ["predict", "fit.h5", "--json"],
    "predict-new": ["predict", "fit.h5", "new.csv", "--new-groups", "sample", "--json"],
    "sensitivity": ["sensitivity", "fit.h5", "--json"],
    "hypothesis": ["hypothesis", "fit.h5", "b[x] > 0.5", "--json"],
    "groups": ["groups", "fit.h5", "g", "--json"],
    "effects": ["effects", "fit.h5", "x", "--new-groups", "average", "--json"],
    "r2": ["r2", "fit.h5", "--json"],
    "report": ["report", "fit.h5", "-o", "report.html"],
    "loglik": ["loglik", "fit.h5"],
}
# What writes draws: those of the unharmed file to the bit, or none.
WRITERS = {
    "resume": ["resume", "fit.h5", "--quiet"],
    "extend": ["extend", "fit.h5", "--draws", "30", "--quiet"],
    "recover": ["recover", "fit.h5", "-o", "out.h5"],
}
REFUSED = {3, 4, 7}
ANSWERED = {0, 6}
SECONDS = 120  # no time is measured; what has not ended by then hangs
MEMORY = 4 << 30  # bytes of address space; not under a sanitizer, which reserves terabytes
SANITIZED = os.environ.get("TARN_FAULTS_SANITIZED", "") != ""


def data(rows=80, groups=8):
    """y ~ x + (1 | g), made without random numbers."""
    lines = ["y,x,z,g,h"]
    for i in range(rows):
        x, z, noise = (((i * k) % 101) / 50 - 1 for k in (37, 53, 71))
        lines.append(f"{1 + x / 2 + (i % groups) / 4 + noise / 2:.6f},{x:.6f},{z:.6f},"
                     f"g{i % groups},h{i % 3}")
    return "\n".join(lines) + "\n"


NEW = "x,z,g,h\n0.5,0,g1,h1\n-0.25,0.5,g20,h2\n"


def limit():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def environment(folder):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TARN_")}
    return {**clean, "HOME": folder, "NO_COLOR": "1"}


def run(tarn, folder, words):
    """Exit code, standard output, standard error; -1 for what hangs."""
    try:
        ran = subprocess.run([tarn, *words], cwd=folder, capture_output=True, timeout=SECONDS,
                             stdin=subprocess.DEVNULL, env=environment(folder), preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return -1, b"", b"hangs"
    return ran.returncode, ran.stdout, ran.stderr


def said(page):
    """A page without the parts that differ from run to run."""
    return re.sub(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", b"", page)


def stored(path):
    """Group log_likelihood of a chain file."""
    with h5py.File(path) as file:
        group = file["log_likelihood"]
        return b"".join(group[name][...].tobytes() for name in group if group[name].ndim == 3)


def content(path):
    """Digests of draws with statistics, and of data with configuration: of all but when a chain file was
    made, and how long it took."""
    draws, rest = hashlib.sha256(), hashlib.sha256()
    with h5py.File(path) as file:
        for group in ("posterior", "sample_stats", "observed_data", "constant_data"):
            whole = rest if group.endswith("_data") else draws
            for name in file[group]:
                data = file[group][name]
                # Follows from what has a digest, and is never read.
                derived = "tarn_counts" in data.attrs or data.name == "/constant_data/row"
                if not derived and name not in ("sampling_seconds", "chain_state", "chain_state_dim_0"):
                    values = data.asstr()[...] if h5py.check_string_dtype(data.dtype) else data[...]
                    whole.update(f"{group}/{name} {data.shape}".encode())
                    whole.update(str(list(values)).encode() if values.dtype == object else values.tobytes())
        rest.update(file["tarn_config"][()])
    return draws.digest() + rest.digest()


def answer(tarn, command, chain_file, other):
    """What a command says of a chain file: exit code, its numbers, standard error."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(chain_file, os.path.join(folder, "fit.h5"))
        shutil.copy(other, os.path.join(folder, "other.h5"))
        with open(os.path.join(folder, "new.csv"), "w", encoding="utf-8") as file:
            file.write(NEW)
        code, out, err = run(tarn, folder, {**COMMANDS, **WRITERS}[command])
        if code in ANSWERED and command == "report":
            with open(os.path.join(folder, "report.html"), "rb") as file:
                out = said(file.read())
        if code in ANSWERED and command == "loglik":
            out = stored(os.path.join(folder, "fit.h5"))
        if command in WRITERS:
            if code in ANSWERED:
                out = content(os.path.join(folder, "out.h5" if command == "recover" else "fit.h5"))
            elif not filecmp.cmp(chain_file, os.path.join(folder, "fit.h5"), shallow=False):
                return code, out, err + b"refused, and changed it", False
        left = set(os.listdir(folder)) - {"fit.h5", "other.h5", "new.csv", "report.html"}
        if command == "recover" and code in ANSWERED:
            left -= {"out.h5"}
        if left:
            return code, out, err + f"left behind: {sorted(left)}".encode(), False
        return code, out, err, True


class Judge:
    """Compares answers with those of the unharmed file."""

    def __init__(self, tarn, good, other, more=()):
        self.tarn, self.good, self.other = tarn, good, other
        self.right = {name: answer(tarn, name, good, other) for name in (*COMMANDS, *more)}
        for name, (code, _, err, clean) in self.right.items():
            assert code in ANSWERED and clean, (name, code, err)

    def fault(self, command, chain_file, may_differ=False):
        """What is wrong with the answer, or nothing. `may_differ`: what is read is another fit."""
        code, out, err, clean = answer(self.tarn, command, chain_file, self.other)
        text = err.decode(errors="replace")
        if not clean:
            return text
        if b"this is a bug" in err or b"Sanitizer" in err or b"runtime error" in err:
            return f"exit {code}: {text[-2000:]}"
        if code in REFUSED:
            lines = text.splitlines()
            spoken = lines and lines[-1].startswith("tarn: ") and len(text) < 2000
            return None if spoken else f"exit {code}: {text}"
        if code not in ANSWERED:
            return f"exit {code}: {text[-2000:]}"
        draws = slice(hashlib.sha256().digest_size) if command == "recover" else slice(None)
        if command in WRITERS and out[draws] != self.right[command][1][draws]:
            return f"exit {code}: other draws than from the unharmed file"
        # An answer that differs must come with words that the right one came without.
        warned = set(text.splitlines()) - set(self.right[command][2].decode().splitlines())
        if out != self.right[command][1] and not warned and not may_differ:
            return f"exit {code}: another answer than for the unharmed file, without a warning"
        return None


def make_fits(tarn, folder):
    """Two finished fits of the same rows."""
    with open(os.path.join(folder, "d.csv"), "w", encoding="utf-8") as file:
        file.write(data())
    for name, formula in (("good.h5", "y ~ x + (1 | g)"), ("other.h5", "y ~ x + z + (1 | g)")):
        code, _, err = run(tarn, folder, ["fit", "d.csv", formula, "-o", name, "--draws", "250",
                                          "--seed", "1", "--quiet"])
        assert code == 0, err
    return os.path.join(folder, "good.h5"), os.path.join(folder, "other.h5")


def make_unfinished(tarn, folder, fit):
    """The file of a run of `fit` that was stopped after 120 of 170 draws: it can be gone on with."""
    path = os.path.join(folder, "stopped.h5")
    code, _, err = run(tarn, folder, [*fit, "-o", "stopped.h5", "--draws", "120", "--seed", "1", "--quiet"])
    assert code == 0, err
    with h5py.File(path, "r+") as file:
        config = json.loads(file["tarn_config"][()])
        config["run"]["draws"] = 170
        text = json.dumps(config)
        file["tarn_config"][()] = text
        file.attrs.modify("tarn_config_sha256", hashlib.sha256(text.encode()).hexdigest().encode())
        file.attrs.modify("tarn_draws_requested", [170])
    return path


def judge_all(judge, cases):
    """Runs (label, command, file, may_differ) two at a time; the faults found."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda case: (case[0], case[1], judge.fault(*case[1:])), cases)
        return [f"{label}, tarn {command}: {fault}" for label, command, fault in found if fault]


def fixed(text):
    """As attributes of chain files are: of fixed length, with a NUL at the end."""
    return numpy.bytes_(text + "\0")


def without_digests(chain_file, copy=None):
    """The same as format 1.0 has it; the configuration's SHA-256 is that of what is there."""
    if copy:
        shutil.copy(chain_file, copy)
    try:
        with h5py.File(copy or chain_file, "r+") as file:
            for name in ("tarn_rows_sha256", "tarn_layout_sha256"):
                file.attrs.pop(name, None)
            if file.attrs.get("tarn_format_version") in ("1.1", b"1.1"):
                file.attrs["tarn_format_version"] = fixed("1.0")
            stats = file.get("sample_stats")
            for name in ("draws_crc", "draws_crc_dim_0"):
                if stats is not None and name in stats:
                    del stats[name]
            config = file["tarn_config"]
            if config.shape == () and isinstance(config[()], bytes):
                file.attrs["tarn_config_sha256"] = fixed(hashlib.sha256(config[()]).hexdigest())
    except (OSError, KeyError, RuntimeError, ValueError):
        pass  # too broken to be changed
