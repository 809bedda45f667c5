"""With --durable a power cut loses no draw that a checkpoint brought to the disk.

The calls of a run are recorded. Then the machine is made to stop at random moments: of what was written
since the last sync each block of the disk is there, or is not.

usage: power_cut.py TARN LIBFAILING_CALLS [--cuts N] [--seed N]
"""

import argparse
import os
import random
import sys
import tempfile

import h5py

from full_disk import Disk
from kills import KERNELS, begins_with, draws_in

SECTOR = 512  # what a disk writes whole or not at all


class Recording:
    """What a run asked of the system, in order: (kind, inode or names, offset, bytes)."""

    def __init__(self, path):
        self.events = []
        with open(path, encoding="ascii") as file:
            for line in file.read().splitlines():
                if line.startswith("rename"):
                    self.events.append(("rename", *map(os.path.basename, line.split("\t")[1:])))
                elif line.startswith("create"):
                    _, inode, name = line.split("\t")
                    self.events.append(("create", int(inode), os.path.basename(name)))
                else:
                    kind, *rest = line.split(" ")
                    if kind == "write":
                        self.events.append((kind, int(rest[0]), int(rest[1]), bytes.fromhex(rest[2])))
                    else:
                        self.events.append((kind, int(rest[-1]), *map(int, rest[:-1])))
        self.inode = next(e[1] for e in self.events if e[0] == "create" and e[2].endswith(".new"))
        self.renames = [i for i, e in enumerate(self.events) if e[0] == "rename"]
        # A folder is created by nobody here, so what is synced and was not created is one.
        made = {e[1] for e in self.events if e[0] == "create"}
        self.names = [i for i, e in enumerate(self.events) if e[0] == "sync" and e[1] not in made]
        self.syncs = [i for i, e in enumerate(self.events) if e[0] == "sync" and e[1] == self.inode]

    def image(self, moment, draw=None):
        """The file where the machine stops before event `moment`; without `draw` what is sure alone."""
        synced = max([i for i in self.syncs if i < moment], default=-1)
        content = bytearray()
        for i, event in enumerate(self.events[:moment]):
            if event[0] == "truncate" and event[1] == self.inode and i < synced:
                content = content[:event[2]].ljust(event[2], b"\0")
            if event[0] != "write" or event[1] != self.inode:
                continue
            offset, data = event[2:]
            end = offset + len(data)
            content.extend(bytes(max(0, end - len(content))))
            at = offset
            while at < end:
                stop = min(end, (at // SECTOR + 1) * SECTOR)
                if i < synced or (draw is not None and draw.random() < 0.5):
                    content[at:stop] = data[at - offset:stop - offset]
                at = stop
        return bytes(content)


def check_order(record, whole):
    """Draws, then their digests, then their number: each on the disk before the next is written."""
    with h5py.File(whole, "r", locking=False) as file:
        group = file["sample_stats"]
        places = {}
        for name in ("draws_crc", "draws_done", "sampling_seconds", "chain_state"):
            begin = group[name].id.get_offset()
            places[name] = range(begin, begin + group[name].id.get_storage_size())
    stage = {"draws_crc": 1, "draws_done": 2, "sampling_seconds": 2, "chain_state": 0}
    shown, finished = record.renames[0], record.renames[-1]
    waiting = set()
    orders = set()
    for i, event in enumerate(record.events):
        if event[0] == "sync" and event[1] == record.inode:
            waiting.clear()
        elif event[0] == "write" and event[1] == record.inode and i > shown and event[2] > 0:
            kind = next((k for k, place in places.items() if event[2] in place), None)
            now = stage.get(kind, 0)
            assert not [before for before in waiting if before < now], f"event {i}: {kind} comes too early"
            waiting.add(now)
            orders.add(now)
    assert orders == {0, 1, 2}
    for rename in (shown, finished):
        last = max(i for i, e in enumerate(record.events[:rename]) if e[0] == "write" and e[1] == record.inode)
        assert [s for s in record.syncs if last < s < rename], "a file got its name before it was on the disk"
        assert [n for n in record.names if n > rename], "a name is not on the disk"


def check_cut(disk, record, whole, moment, draw):
    sure, cut = disk.path("sure.h5.partial"), disk.path("cut.h5.partial")
    with open(sure, "wb") as file:
        file.write(record.image(moment))
    with open(cut, "wb") as file:
        file.write(record.image(moment, draw))
    synced, there = draws_in(sure), draws_in(cut)
    assert begins_with(whole, synced) and begins_with(whole, there), f"cut at {moment}: a draw differs"
    for before, now in zip(synced, there):
        assert len(now["lp"]) >= len(before["lp"]), f"cut at {moment}: a draw is lost"
    disk.run("resume", "cut.h5.partial", "--quiet")
    assert draws_in(disk.path("cut.h5")) == whole, f"cut at {moment}: other bits than an unbroken run"
    os.remove(disk.path("cut.h5"))
    os.remove(sure)
    return len(synced[0]["lp"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarn")
    parser.add_argument("library")
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as logs:
        disk = Disk(os.path.abspath(asked.tarn), os.path.realpath(scratch), os.path.abspath(asked.library))
        records = []
        for number, (sampler, options, draws) in enumerate(KERNELS):
            out, log = f"whole{number}.h5", os.path.join(logs, str(number))
            code, err = disk.failing(["fit", "d.csv", "y ~ x + (1 | g)", "--seed", "1", "--sampler", sampler,
                                      *options, "--draws", str(draws), "--warmup", "500", "--quiet",
                                      "--durable", "-o", out], log=log)
            assert code == 0, err
            records.append((Recording(log), draws_in(disk.path(out))))
            check_order(records[-1][0], disk.path(out))
        some = 0
        for number in range(asked.cuts):
            record, whole = records[number % len(records)]
            moment = draw.randint(record.names[0] + 1, len(record.events))
            some += check_cut(disk, record, whole, moment, draw) > 0
        assert some > 0
    print(f"{asked.cuts} power cuts, {some} of them after the first draws: no draw lost that was on the disk, "
          "all went on to the same bits")


if __name__ == "__main__":
    sys.exit(main())
