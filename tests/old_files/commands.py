"""Every command that reads a chain file, and what it answers, as numbers and text."""

import json
import os
import shutil
import subprocess
import tempfile

import h5py

REFERENCE = "pooled_gibbs.h5"  # what the others are compared with
COMMANDS = {
    "summary": ["summary", "FILE", "--all", "--json"],
    "check": ["check", "FILE", "--json"],
    "sensitivity": ["sensitivity", "FILE", "--json"],
    "compare": ["compare", "FILE", REFERENCE, "--json"],
    "predict": ["predict", "FILE", "--json"],
    "expectation": ["predict", "FILE", "--expectation", "-o", "out.csv"],
    "predict_new": ["predict", "FILE", "new.csv", "--new-groups", "sample", "--json"],
    "predict_h5": ["predict", "FILE", "-o", "out.h5"],
    "loglik": ["loglik", "FILE"],
    "report": ["report", "FILE", "-o", "out.html"],
}


def run(tarn, folder, words):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TARN_")}
    return subprocess.run([tarn, *words], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=120, env={**clean, "HOME": folder, "NO_COLOR": "1"})


def means(path, group):
    """The mean of the draws of each row."""
    with h5py.File(path, "r") as file:
        values = [file[group][name] for name in file[group] if file[group][name].ndim == 3]
        return values[0][...].mean(axis=(0, 1)).tolist()


def answer(tarn, folder, file, command):
    """Exit code and answer of a command on a copy of `file`."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in {file, REFERENCE, "new.csv"}:
            shutil.copy(os.path.join(folder, name), scratch)
        words = [file if word == "FILE" else word for word in COMMANDS[command]]
        ran = run(tarn, scratch, words)
        said = ran.stdout.decode()
        if ran.returncode not in (0, 6):
            return {"exit": ran.returncode, "said": ran.stderr.decode()}
        if command == "expectation":
            with open(os.path.join(scratch, "out.csv"), encoding="utf-8") as made:
                said = made.read()
        elif command == "predict_h5":
            said = means(os.path.join(scratch, "out.h5"), "posterior_predictive")
        elif command == "loglik":
            said = means(os.path.join(scratch, file), "log_likelihood")
        elif command == "report":
            with open(os.path.join(scratch, "out.html"), encoding="utf-8") as made:
                said = {"made": made.read().rstrip().endswith("</html>")}
        elif "--json" in words:
            said = json.loads(said)
        return {"exit": ran.returncode, "said": said}
