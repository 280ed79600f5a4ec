"""What cannot be used is said in one line on stderr, with exit code 2 and no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.terminal import LIST, TOKEN, USERS, Desk, run

Command = Callable[[Desk], list[str | Path]]


def check(content: str | bytes) -> Command:
    return lambda desk: ["check", desk.write("integration.json", content)]


def render(**files: str) -> Command:
    def command(desk: Desk) -> list[str | Path]:
        made = {"settings": desk.settings(), "cohort": desk.cohort(), "integration": desk.integration()}
        for name, content in files.items():
            made[name] = desk.write(name, content)
        return ["render", made["integration"], "--cohort", made["cohort"], "--settings", made["settings"]]

    return command


CASES: dict[str, tuple[Command, str]] = {
    "no such file": (lambda _: ["check", "nowhere.json"], "nowhere.json"),
    "a folder": (lambda desk: ["check", desk.folder], "directory"),
    "no argument": (lambda _: ["check"], "INTEGRATION"),
    "unknown command": (lambda _: ["chekc"], "chekc"),
    "unknown option": (lambda _: ["schema", "--jsn"], "--jsn"),
    "option without its value": (lambda desk: ["render", desk.integration(), "--cohort"], "--cohort"),
    "unknown form": (lambda desk: ["render", desk.integration(), "--as", "xml"], "jsonl"),
    "no cohort": (lambda desk: ["sync", desk.integration()], "--cohort"),
    "previous and state": (
        lambda desk: [
            "sync", desk.integration(), "--cohort", desk.cohort(), "--previous", desk.cohort(), "--state", desk.folder,
        ],
        "exclude each other",
    ),
    "waits that are no numbers": (
        lambda desk: ["sync", desk.integration(), "--cohort", desk.cohort(), "--retry-delays", "1,x"],
        "0.1,0.2",
    ),
    "waits below nothing": (
        lambda desk: ["sync", desk.integration(), "--cohort", desk.cohort(), "--retry-delays=-1"],
        "between 0 and 3600",
    ),
    "empty file": (check(""), "not JSON"),
    "not JSON": (check("{'a': 1}"), "line 1, column 2"),
    "binary": (check(b"\x89PNG\r\n\x1a\n\xff\x00"), "UTF-8"),
    "a list": (check("[]"), "JSON object"),
    "unknown field": (check('{"nmae": "x"}'), "nmae"),
    "several faults": (check('{"type": 1, "category": "x", "endpoints": 3}'), "and 2 more"),
    "settings that are no JSON": (render(settings="x"), "settings"),
    "settings with an unknown field": (render(settings='{"field": {}}'), "field"),
    "a field that the integration lacks": (
        render(settings='{"fields": {"bearer_token": "x", "tokn": "y"}, "mappings": {"user": "user_id"}}'), "tokn",
    ),
    "a required field left empty": (render(settings='{"mappings": {"user": "user_id"}}'), "Bearer Token"),
    "no mapping": (render(settings='{"fields": {"bearer_token": "x"}}'), "user_id, email"),
    "a mapping to no column": (
        render(settings='{"fields": {"bearer_token": "x"}, "mappings": {"user": "usr"}}'), "usr",
    ),
    "an unset variable": (render(settings='{"fields": {"bearer_token": "env:NOT_SET"}}'), "NOT_SET"),
    "a broken CSV": (render(cohort='user_id,email\n"open,x\n'), "cohort"),
    "an empty cohort": (render(cohort=""), "cohort"),
    "a cohort that is a picture": (render(cohort="\x00\x01\x02\x03"), "cohort"),
    "a template with a mistake": (
        lambda desk: [
            "render", desk.integration(json.loads(json.dumps(LIST).replace("$items", "$itms"))),
            "--cohort", desk.cohort(), "--settings", desk.settings(),
        ],
        "$itms",
    ),
    "a key that is no column": (
        lambda desk: ["diff", desk.cohort(), desk.cohort(), "--key", "usr"], "user_id, email",
    ),
    "a folder that cannot be made": (
        lambda desk: ["diff", desk.cohort(), desk.cohort(), "--key", "user_id", "--out", desk.cohort() / "out"],
        "cohort.csv",
    ),
    "a value of the connection that is missing": (
        render(
            settings='{"fields": {"bearer_token": "x"}, "mappings": {"user": "user_id"}}',
        ),
        "amp_cohort_name",
    ),
    "a state that is none": (
        lambda desk: [
            "sync", desk.integration(), "--cohort", desk.cohort(), "--settings", desk.settings(), "--state",
            desk.write("state.json", "x").parent,
        ],
        "state.json",
    ),
    "a state that is a file": (
        lambda desk: ["sync", desk.integration(), "--cohort", desk.cohort(), "--state", desk.cohort()], "--state",
    ),
    "operations with a snapshot before": (
        lambda desk: [
            "render", desk.integration(), "--settings", desk.settings(), "--previous", desk.cohort(),
            "--cohort", desk.write("operations.csv", "operation,user\nadd,u1\n"),
        ],
        "operations file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_used_is_said_in_one_line(case: str, desk: Desk) -> None:
    command, expected = CASES[case]
    ended = run(*command(desk), cwd=desk.folder)
    assert ended.code == 2, ended
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1, ended.err
    assert expected in ended.err
    assert "Traceback" not in ended.err
    assert TOKEN not in ended.err


def test_the_cases_begin_from_files_that_can_be_used(desk: Desk) -> None:
    """So that each of them breaks one thing only."""
    assert LIST["display_name"]
    assert USERS.count("\n") == 5
    assert run(*render()(desk), cwd=desk.folder).code == 0


def test_without_a_command_the_help_is_shown() -> None:
    ended = run()
    assert ended.code == 2
    assert "Usage: python -m core" in ended.out + ended.err
    assert run("--help").code == run("sync", "--help").code == 0
