"""The sample cohorts are what their README says and what the generator makes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from core.cohort import Snapshot, coverage, diff, is_operations, read_columns, read_operations, read_snapshot
from core.cohort.samples import write_samples

FOLDER = Path(__file__).parents[2] / "sample_cohorts"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z]+)/(day-([0-9])\.csv(?:\.gz)?)` \| (.+) \|$", re.MULTILINE)
DAYS = [
    (size, name, int(day), [int(cell.replace(",", "")) for cell in cells.split(" | ")])
    for size, name, day, cells in ROW.findall(README)
]


def plain(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def previous_of(size: str, name: str, day: int) -> Snapshot | None:
    if day == 1:
        return None
    return read_snapshot(FOLDER / size / name.replace(f"day-{day}", f"day-{day - 1}"), "user_id")


def test_the_readme_tells_of_every_day_of_every_size() -> None:
    there = {
        str(path.relative_to(FOLDER)) for size in ("small", "middle", "large") for path in (FOLDER / size).iterdir()
    }
    assert {f"{size}/{name}" for size, name, _, _ in DAYS} == there
    assert len(there) == 8


@pytest.mark.parametrize(("size", "name", "day", "told"), DAYS)
def test_a_day_holds_what_the_readme_says(size: str, name: str, day: int, told: list[int]) -> None:
    snapshot = read_snapshot(FOLDER / size / name, "user_id")
    report = snapshot.report
    previous = previous_of(size, name, day)
    added, removed, unchanged, _ = diff(previous, snapshot, "user_id").counts
    changed = diff(previous, snapshot, "user_id", track=["plan"]).counts.changed
    counted = [report.rows, report.members, report.duplicates, report.empty_keys, added, removed, unchanged, changed]
    assert counted == told
    assert report.rows == report.members + report.duplicates + report.empty_keys


def test_the_operations_file_holds_what_the_readme_says() -> None:
    path = FOLDER / "operations.csv"
    assert is_operations(read_columns(path))
    found = read_operations(path)
    assert (len(found.added), len(found.removed), found.report.duplicates) == (9, 5, 1)
    assert found.report.rows == 15
    assert found.constants == {"amp_cohort_name": "Power users", "amp_cohort_id": "7khm89cz"}
    assert "15 rows are 9 additions, 5 removals and 1 duplicate" in README


def test_the_property_rich_file_holds_what_the_readme_says() -> None:
    snapshot = read_snapshot(FOLDER / "property_rich.csv", "user_id")
    email, phone = coverage(snapshot.frame, ["email", "phone"])
    assert snapshot.report.members == snapshot.report.rows == 200
    assert len(snapshot.frame.columns) == 26
    assert f"filled for {email.filled} and well formed for {email.well_formed} of them" in README
    assert f"`phone` for {phone.filled} and {phone.well_formed} |" in README


def test_the_awkward_keys_the_readme_names_are_there() -> None:
    keys = set(read_snapshot(FOLDER / "middle" / "day-1.csv", "user_id").frame["user_id"])
    assert {"007", "NA", "null", "True", "1e5", "00:11", "12345678901234567890", "=1+1", "<b>0</b>"} <= keys


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    # Gzip may pack the same text differently on another machine.
    return {str(path.relative_to(folder)): plain(path.read_bytes()) for path in folder.rglob("*.*")}


def test_the_files_are_those_the_generator_makes(made: dict[str, bytes]) -> None:
    assert len(made) == 10
    for path, content in made.items():
        assert plain((FOLDER / path).read_bytes()) == content, path


def test_no_file_is_larger_than_a_repository_likes() -> None:
    assert all(path.stat().st_size < 5_000_000 for path in FOLDER.rglob("day-*"))


def test_nobody_in_the_samples_can_be_reached(made: dict[str, bytes]) -> None:
    for content in made.values():
        text = content.decode()
        domains = {domain.lower() for domain in re.findall(r"@(?:mail\.)?(\w+\.\w+)", text)}
        assert domains <= {"example.com", "example.org", "example.net"}
        real = r"\+(?!1[2-9][0-9]{2}55501[0-9]{2}\b|447700900|999)[0-9]{7,}"
        assert re.findall(real, text) == []
