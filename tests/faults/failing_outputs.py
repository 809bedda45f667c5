"""Outputs that cannot be written: exit code 7, a sentence, and nothing half-written.

usage: failing_outputs.py TARN LIBFAILING_CALLS
"""

import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from full_disk import Disk
from kills import draws_in

TARN, LIBRARY = map(os.path.abspath, sys.argv[1:3])
FIT = ["fit", "d.csv", "y ~ x + (1 | g)", "--seed", "1", "--quiet"]
ENDLESS = [*FIT, "--draws", "100000", "--thin", "5000", "--warmup", "10", "-o", "out/fit.h5"]
FULL = os.strerror(errno.ENOSPC)


class Outputs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.disk = Disk(TARN, os.path.realpath(scratch.name), LIBRARY)

    def read(self, name):
        with open(self.disk.path(name), "rb") as file:
            return file.read()

    def every_call_fails(self, words, out, sentence):
        """A file that was there is as it was, wherever the disk is full."""
        with open(self.disk.path(out), "ab") as file:
            file.write(b"" if out == "fit.h5" else b"what was there before")
        before, names = self.read(out), self.disk.names()
        at = 0
        while True:
            at += 1
            code, err = self.disk.failing(words, at=at, error=errno.ENOSPC)
            if code == 0:
                break
            self.assertEqual(code, 7, (words, at, err))
            self.assertRegex(err.splitlines()[-1], f"^tarn: {sentence}$")
            self.assertEqual((self.read(out), self.disk.names()), (before, names), (words, at))
        self.assertGreater(at, 2)

    def test_predictions_and_the_log_likelihood(self):
        self.disk.run(*FIT, "--draws", "100", "-o", "fit.h5")
        wrong_place = f"cannot write in folder '.': {FULL}; choose another place with -o"
        self.every_call_fails(
            ["predict", "fit.h5", "-o", "p.h5", "--force"], "p.h5",
            f"({wrong_place}|cannot write the predictions to 'p.h5': {FULL}; free some space, or choose another "
            f"place with -o|cannot write 'p.h5': {FULL}; make room, then the same command again)")
        text = f"cannot write '{{}}': {FULL}; choose another place, or free some space"
        self.every_call_fails(["predict", "fit.h5", "-o", "p.csv", "--force"], "p.csv", text.format("p.csv"))
        self.every_call_fails(["report", "fit.h5", "-o", "r.html", "--force"], "r.html", text.format("r.html"))
        self.every_call_fails(
            ["loglik", "fit.h5"], "fit.h5",
            f"({wrong_place}|cannot copy 'fit.h5': {FULL}|cannot write the log likelihood into 'fit.h5': "
            f"{FULL}; the file is as it was; free some space|cannot write 'fit.h5': {FULL}; make room, then "
            "the same command again)")

    def test_texts_are_on_the_disk_before_they_have_their_name(self):
        self.disk.run(*FIT, "--draws", "100", "-o", "fit.h5")
        for words, name in ((["predict", "fit.h5", "-o", "p.csv"], "p.csv"),
                            (["report", "fit.h5", "-o", "r.html"], "r.html")):
            log = self.disk.path("log")
            code, err = self.disk.failing(words, log=log)
            self.assertEqual(code, 0, err)
            with open(log, encoding="ascii") as file:
                lines = file.read().splitlines()
            os.remove(log)
            inode = next(line.split("\t")[1] for line in lines
                         if line.startswith("create\t") and f".{name}." in line)
            what = [line.split(" ")[0] if line.split(" ")[1:2] == [inode] or line.startswith(f"sync {inode}")
                    else line.split("\t")[0] for line in lines]
            renamed = next(i for i, line in enumerate(lines) if line.startswith("rename") and line.endswith(name))
            written = max(i for i in range(renamed) if what[i] == "write")
            self.assertIn("sync", what[written:renamed], lines[written:renamed + 1])
            self.assertTrue([line for line in lines[renamed:] if line.startswith("sync")], "its name is not")

    def test_simulated_data(self):
        words = ["simulate", "d.csv", "y ~ x", "--seed", "1", "-o", "s.csv", "--force"]
        files = ["s.csv", "s.truth.json"]
        self.disk.run(*words)
        whole = {name: self.read(name) for name in files}
        at, code = 0, 7
        while code == 7:
            for name in files:
                with open(self.disk.path(name), "wb") as file:
                    file.write(b"what was there before")
            at += 1
            code, err = self.disk.failing(words, at=at, error=errno.ENOSPC)
            if code == 7:
                self.assertRegex(err, rf"tarn: cannot write 's\.(csv|truth\.json)': {FULL}; choose another place, "
                                      "or free some space$")
            for name in files:
                self.assertIn(self.read(name), (b"what was there before", whole[name]))
            self.assertEqual(self.disk.names(), ["d.csv", *files])
        self.assertEqual((code, at > 4), (0, True))

    def test_calibration_keeps_its_whole_lines(self):
        words = ["sbc", "--design", "g: 4 levels x 4", "y ~ 1 + (1 | g)", "--seed", "1", "--data-sets", "20",
                 "--draws", "200", "--quiet", "--threads", "1", "-o", "c.csv"]
        subprocess.run([TARN, *words], cwd=self.disk.folder, env=self.disk.environment, capture_output=True)
        whole = self.read("c.csv")
        for size in (len(whole) // 3, len(whole) // 2):
            os.remove(self.disk.path("c.csv"))
            ran = subprocess.run([TARN, *words], cwd=self.disk.folder, env=self.disk.environment,
                                 capture_output=True, preexec_fn=lambda size=size: resource.setrlimit(
                                     resource.RLIMIT_FSIZE, (size, size)))
            self.assertEqual(ran.returncode, 7, ran.stderr)
            part = self.read("c.csv")
            self.assertTrue(whole.startswith(part) and part.endswith(b"\n"))
            self.assertEqual(ran.stderr.decode(),
                             f"tarn: 'c.csv' cannot be written: File too large; it holds {part.count(10) - 1} "
                             "data sets: make room, then the same command again\n")
            subprocess.run([TARN, *words], cwd=self.disk.folder, env=self.disk.environment, capture_output=True)
            self.assertEqual(self.read("c.csv"), whole)

    def test_standard_output_that_is_full_or_closed(self):
        self.disk.run(*FIT, "--draws", "100", "-o", "fit.h5")
        commands = [["summary", "fit.h5"], ["summary", "fit.h5", "--json"], ["predict", "fit.h5"],
                    ["simulate", "d.csv", "y ~ x", "--seed", "1"], ["check", "fit.h5", "--json"],
                    [*FIT, "-o", "fit.h5", "--draws", "100", "--force"], ["--help"]]
        for words in commands:
            for where, why in (("> /dev/full", FULL), (">&-", os.strerror(errno.EBADF))):
                ran = subprocess.run(["sh", "-c", f'"$@" {where}', "sh", TARN, *words], cwd=self.disk.folder,
                                     env=self.disk.environment, capture_output=True)
                self.assertEqual(ran.returncode, 7, (words, where, ran.stderr))
                self.assertIn(f"tarn: standard output cannot be written: {why}", ran.stderr.decode())
        self.assertEqual(self.disk.names(), ["d.csv", "fit.h5"])

    def test_messages_never_go_into_a_file(self):
        self.disk.run(*FIT, "--draws", "100", "-o", "fit.h5")
        ran = subprocess.run(["sh", "-c", '"$@" <&- >&- 2>&-', "sh", TARN, *FIT[:-1], "--draws", "100", "-o", "b.h5"],
                             cwd=self.disk.folder, env=self.disk.environment)
        self.assertEqual(ran.returncode, 7)  # nobody can be told of the draws
        self.assertEqual(draws_in(self.disk.path("b.h5")), draws_in(self.disk.path("fit.h5")))

    def start(self, **more):
        os.mkdir(self.disk.path("out"))
        run = subprocess.Popen([TARN, *ENDLESS], cwd=self.disk.folder, env=self.disk.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        for _ in range(600):
            partial = self.disk.path("out/fit.h5.partial")
            if os.path.exists(partial) and min(len(c["lp"]) for c in draws_in(partial)) > 0:
                return run
            self.assertIsNone(run.poll())
            time.sleep(0.1)
        self.fail("no draws in a minute")

    def test_a_folder_that_is_removed_while_a_run_writes_in_it(self):
        run = self.start()
        for name in os.listdir(self.disk.path("out")):
            os.remove(self.disk.path(os.path.join("out", name)))
        os.rmdir(self.disk.path("out"))
        _, err = run.communicate(timeout=120)  # by itself, at its next checkpoint
        self.assertEqual((run.returncode, err.decode()),
                         (7, "tarn: 'out/fit.h5.partial' was removed or replaced while this run was writing it, and "
                             "its draws are lost; give runs that go on at once different names with -o\n"))
        self.assertEqual(self.disk.names(), ["d.csv"])

    def test_a_folder_that_is_moved_while_a_run_writes_in_it(self):
        run = self.start()
        os.rename(self.disk.path("out"), self.disk.path("elsewhere"))
        _, err = run.communicate(timeout=120)
        moved = self.disk.path("elsewhere/fit.h5.partial")
        self.assertEqual((run.returncode, err.decode()),
                         (7, f"tarn: 'out/fit.h5.partial' was moved while this run was writing it; its draws are safe "
                             f"in '{moved}', and tarn resume {moved} goes on\n"))
        ran = subprocess.run([TARN, "resume", moved, "--max-time", "1s", "--quiet"], cwd=self.disk.folder,
                             env=self.disk.environment, capture_output=True)
        self.assertEqual(ran.returncode, 75, ran.stderr)

    def test_a_folder_that_becomes_read_only_while_a_run_writes_in_it(self):
        os.chmod(self.disk.folder, 0o777)

        def as_somebody():
            if os.geteuid() == 0:  # whom no mode keeps out
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
        try:
            ran = subprocess.run([TARN, "--version"], preexec_fn=as_somebody, capture_output=True)
        except (PermissionError, OSError):
            self.skipTest("another user cannot run tarn here")
        if ran.returncode != 0:
            self.skipTest("another user cannot run tarn here")
        os.mkdir(self.disk.path("out"))
        os.chmod(self.disk.path("out"), 0o777)
        os.chmod(self.disk.path("d.csv"), 0o644)
        mkdir, os.mkdir = os.mkdir, lambda _: None
        try:
            run = self.start(preexec_fn=as_somebody)
        finally:
            os.mkdir = mkdir
        os.chmod(self.disk.path("out"), 0o555)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)
        why = os.strerror(errno.EACCES)
        self.assertEqual((run.returncode, err.decode()),
                         (7, f"tarn: cannot write 'out/fit.h5': {why}; all draws are safe in 'out/fit.h5.partial': "
                             "make the folder writable, then tarn resume out/fit.h5.partial\n"))
        os.chmod(self.disk.path("out"), 0o777)
        self.disk.run("recover", "out/fit.h5.partial")

    def test_a_disk_that_is_full(self):
        """Small file systems of their own; where none may be mounted this is skipped."""
        script = ('mount -t tmpfs -o size=3m tmpfs out && "$0" fit d.csv "y ~ x + (1 | g)" --seed 1 --quiet '
                  '--draws {draws} -o out/fit.h5 > /dev/null; echo $?; ls -A out')
        os.mkdir(self.disk.path("out"))
        unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if subprocess.run([*unshare, "sh", "-c", "mount -t tmpfs tmpfs out"], cwd=self.disk.folder,
                          capture_output=True).returncode != 0:
            self.skipTest("this process may not mount a file system")
        for draws, sentence in (
                (20000, r"the draws need [\d.]+ MB and 'out' has [\d.]+ MB left; free some space, choose another "
                        r"place with -o, or keep fewer draws \(--draws, --thin\)"),):
            ran = subprocess.run([*unshare, "sh", "-c", script.format(draws=draws), TARN], cwd=self.disk.folder,
                                 env=self.disk.environment, capture_output=True)
            self.assertEqual(ran.stdout.decode(), "7\n", ran.stderr)
            self.assertRegex(ran.stderr.decode(), f"^tarn: {sentence}\n$")
        fill = script.replace("&& ", "&& head -c 1500000 /dev/zero > out/ballast && ", 1)
        ran = subprocess.run([*unshare, "sh", "-c", fill.format(draws=1000), TARN], cwd=self.disk.folder,
                             env=self.disk.environment, capture_output=True)
        self.assertIn(ran.stdout.decode().split(), (["7", "ballast"], ["0", "ballast", "fit.h5"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
