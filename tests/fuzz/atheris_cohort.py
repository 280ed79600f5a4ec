"""Coverage-guided fuzzing of the cohort readers, by hand; atheris is not among the project's dependencies.

    pip install atheris && PYTHONPATH=. python tests/fuzz/atheris_cohort.py -max_total_time=300

Whatever is read must add up: rows = members + duplicates + empty keys.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["core.cohort"]):
    from core.cohort import read_columns, read_operations, read_snapshot
    from core.errors import CohortFileError


def one_input(data: bytes) -> None:
    """The first byte chooses the reader and the file's name, the rest is the file."""
    choice, content = (data[0] if data else 0), data[1:]
    name = ("cohort.csv", "cohort.tsv", "cohort.csv.gz", "cohort.parquet")[choice % 4]
    try:
        key = read_columns(content, name=name)[0]
        report = (read_operations if choice & 4 else read_snapshot)(content, key, name=name).report
    except CohortFileError:
        return
    if report.rows != report.members + report.duplicates + report.empty_keys:
        raise AssertionError(report)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
