"""`check`, `schema` and `diff`, as text and for machines."""

from __future__ import annotations

import csv
import json

import pytest

from tests.commands.terminal import LIST, USERS, Desk, run


def test_a_good_document_has_no_findings(desk: Desk) -> None:
    ended = run("check", desk.integration())
    assert (ended.code, ended.out, ended.err) == (0, "No findings.\n", "")


def test_an_error_is_told_with_its_id_its_place_and_the_way_out(desk: Desk) -> None:
    broken = json.loads(json.dumps(LIST).replace("$items", "$itms"))
    ended = run("check", desk.integration(broken), "--json")
    assert ended.code == 1
    assert ended.json["errors"] == len([one for one in ended.json["findings"] if one["severity"] == "error"]) > 0
    assert all({"id", "severity"} <= set(finding) for finding in ended.json["findings"])
    text = run("check", desk.integration(broken))
    assert text.code == 1
    assert "$items" in text.out


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 1)])
def test_warnings_fail_only_when_they_are_asked_to(desk: Desk, strict: tuple[str, ...], code: int) -> None:
    ended = run("check", desk.integration({**LIST, "summary": ""}), "--json", *strict)
    assert (ended.code, ended.json["errors"], ended.json["warnings"]) == (code, 0, 1)


def test_the_schema_names_every_field_of_the_document() -> None:
    ended = run("schema")
    assert ended.code == 0
    assert {"display_name", "endpoints", "delivery"} <= set(ended.json["properties"])


BEFORE = "user_id,email\nu1,a\nu2,b\n,x\nu1,again\n 007 ,c\n"
AFTER = 'user_id,email\n007,c\nu3,"d, ""e"""\nu4,=1+1\nu4,twice\n'


def test_a_diff_counts_joiners_and_leavers_and_what_was_dropped(desk: Desk) -> None:
    before, after = desk.cohort(BEFORE, "before.csv"), desk.cohort(AFTER, "after.csv")
    ended = run("diff", before, after, "--key", "user_id", "--json", "--out", desk.folder / "new" / "out")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json == {"added": 2, "removed": 2, "unchanged": 1, "duplicates": 2, "empty_keys": 1}
    written = [
        list(csv.reader((desk.folder / "new" / "out" / name).read_text().splitlines()))
        for name in ("added.csv", "removed.csv")
    ]
    assert written == [
        [["user_id", "email"], ["u3", 'd, "e"'], ["u4", "=1+1"]],
        [["user_id", "email"], ["u1", "a"], ["u2", "b"]],
    ]


def test_a_diff_as_text_accounts_for_every_row(desk: Desk) -> None:
    before, after = desk.cohort(BEFORE, "before.csv"), desk.cohort(AFTER, "after.csv")
    ended = run("diff", before, after, "--key", "user_id")
    assert "+ 2 added   - 2 removed   1 unchanged" in ended.out
    assert "5 rows = 3 members + 1 duplicates + 1 empty keys" in ended.out
    assert "4 rows = 3 members + 1 duplicates + 0 empty keys" in ended.out


def test_a_file_against_itself_says_that_nothing_changed(desk: Desk) -> None:
    path = desk.cohort(USERS)
    assert run("diff", path, path, "--key", "user_id", "--json").json["unchanged"] == 4
