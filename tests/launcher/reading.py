"""How data are read: the options in every command that reads, what is stored, notes, and what must never reach a
terminal or a spreadsheet raw."""

import json
import os
import pty
import subprocess

import h5py

from support import Case, TARN, main, schools

USAGE, INPUT = 2, 3


def german(text):
    """The same numbers with decimal commas, semicolons between them, a title, and codes of its own."""
    lines = text.splitlines()
    lines[3] = lines[3].split(",")[0] + ",k.A.," + lines[3].split(",")[2]
    rows = [";".join(cell.replace(".", ",") if cell != "k.A." else cell for cell in line.split(","))
            for line in lines]
    return ("# Ausfuhr\n" + "\n".join(rows) + "\n").replace("g1", "München").encode("latin-1")


OPTIONS = ["--decimal", ",", "--missing", "k.A.", "--comment", "#", "--encoding", "latin1"]


class Options(Case):
    def setUp(self):
        super().setUp()
        self.write("e.csv", german(schools()))

    def test_every_command_that_reads_takes_them(self):
        out, _ = self.succeed("formula", "e.csv", "y ~ x + (1 | g)", *OPTIONS)
        self.assertIn("59 of 60 rows used; dropped: x: 1 missing", out)
        self.assertIn("München", out)
        self.succeed("priors", "e.csv", "y ~ x + (1 | g)", *OPTIONS)
        out, _ = self.succeed("simulate", "e.csv", "y ~ x + (1 | g)", *OPTIONS, "--seed", "1")
        self.assertEqual(len(out.splitlines()), 60)
        self.succeed("sbc", "e.csv", "y ~ x", *OPTIONS, "--data-sets", "20", "--seed", "1", "--draws", "200",
                     "--warmup", "200")
        self.succeed("fit", "e.csv", "y ~ x + (1 | g)", *OPTIONS, "-o", "e.h5", "--seed", "1")
        with h5py.File(self.path("e.h5")) as file:
            reading = json.loads(file["tarn_config"][()])["data"]["reading"]
        self.assertEqual(reading, {"missing": ["k.A."], "standard_missing": True, "decimal": ",", "skip": 0,
                                   "comment": "#", "encoding": "latin1"})
        self.write("new.csv", "x;g\n0,5;g0\n1,5;München\n")
        out, _ = self.succeed("predict", "e.h5", "new.csv", "--decimal", ",", "--json")
        self.assertEqual(len(json.loads(out)["rows"]), 2)
        ran = self.tarn("predict", "e.h5", "new.csv")
        self.assertEqual(ran.returncode, INPUT)
        self.assertIn("column 'x' holds numbers with decimal commas: line 2 of new.csv says '0,5'; the fit had numbers "
                      "here; read them with --decimal ,", ran.stderr.decode())

    def test_a_title_is_skipped_by_its_number_of_lines(self):
        self.write("f.csv", "Made by hand\n\n" + schools())
        out, _ = self.succeed("formula", "f.csv", "y ~ x", "--skip", "2")
        self.assertIn("60 rows used", out)

    def test_new_data_have_the_missing_codes_of_the_fit(self):
        self.write("m.csv", schools().replace("\n", "\n-999,1,g0\n", 1))
        self.succeed("fit", "m.csv", "y ~ x", "--missing", "-999", "-o", "m.h5", "--seed", "1")
        self.write("new.csv", "x\n1\n-999\n2\n")
        _, said = self.succeed("predict", "m.h5", "new.csv", "--json")
        out, _ = self.succeed("predict", "m.h5", "new.csv", "--json", "--missing", "=")
        self.assertEqual(len(json.loads(out)["rows"]), 3)

    def test_they_may_stand_in_a_file_or_in_the_environment(self):
        self.write("c.ini", "decimal = ,  # as in Germany\nmissing = k.A.,#N/V\ncomment = #\nencoding = latin1\n")
        out, _ = self.succeed("formula", "e.csv", "y ~ x", "--config", "c.ini")
        self.assertIn("59 of 60 rows used", out)
        out, _ = self.succeed("formula", "e.csv", "y ~ x", TARN_DECIMAL=",", TARN_MISSING="k.A.", TARN_COMMENT="#",
                              TARN_ENCODING="latin1")
        self.assertIn("59 of 60 rows used", out)
        self.write("d.csv", schools().replace("\n", "\n#N/V,1,g0\n", 1))
        out, _ = self.succeed("formula", "d.csv", "y ~ x", "--config", "c.ini", "--decimal", ".", "--encoding", "utf-8",
                              "--comment", "%")
        self.assertIn("60 of 61 rows used", out)

    def test_the_help_names_them(self):
        for command in ("fit", "formula", "priors", "simulate", "sbc", "predict"):
            out, _ = self.succeed(command, "--help")
            for option in ("--missing CODE,...", "--decimal .|,", "--skip N", "--comment '#'", "--encoding NAME"):
                self.assertIn(option, out)

    def test_values_that_cannot_be(self):
        for words, sentence in (
                (["--decimal", ";"], "--decimal ;: takes one of . and ,"),
                (["--missing", ""], "--missing : takes codes, such as n/a,-999; = alone: empty cells only"),
                (["--missing", "a,,b"], "--missing a,,b: there is nothing between two commas"),
                (["--skip", "-1"], "--skip -1: takes a whole number from 0 to 1000000000"),
                (["--comment", "//"], "--comment //: takes one character that begins no cell, such as #"),
                (["--comment", "-"], "--comment -: takes one character that begins no cell, such as #"),
                (["--encoding", "latin-1"],
                 "--encoding latin-1: did you mean 'latin1'? takes one of utf-8, latin1 and windows-1252")):
            ran = self.tarn("formula", "d.csv", "y ~ x", *words)
            self.assertEqual(ran.returncode, USAGE)
            self.assertEqual(ran.stderr.decode().strip(), "tarn: " + sentence)


class Notes(Case):
    NOTE = ("x is -999 in 1 row, far outside the others (-1 to 2.5); if that stands for a missing value, say "
            "--missing=-999")

    def setUp(self):
        super().setUp()
        rows = "".join(f"{(i * 7) % 5},{(i * 3) % 8 / 2 - 1},{'aAb'[i % 3]}\n" for i in range(40))
        self.write("n.csv", "y,x,g\n" + rows + "1,-999,n/a\n")

    def test_fit_and_formula_tell_them(self):
        _, said = self.succeed("fit", "n.csv", "y ~ x + (1 | g)", "--seed", "1", "--missing", "=n/a")
        self.assertIn("note: g: 'n/a' in 1 cell is taken as missing\n", said)
        self.assertIn("note: levels of g differ only in case, blanks or Unicode form: 'A' and 'a'; write them alike in "
                      "the data if they are the same\n", said)
        _, said = self.succeed("fit", "n.csv", "y ~ x", "--seed", "1", "--force")
        self.assertIn("note: " + self.NOTE + "\n", said)
        _, said = self.succeed("fit", "n.csv", "y ~ x", "--seed", "1", "--force", "--quiet")
        self.assertNotIn("note", said)
        out, _ = self.succeed("formula", "n.csv", "y ~ x")
        self.assertIn("note          " + self.NOTE[:40], out)

    def test_json_has_them(self):
        out, _ = self.succeed("formula", "n.csv", "y ~ x", "--json")
        self.assertEqual(json.loads(out)["notes"], [self.NOTE])
        out, _ = self.succeed("formula", "d.csv", "y ~ x", "--json")
        self.assertEqual(json.loads(out)["notes"], [])


class ControlCharacters(Case):
    """A cell or name of a data file in all that is printed."""

    EVIL = "\x1b]0;owned\x07\x1b[31m\rX\u009b2J\u202e"

    def setUp(self):
        super().setUp()
        draw = schools()
        self.write("evil.csv", draw.replace(",x,", f',"x{self.EVIL}\n",').replace("g1", f'"{self.EVIL}\ng1"')
                   .replace("g2", "=cmd()").replace("g3", "@sum").replace("g4", "-5"))
        self.formula = f"y ~ `x{self.EVIL}\n` + (1 | g)"

    def assert_clean(self, ran):
        for stream in (ran.stdout, ran.stderr):
            for raw in (b"\x1b", b"\x07", b"\r", "\u009b".encode(), "\u202e".encode()):
                self.assertNotIn(raw, stream)

    def test_none_is_printed_raw(self):
        for words in (["formula", "evil.csv", self.formula], ["formula", "evil.csv", self.formula, "--json"],
                      ["formula", "evil.csv", "y ~ nosuch"], ["formula", "evil.csv", "g ~ 1"],
                      ["priors", "evil.csv", self.formula],
                      ["fit", "evil.csv", self.formula, "-o", "evil.h5", "--seed", "1"],
                      ["summary", "evil.h5"], ["summary", "evil.h5", "r_g"], ["check", "evil.h5"],
                      ["predict", "evil.h5"], ["fit", "evil.csv", "y ~ \x1b[2J"], ["fit", "\x1b[2J", "y ~ x"],
                      ["\x1b[2J"], ["fit", "--\x1b[2J"]):
            self.assert_clean(self.tarn(*words))
        out, _ = self.succeed("summary", "evil.h5", "r_g")
        self.assertIn(r"r_g[\u001b]0;own", out)
        out, _ = self.succeed("formula", "evil.csv", "y ~ (1 | g)")
        self.assertIn(r"\u001b]0;owned\u0007\u001b[31m\u000dX\u009b2J\u202e\u000ag1", out)
        out, _ = self.succeed("formula", "evil.csv", self.formula, "--json")
        self.assertIn(self.EVIL + "\ng1", json.loads(out)["factors"][0]["levels"])

    def test_a_line_end_in_a_cell_begins_no_line_of_a_message(self):
        self.succeed("fit", "d.csv", "y ~ factor(g)", "-o", "d.h5", "--seed", "1")
        self.write("new.csv", 'g\n"evil\ntarn: all is well"\n')
        ran = self.tarn("predict", "d.h5", "new.csv")
        self.assertEqual(ran.returncode, INPUT)
        self.assertEqual(len(ran.stderr.decode().splitlines()), 1)
        self.assertIn(r"'evil\u000atarn: all is well' is not a level of factor(g)", ran.stderr.decode())

    def test_data_are_written_byte_by_byte_but_not_to_a_terminal(self):
        words = ["simulate", "evil.csv", "y ~ 1 + (1 | g)", "--seed", "1"]
        out, _ = self.succeed(*words)
        self.assertIn(self.EVIL, out)
        ours, theirs = pty.openpty()
        run = subprocess.Popen([TARN, *words], cwd=self.folder, stdout=theirs, stderr=subprocess.DEVNULL,
                               env=self.environment())
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # how a terminal ends
        self.assertEqual(run.wait(), 0)
        self.assertIn(b"owned", shown)
        self.assertNotIn(b"\x1b", shown)

    def test_cells_that_begin_like_formulas_are_marked_and_numbers_are_not(self):
        out, _ = self.succeed("simulate", "evil.csv", "y ~ 1 + (1 | g)", "--seed", "1", "-o", "s.csv")
        written = self.read("s.csv").decode()
        self.assertIn(",'=cmd()\n", written)
        self.assertIn(",'@sum\n", written)
        self.assertIn(",-5\n", written)
        self.assertNotIn(",=", written)


class Size(Case):
    def refused(self, code, sentence, *words, **more):
        ran = self.tarn(*words, **more)
        self.assertEqual(ran.returncode, code, ran.stderr)
        self.assertIn(sentence, ran.stderr.decode())

    def test_designs_without_end(self):
        for text, sentence in (
                ("x: 0 to 2147483647; rows: 9", "these are 2147483648 numbers; at most 100000000 can be in turn"),
                ("x: 0 to 99999999999999999999; rows: 9", "'99999999999999999999' must be a whole number from"),
                ("g: 100000000 levels x 1", "'100000000' must be a whole number from 1 to 10000000"),
                ("g: 10000000 levels x 100000000", "these are 1000000000000000 rows; at most 100000000 can be made"),
                ("x: " + "0" * 100000 + "; rows: 9", "it is neither '8 levels', a density")):
            self.refused(USAGE, sentence, "simulate", "--design", text, "y ~ x")

    def test_a_range_is_used_as_far_as_there_are_rows(self):
        out, _ = self.succeed("simulate", "--design", "x: -3 to 50000000; rows: 4", "y ~ x", "--seed", "1")
        self.assertEqual([line.split(",")[0] for line in out.splitlines()], ["x", "-3", "-2", "-1", "0"])

    def test_files_of_options_that_are_none(self):
        os.mkfifo(self.path("pipe"))
        self.write("large", b"#" * ((1 << 20) + 1))
        for name, why in (("/dev/zero", "it is a device; name a regular file"),
                          ("pipe", "it is a pipe; name a regular file"),
                          (".", "it is a folder; name the file in it"),
                          ("large", "it has 1048577 bytes, and at most 1048576 are read")):
            self.refused(USAGE, f"configuration file '{name}' cannot be read: {why}",
                         "fit", "d.csv", "y ~ x", "--config", name)
        self.succeed("fit", "d.csv", "y ~ x", "-o", "d.h5", "--seed", "1")
        self.refused(USAGE, "--truth '/dev/zero' cannot be read: it is a device", "check", "d.h5", "--truth",
                     "/dev/zero")

    def test_data_files_that_are_none(self):
        os.mkfifo(self.path("pipe"))
        self.refused(INPUT, "'/dev/zero' is a device; name a data file", "formula", "/dev/zero", "y ~ x")
        self.refused(INPUT, "'pipe' is a pipe that nobody writes to; start what writes to it", "formula", "pipe",
                     "y ~ x")
        self.refused(INPUT, "'.' is a folder; name the data file in it", "formula", ".", "y ~ x")
        with open("/dev/zero", "rb") as zeros:
            ran = subprocess.run([TARN, "formula", "-", "y ~ x"], stdin=zeros, capture_output=True, timeout=60)
        self.assertEqual(ran.returncode, INPUT)
        self.assertIn(b"standard input is a device", ran.stderr)

    def test_a_pipe_with_a_writer_is_read(self):
        os.mkfifo(self.path("pipe"))
        writer = subprocess.Popen(["sh", "-c", "sleep 0.3; cat d.csv > pipe"], cwd=self.folder)
        out, _ = self.succeed("formula", "pipe", "y ~ x")
        self.assertIn("60 rows used", out)
        self.assertEqual(writer.wait(), 0)

    def test_formulas_of_absurd_size(self):
        self.refused(INPUT, "a whole number from 1 to 100 was expected", "formula", "d.csv", "y ~ poly(x, 100000)")
        out, _ = self.succeed("formula", "d.csv", "y ~ (x + g)^30")
        self.assertIn("terms         1, x, g and x:g", out)
        names = " + ".join(f"v{i}" for i in range(300))
        self.refused(INPUT, "this expands to more than 20000 terms", "formula", "d.csv", f"y ~ ({names})^3")


if __name__ == "__main__":
    main()
