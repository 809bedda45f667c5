"""What only a terminal gets: progress and colour; and signals that come twice."""

import os
import pty
import signal
import subprocess
import time

from support import Case, PLUGINS, TARN, main

LONG = ["fit", "d.csv", "y ~ x + (1 | g)", "--draws", "100000", "--thin", "5000", "--max-time", "1s",
        "--seed", "1"]


class Terminal(Case):
    def on_terminal(self, *words, **variables):
        """Standard error of tarn, when that is a terminal."""
        host, guest = pty.openpty()
        run = subprocess.Popen([TARN, *words], cwd=self.folder, stdout=subprocess.DEVNULL,
                               stderr=guest, env=self.environment(**variables))
        os.close(guest)
        said = b""
        try:
            while piece := os.read(host, 4096):
                said += piece
        except OSError:
            pass  # Linux ends a terminal whose other side is closed with EIO
        os.close(host)
        run.wait(timeout=60)
        return said.decode()

    def test_progress_is_one_line_that_is_cleared_at_the_end(self):
        said = self.on_terminal(*LONG, TERM="xterm")
        self.assertRegex(said, r"\r\x1b\[K0 %, [\d,]+ transitions/s, .* left")
        self.assertRegex(said, r"left\r\x1b\[K[^\r]*time is up")

    def test_no_progress_where_it_is_unwanted(self):
        self.assertNotIn("transitions/s", self.on_terminal(*LONG, "--quiet", TERM="xterm"))
        os.remove(self.path("d.h5"))
        self.assertNotIn("\x1b", self.on_terminal(*LONG, TERM="dumb"))
        os.remove(self.path("d.h5"))
        self.assertNotIn(b"transitions/s", self.tarn(*LONG).stderr)

    def test_colour_is_for_terminals_that_want_it(self):
        self.assertIn("\x1b[1;31mtarn:\x1b[0m", self.on_terminal("fitt", TERM="xterm"))
        self.assertNotIn("\x1b", self.on_terminal("fitt", TERM="dumb"))
        self.assertNotIn("\x1b", self.on_terminal("fitt", TERM="xterm", NO_COLOR="1"))


class Twice(Case):
    def test_a_second_signal_ends_the_process_at_once(self):
        run = subprocess.Popen([TARN, "fit", "d.csv", "y ~ x", "--plugin-path", PLUGINS, "--model",
                                "sleepy", "--sampler", "gibbs"], cwd=self.folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=self.environment())
        self.addCleanup(run.kill)
        while not os.path.exists(self.path("d.h5.partial")):
            self.assertIsNone(run.poll())
            time.sleep(0.05)
        time.sleep(1)  # a draw takes an hour; the first signal waits half a second for it
        run.send_signal(signal.SIGINT)
        time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=30), 130)
        self.assertEqual(self.files(), ["d.csv"])


if __name__ == "__main__":
    main()
