"""What the launcher's tests share: a scratch folder, data, and a way to run tarn in it."""

import os
import random
import subprocess
import sys
import tempfile
import unittest

TARN = os.path.abspath(sys.argv[1])
PLUGINS = os.path.abspath(sys.argv[2])  # plugins made for these tests


def schools(rows=60, groups=6, seed=1):
    """y = 1 + 0.5 x + group effect + noise, as CSV."""
    draw = random.Random(seed)
    effects = [draw.gauss(0, 1) for _ in range(groups)]
    lines = ["y,x,g"]
    for i in range(rows):
        x = draw.gauss(0, 1)
        g = i % groups
        lines.append(f"{1 + 0.5 * x + effects[g] + draw.gauss(0, 0.5):.6f},{x:.6f},g{g}")
    return "\n".join(lines) + "\n"


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.write("d.csv", schools())

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def files(self):
        return sorted(os.listdir(self.folder))

    def environment(self, **variables):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TARN_")}
        clean["HOME"] = self.folder
        return {**clean, **variables}

    def tarn(self, *words, stdin=b"", **variables):
        return subprocess.run([TARN, *words], cwd=self.folder, input=stdin, capture_output=True,
                              env=self.environment(**variables), timeout=120)

    def succeed(self, *words, **more):
        """Runs tarn, and returns its standard output and standard error."""
        ran = self.tarn(*words, **more)
        self.assertEqual(ran.returncode, 0, ran.stderr.decode())
        return ran.stdout.decode(), ran.stderr.decode()


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=1)
