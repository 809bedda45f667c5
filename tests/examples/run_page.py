"""Runs the commands of a page of docs/examples and compares what they print with the page.

    run_page.py TARN PAGE.md

A block marked `sh` is run by bash in a scratch folder that holds docs/examples/data as `data`; all
blocks of a page share it. A block marked `text` after it is what the block before must have printed:
each of its lines must be there, in that order, blanks at the ends apart; a line `...` stands for any
others. Everything is seeded, so figures are the same on every machine.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile


def blocks(page):
    """(language, line number, text) of every fenced block."""
    with open(page, encoding="utf-8") as file:
        lines = file.read().split("\n")
    language, start = None, 0
    for number, line in enumerate(lines, 1):
        fence = re.fullmatch(r"```(\w*)", line)
        if not fence:
            continue
        if language is None:
            language, start = fence.group(1), number
        else:
            yield language, start, "\n".join(lines[start:number - 1])
            language = None


def missing_line(wanted, printed):
    """The first line of `wanted` that does not follow, or None."""
    rest = iter(line.rstrip() for line in printed.split("\n"))
    for line in (line.rstrip() for line in wanted.split("\n")):
        if line.strip() in ("", "..."):
            continue
        if not any(line == other for other in rest):
            return line
    return None


def main():
    tarn, page = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TARN_")}
    environment["PATH"] = os.path.dirname(tarn) + os.pathsep + environment["PATH"]
    failures = commands = 0
    with tempfile.TemporaryDirectory() as folder:
        environment["HOME"] = folder
        shutil.copytree(os.path.join(os.path.dirname(page), "data"), os.path.join(folder, "data"))
        printed = ""
        for language, line, text in blocks(page):
            if language == "sh":
                commands += 1
                ran = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder,
                                     env=environment, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, timeout=300)
                printed = ran.stdout.decode()
                if ran.returncode != 0:
                    print(f"{page}:{line}: ended with {ran.returncode}:\n{printed}")
                    return 1
            elif language == "text":
                lost = missing_line(text, printed)
                if lost is not None:
                    failures += 1
                    print(f"{page}:{line}: the line\n{lost}\nis not among what was printed:\n{printed}")
    if commands == 0:
        print(f"{page}: no command")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
