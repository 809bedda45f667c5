"""Folders: what they include of each other, and how large they are.

usage: folders.py SOURCE_FOLDER
"""

import collections
import os
import re
import sys
import unittest

TOP = os.path.abspath(sys.argv[1])

# An include goes from a later folder of the list to an earlier one: libtarn carries, the rest lies in the order in
# which data flow.
WAY = ["framework", "io/include", "io/files", "io/data", "plugins/families", "models", "plugins/samplers", "io/chains",
       "io", "plugins/diagnostics", "io/launcher"]
# The same within libtarn; public headers lie under all of it.
LIBTARN = ["base", "data", "prior", "model", "sample", "run", "judge", "report", "plugin", "regression", "solver"]
# What people write; data and recorded figures are not counted.
WRITTEN = (".cpp", ".hpp", ".py", ".js", ".mjs", ".css", ".R", ".m", ".sh", ".cmake", ".md", ".txt.in", "CMakeLists.txt")
RECORDED = re.compile(r"(tests/.*|docs/examples)/data/|tests/fuzz/(corpus|chain_files)/|tests/old_files/[0-9]")


def files_below(*folders, endings):
    """Paths from the top of what ends so."""
    for folder in folders:
        for path, below, names in os.walk(os.path.join(TOP, folder)):
            below[:] = sorted(b for b in below if b not in ("build", "node_modules", ".git"))
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(path, name), TOP)


def text_of(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def includes(sources):
    """(file, included file) of all that the tree itself has."""
    by_end = collections.defaultdict(list)
    for path in sources:
        parts = path.split("/")
        for k in range(len(parts)):
            by_end["/".join(parts[k:])].append(path)
    for path in sources:
        for what in re.findall(r'^\s*#\s*include\s+["<]([^">]+)[">]', text_of(path), re.M):
            beside = os.path.normpath(os.path.join(os.path.dirname(path), what))
            found = [beside] if beside in sources else by_end.get(what, [])
            # Several of that name: the one that shares most of the way, as the compiler's folders do.
            found = sorted(found, key=lambda f: -len(os.path.commonprefix([f, path])))
            if found:
                yield path, found[0]


def cycle_of(edges):
    """Folders that include each other in a circle, or nothing."""
    state, stack = {}, []

    def visit(folder):
        state[folder] = "open"
        stack.append(folder)
        for other in sorted(edges.get(folder, ())):
            if state.get(other) == "open":
                return stack[stack.index(other):] + [other]
            if other not in state:
                found = visit(other)
                if found:
                    return found
        state[folder] = "done"
        stack.pop()
        return None

    for folder in sorted(edges):
        if folder not in state:
            found = visit(folder)
            if found:
                return found
    return None


def against(edges, order, prefix=""):
    """Includes from an earlier entry of the list to a later one."""
    wrong = []
    for file, included in edges:
        a, b = place(file, order, prefix), place(included, order, prefix)
        if a and b and order.index(a) < order.index(b):
            wrong.append(f"{file} includes {included}")
    return wrong


def place(path, order, prefix=""):
    """The longest entry of the list that the file lies under."""
    held = [o for o in order if path.startswith(prefix + o + "/")]
    return max(held, key=len) if held else None


class Includes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sources = list(files_below("framework", "io", "models", "plugins", endings=(".cpp", ".hpp")))
        cls.edges = list(includes(set(cls.sources)))

    def test_the_tree_is_read(self):
        self.assertGreater(len(self.sources), 400)
        self.assertGreater(len(self.edges), 1500)
        self.assertIn(("models/pooled/pooled.cpp", "framework/src/regression/regression.hpp"), self.edges)

    def test_folders_do_not_include_each_other_in_a_circle(self):
        folders = collections.defaultdict(set)
        for file, included in self.edges:
            a, b = os.path.dirname(file), os.path.dirname(included)
            if a != b:
                folders[a].add(b)
        found = cycle_of(folders)
        self.assertIsNone(found, f"folders in a circle: {found}")

    def test_a_circle_is_found(self):
        self.assertEqual(cycle_of({"a": {"b"}, "b": {"c", "d"}, "d": {"a"}}), ["a", "b", "d", "a"])
        self.assertIsNone(cycle_of({"a": {"b", "c"}, "b": {"c"}}))

    def test_no_include_goes_against_the_way_of_the_data(self):
        self.assertEqual(against(self.edges, WAY), [])

    def test_an_include_against_the_way_is_found(self):
        wrong = ("io/data/source.cpp", "io/chains/hdf5.hpp")
        self.assertEqual(against([wrong, wrong[::-1]], WAY), ["io/data/source.cpp includes io/chains/hdf5.hpp"])
        wrong = ("framework/src/base/rng.cpp", "framework/src/run/chain.hpp")
        self.assertEqual(len(against([wrong, wrong[::-1]], LIBTARN, "framework/src/")), 1)

    def test_no_include_goes_against_the_order_of_libtarn(self):
        self.assertEqual(against(self.edges, LIBTARN, "framework/src/"), [])
        here = {os.path.basename(p.path) for p in os.scandir(os.path.join(TOP, "framework/src")) if p.is_dir()}
        self.assertEqual(here, set(LIBTARN), "folders of libtarn and the list differ")

    def test_public_headers_include_nothing_private(self):
        for file, included in self.edges:
            if file.startswith("framework/include/"):
                self.assertTrue(included.startswith("framework/include/"), f"{file} includes {included}")

    def test_plugins_include_libtarn_and_their_own_kind_alone(self):
        for file, included in self.edges:
            kind = next((k for k in ("models/", "plugins/families/", "plugins/samplers/", "plugins/diagnostics/")
                         if file.startswith(k)), None)
            if kind:
                self.assertTrue(included.startswith(("framework/", kind)), f"{file} includes {included}")
            if kind and kind != "models/":
                self.assertFalse(included.startswith("framework/src/"), f"{file} includes {included}")


class Sizes(unittest.TestCase):
    def test_no_folder_holds_more_than_a_third_of_the_lines(self):
        lines = collections.Counter()
        for path in files_below(".", endings=WRITTEN):
            if RECORDED.match(os.path.normpath(path)):
                continue
            parts = os.path.normpath(path).split("/")
            count = text_of(path).count("\n")
            for depth in (0, 1, 2):
                if depth < len(parts):
                    lines["/".join(parts[:depth])] += count
        whole = lines.pop("")
        for folder, count in lines.items():
            self.assertLessEqual(3 * count, whole, f"{folder}/ holds {count} of {whole} lines")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
