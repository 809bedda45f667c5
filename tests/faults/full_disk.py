"""Writes that fail at any moment: exit code 7 and one sentence, and what was committed goes on to the same bits.

usage: full_disk.py TARN LIBFAILING_CALLS [--points N] [--seed N]
"""

import argparse
import errno
import os
import random
import re
import subprocess
import sys
import tempfile

from kills import Folder, KERNELS, Kernel, begins_with, draws_in

MAKE_ROOM = {errno.ENOSPC: "make room", errno.EDQUOT: "make room", errno.EIO: "see to the disk",
             errno.EFBIG: r"raise the limit of file sizes \(ulimit -f\)"}
SHORT = 1500  # draws: as many calls in the making of the file as after it


def sentences(out, error):
    """What a run may say whose calls fail with `error`; the second: whether it leaves OUT.partial."""
    why, first = re.escape(os.strerror(error)), MAKE_ROOM[error]
    again = f": {first}, then the same command again"
    go_on = f"{first}, then tarn resume {out}.partial"
    return [(f"cannot write in folder '.': {why}; choose another place with -o", False),
            (rf"cannot reserve [\d.]+ .B for the draws in '{out}.partial': {why}; free some space, choose "
             r"another place with -o, or keep fewer draws \(--draws, --thin\)", False),
            (f"cannot name the file of draws '{out}.partial': {why}; choose another name with -o", False),
            (f"cannot bring '.{out}.new' to the disk: {why}", False),
            (f"cannot bring the names in folder '.' to the disk: {why}", None),
            (f"cannot bring '{out}.partial' to the disk: {why}; {go_on}", True),
            (f"cannot write draws to '{out}.partial': {why}; nothing was stored yet, and no file is "
             f"made{again}", False),
            (f"cannot write draws to '{out}.partial': {why}; what was stored before is safe there: {go_on}",
             True),
            (f"cannot rename '{out}.partial' to '{out}': {why}; all draws are safe in the former: {go_on}",
             True)]


class Disk(Folder):
    def __init__(self, tarn, folder, library):
        super().__init__(tarn, folder)
        self.library = library

    def failing(self, words, **settings):
        """Runs tarn with calls that fail (see failing_calls.cpp); exit code and last line."""
        variables = {f"FAILING_CALLS_{name.upper()}": str(value) for name, value in settings.items()}
        ran = subprocess.run(
            [self.tarn, *words], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            timeout=120, env={**self.environment, **variables, "LD_PRELOAD": self.library,
                              "FAILING_CALLS_FOLDER": self.folder,
                              "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"})
        return ran.returncode, ran.stderr.decode().removesuffix("\n")

    def names(self):
        return sorted(os.listdir(self.folder))

    def calls(self, words):
        """How many calls an unbroken run makes, and how many before its file is seen."""
        log = self.path("log")
        code, err = self.failing(words, log=log)
        assert code == 0, err
        with open(log, encoding="ascii") as file:
            lines = file.read().splitlines()
        os.remove(log)
        seen = next(i for i, line in enumerate(lines) if line.startswith("rename"))
        return len(lines), seen + 1


def check(disk, kernel, words, out, point):
    """A run that fails at `point`, and what goes on with it. Returns whether it failed."""
    before = disk.names()
    code, err = disk.failing([*words, "-o", out], **point)
    if code == 0:  # by then it had ended
        assert draws_in(disk.path(out)) == kernel.draws
        os.remove(disk.path(out))
        return False
    where = f"{' '.join(words)} at {point}: "
    assert code == 7, f"{where}exit code {code}: {err}"
    partial = out + ".partial"
    known = [left for pattern, left in sentences(out, point["error"])
             if re.fullmatch("tarn: " + pattern, err)]
    assert known, f"{where}'{err}' is not what is said"
    left = sorted(set(disk.names()) - set(before))
    assert left in ([], [partial], [out]), f"{where}{left} is left behind"
    assert known[0] is None or known[0] == (left == [partial]), f"{where}{left} after '{err}'"
    if left == [partial]:
        assert begins_with(kernel.draws, draws_in(disk.path(partial))), f"{where}a draw differs"
        if min(len(chain["lp"]) for chain in draws_in(disk.path(partial))) > 3 * 8:
            disk.run("summary", partial)
        disk.run("resume", partial, "--quiet")
    elif not left:
        disk.run(*words, "-o", out)
    assert draws_in(disk.path(out)) == kernel.draws, f"{where}other bits than an unbroken run"
    assert disk.names() == sorted([*before, out]), f"{where}{disk.names()} is left behind"
    os.remove(disk.path(out))
    return True


def interposed(disk, asked):
    draw = random.Random(asked.seed)
    kernels = [Kernel(disk, number, draws=SHORT) for number in range(len(KERNELS))]
    failed = 0
    for number in range(asked.points):
        kernel = kernels[number % len(kernels)]
        words = kernel.fit + (["--durable"] if draw.random() < 0.3 else [])
        everything, making = disk.calls([*words, "-o", "counted.h5"])
        os.remove(disk.path("counted.h5"))
        part = draw.choice(["making", "going on", "going on", "finishing"])
        at = (draw.randint(1, making) if part == "making" else
              draw.randint(making, everything) if part == "going on" else
              draw.randint(everything - 5, everything + 1))
        failed += check(disk, kernel, words, f"out{number}.h5",
                        {"at": at, "times": draw.choice([0, 0, 0, 1]),
                         "error": draw.choice(list(MAKE_ROOM))})
    assert failed > asked.points / 2, f"only {failed} of {asked.points} runs met their failure"
    print(f"{failed} of {asked.points} runs failed in writing: exit code 7 and its sentence each, no "
          "committed draw lost, all went on to the same bits")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarn")
    parser.add_argument("library")
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        interposed(Disk(os.path.abspath(asked.tarn), os.path.realpath(scratch),
                        os.path.abspath(asked.library)), asked)


if __name__ == "__main__":
    sys.exit(main())
