"""Chain files made by hand to do harm, through every command that reads them.

usage: hostile.py TARN HOSTILE_FILES.PY"""

import os
import subprocess
import sys
import tempfile

from reading import COMMANDS, SANITIZED, SKIPPED, Judge, judge_all, make_fits, without_digests


def main():
    tarn, generator = os.path.abspath(sys.argv[1]), sys.argv[2]
    if not os.path.exists(generator):
        print(f"skipped: there is no {generator}")
        return SKIPPED
    faults, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        good, other = make_fits(tarn, folder)
        old = os.path.join(folder, "old.h5")
        without_digests(good, old)
        # An attacker may remove the digests of a file, too: format 1.0 has none of draws.
        variants = [("old ", old)] if SANITIZED else [("", good), ("old ", old)]  # it takes long
        for name, fit in variants:
            made = os.path.join(folder, name.strip() or "new")
            ran = subprocess.run([sys.executable, generator, fit, made], capture_output=True, text=True,
                                 check=True)
            if name:
                for file in os.listdir(made):
                    without_digests(os.path.join(made, file))
            judge = Judge(tarn, fit, other)
            files = sorted(os.listdir(made))
            count += len(files)
            # Without digests nobody can tell numbers that were exchanged for others of their kind.
            faults += judge_all(judge, [(f"{name}{file}", command, os.path.join(made, file), bool(name))
                                        for file in files for command in COMMANDS])
    for fault in faults:
        print(fault)
    print(f"{count} files through {len(COMMANDS)} commands: {len(faults)} faults")
    return 1 if faults or count < 75 * len(variants) else 0


if __name__ == "__main__":
    sys.exit(main())
