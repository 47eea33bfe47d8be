#!/usr/bin/env python3
"""Runs tools/*_test.py (unittest) and ends with `N passed, N failed`."""
import pathlib
import sys
import unittest


def main(folder):
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    suite = unittest.defaultTestLoader.discover(str(folder), pattern="*_test.py")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 0 if result.testsRun and not failed else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(__file__).resolve().parent))
