"""Proves that a search which finds nothing, or does not end, is not taken for a proof."""
import unittest

import model


class Runs(unittest.TestCase):
    def test_a_line_is_a_kind_a_name_and_flags(self):
        self.assertEqual(model.read_runs("# nothing\n\nholds+ a M1 HALF=2  # because\n caught b M1 BUG_X\n"),
                         [("holds", True, "a", ["M1", "HALF=2"]), ("caught", False, "b", ["M1", "BUG_X"])])
        for line in ["holds a", "hold a M1"]:
            with self.assertRaises(ValueError):
                model.read_runs(line)

    def test_each_planted_bug_has_a_run_without_it(self):
        runs = model.with_controls([("caught", True, "a", ["M1", "BUG_X"]), ("caught", False, "b", ["M1", "BUG_Y"]),
                                    ("caught", False, "c", ["M1", "LOSS"])])
        self.assertEqual(runs[3:], [("holds", True, "a.without", ["M1"])])

    def test_what_is_left_out_must_be_missed(self):
        self.assertIsNone(model.verdict("caught", 1, False))
        self.assertIn("MISSED", model.verdict("caught", 0, True))

    def test_nothing_found_counts_only_if_all_was_searched_or_no_more_was_asked(self):
        self.assertIsNone(model.verdict("holds", 0, True))
        self.assertIn("did not end", model.verdict("holds", 0, False))
        self.assertIsNone(model.verdict("searched", 0, False))
        for kind in ("holds", "searched"):
            self.assertIn("wrong", model.verdict(kind, 1, True))

    def test_a_search_that_did_not_run_is_a_failure(self):
        for kind in model.KINDS:
            self.assertEqual(model.verdict(kind, None, False), "did not run")


if __name__ == "__main__":
    unittest.main()
