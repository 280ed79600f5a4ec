"""Exits 1 unless the pytest report (JUnit XML) named on the command line has browser tests, and none was skipped."""

from __future__ import annotations

import sys
from xml.etree import ElementTree


def main(report: str) -> int:
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - written by our own pytest a moment ago
    browser = [case for case in cases if case.get("classname", "").startswith("tests.browser.")]
    skipped = [case for case in browser if case.find("skipped") is not None]
    sys.stdout.write(f"Browser tests: {len(browser) - len(skipped)} ran, {len(skipped)} were skipped.\n")
    return 0 if browser and not skipped else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
