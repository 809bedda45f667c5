"""What the measuring scripts share: running tarn, the machine, and tables that are Markdown."""

import contextlib
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
BIN = ROOT / "build" / "release" / "bin"
SCRATCH = ROOT / "build" / "bench"
SHARED = ROOT.parent / "shared" / "bench"


class Refused(Exception):
    """tarn's own sentence."""


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def cpu_seconds_of():
    """CPU seconds of the processes that are run meanwhile."""
    clock = types.SimpleNamespace()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield clock
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    clock.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(command):
    """Runs; its exit status, what it said, and wall seconds."""
    begun = time.monotonic()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        out, err = child.communicate()
    return child.returncode, out, err, time.monotonic() - begun


def fit_once(tarn, file, words):
    """`tarn fit` in a process of its own: its own seconds by part, wall and CPU seconds of the whole."""
    file.unlink(missing_ok=True)  # replacing an old file would cost its removal
    with cpu_seconds_of() as cpu:
        status, out, err, wall = run([tarn, "fit", *words, "--quiet", "--json", "-o", file])
    if status != 0:
        raise Refused(" ".join(err.split()))
    return json.loads(out)["seconds"], wall, cpu.seconds


class Fit:
    """`tarn fit` some times over; medians."""

    def __init__(self, file, words, times=5):
        file.parent.mkdir(parents=True, exist_ok=True)
        runs = [fit_once(BIN / "tarn", file, [*words, "--seed", "1"]) for _ in range(times)]
        self.file = file
        self.whole_wall = statistics.median(wall for _, wall, _ in runs)
        self.whole_cpu = statistics.median(cpu for _, _, cpu in runs)
        self.cpu = {part: statistics.median(seconds[part]["cpu"] for seconds, _, _ in runs)
                    for part in runs[0][0]}

    def sampler_seconds(self, cores):
        """The sampler's own clock, as the peers': set-up, and warm-up and draws on idle cores."""
        return self.cpu["set_up"] + self.cpu["draw"] / cores


def number(x, digits=3):
    """Three digits, and no exponents below ten million."""
    if x is None:
        return ""
    return f"{x:,.0f}" if abs(x) >= 100 else f"{x:.{digits}g}"


def verdict(ok):
    return "pass" if ok else "**falls short**"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |",
             "|" + "|".join("---" if k == 0 else "--:" for k in range(len(head))) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def machine():
    """Processor, cores, memory, compiler and load: what a figure needs to be read."""
    text = Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", text).group(1)
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1e6
    family = re.search(r"cpu family\s*: (\d+)", text).group(1)
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True, check=True)
    return (f"{name} (family {family}), {os.cpu_count()} cores, {memory:.0f} GB; "
            f"{compiler.stdout.splitlines()[0]}, -O3; load average {os.getloadavg()[0]:.1f}; "
            f"{time.strftime('%Y-%m-%d')}")


def publish(section, text, into_page):
    """Prints; and replaces that section of docs/performance.md."""
    print(text)
    if not into_page:
        return
    page = PAGE.read_text()
    begin, end = f"<!-- measured: {section} -->\n", "<!-- end -->\n"
    head, rest = page.split(begin, 1)
    PAGE.write_text(head + begin + text + end + rest.split(end, 1)[1])
    say(f"written to {PAGE.relative_to(ROOT)}")
