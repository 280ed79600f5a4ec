"""`render` prints what `sync` sends; `sync` says what became of it and remembers it."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.commands.terminal import (
    LIST,
    PER_USER,
    PROPERTY,
    TOKEN,
    Desk,
    arguments,
    environment,
    partner,
    run,
)
from tests.sync.loopback import Heard, reply, serving

VARYING = re.compile(rb'"message": ?"[0-9a-f]{32}"')


def steady(body: str | bytes | None) -> bytes:
    """A body without what differs from run to run."""
    return VARYING.sub(b"", body.encode() if isinstance(body, str) else body or b"")


def with_ids(document: dict[str, Any]) -> dict[str, Any]:
    """The integration with the id of the batch in its payloads."""
    whole = json.loads(json.dumps(document).replace('{\\"users\\":', '{\\"message\\": \\"$message_id\\", \\"users\\":'))
    return dict(whole)


@pytest.mark.parametrize("kind", ["list", "known list", "per-user", "property", "operations"])
def test_what_is_rendered_is_what_is_sent(desk: Desk, kind: str) -> None:
    document = with_ids({"per-user": PER_USER, "property": PROPERTY}.get(kind, LIST))
    document["delivery"] = {"concurrency": 1}
    before = desk.cohort("user_id,email\n1e5,b@example.com\ngone,\n", "before.csv")
    now = desk.cohort()
    settings = desk.settings(list_id={"list": None, "per-user": None, "property": None}.get(kind, "L/9"))
    change = ["--cohort", now] if kind in ("list", "operations") else ["--cohort", now, "--previous", before]
    if kind == "operations":
        change = ["--cohort", desk.cohort("operation,user,mail\nADD,u1,\nremove,u2,x\nadd,u3,y\n", "operations.csv")]
    with partner() as destination:
        path = desk.integration(document, destination.server.url)
        rendered = run("render", path, *change, "--settings", settings, "--reveal-secrets")
        ended = run("sync", path, *change, "--settings", settings, "--json", "--allow-removals")
    assert (rendered.code, ended.code) == (0, 0), (rendered.err, ended.err, ended.out)
    heard = destination.server.heard
    assert [line["method"] for line in rendered.lines] == [one.method for one in heard]
    base = destination.server.url
    assert [line["url"].removeprefix(base).replace("LIST_ID", "L%201") for line in rendered.lines] == [
        one.target for one in heard
    ]
    assert [steady(line["body"]) for line in rendered.lines] == [steady(one.body) for one in heard]
    for line, one in zip(rendered.lines, heard, strict=True):
        assert {name.lower(): value for name, value in line["headers"].items()}.items() <= one.headers.items()
    assert sum(line["members"] for line in rendered.lines) == ended.json["added"] + ended.json["removed"]


def test_jsonl_has_the_agreed_fields_and_no_secret(desk: Desk) -> None:
    ended = run("render", desk.integration(), "--cohort", desk.cohort(), "--settings", desk.settings())
    assert (ended.code, ended.err) == (0, "")
    create, first, second = ended.lines
    assert list(first) == ["endpoint", "method", "url", "headers", "body", "members"]
    assert (create["endpoint"], create["members"], create["body"]) == ("create_list", 0, '{"name":"Power users & Co"}')
    assert (first["endpoint"], first["method"], first["members"], second["members"]) == ("add_users", "POST", 3, 1)
    assert first["url"] == "https://api.example.test/lists/LIST_ID/add"
    assert [user["id"] for user in json.loads(first["body"])["users"]] == ["007", "1e5", 'q"uote']
    assert first["headers"]["Authorization"] == "Bearer ***"
    assert TOKEN not in ended.out


def test_a_list_id_of_the_settings_stands_where_the_placeholder_would(desk: Desk) -> None:
    ended = run("render", desk.integration(), "--cohort", desk.cohort(), "--settings", desk.settings(list_id=42))
    assert [line["endpoint"] for line in ended.lines] == ["add_users", "add_users"]
    assert ended.lines[0]["url"].endswith("/lists/42/add")


@pytest.mark.parametrize(
    ("form", "hidden"), [("jsonl", "***"), ("har", "***"), ("curl", "$BEARER_TOKEN"), ("postman", "{{bearer_token}}")]
)
def test_secrets_are_shown_only_when_they_are_asked_for(desk: Desk, form: str, hidden: str) -> None:
    command = ("render", desk.integration(), "--cohort", desk.cohort(), "--settings", desk.settings(), "--as", form)
    masked, revealed = run(*command), run(*command, "--reveal-secrets")
    assert f"Bearer {hidden}" in masked.out
    assert TOKEN not in masked.out + masked.err
    assert f"Bearer {TOKEN}" in revealed.out
    if form in ("har", "postman"):
        assert isinstance(masked.json, dict)


def test_basic_authentication_is_masked_in_every_form(desk: Desk) -> None:
    document = {**LIST, "auth": {"method": "basic", "username": "$bearer_token", "password": "x"}}
    encoded = base64.b64encode(f"{TOKEN}:x".encode()).decode()
    for form in ("jsonl", "har", "curl", "postman"):
        path = desk.integration(document)
        ended = run("render", path, "--cohort", desk.cohort(), "--settings", desk.settings(), "--as", form)
        assert ended.code == 0
        assert TOKEN not in ended.out
        assert encoded not in ended.out


def test_the_curl_commands_send_what_sync_would(desk: Desk) -> None:
    with partner() as destination:
        path = desk.integration(LIST, destination.server.url)
        settings = desk.settings(list_id="L1")
        commands = run("render", path, "--cohort", desk.cohort(), "--settings", settings, "--as", "curl").out
        done = subprocess.run(
            ["bash", "-ec", commands], env=environment(BEARER_TOKEN=TOKEN), capture_output=True, check=False
        )
        lines = run("render", path, "--cohort", desk.cohort(), "--settings", settings, "--reveal-secrets").lines
    assert done.returncode == 0, done.stderr
    assert [one.body.decode() for one in destination.server.heard] == [line["body"] for line in lines]
    assert {one.headers["authorization"] for one in destination.server.heard} == {f"Bearer {TOKEN}"}


def test_skipped_members_are_told_on_stderr_and_the_others_rendered(desk: Desk) -> None:
    document = json.loads(json.dumps(LIST).replace('\\"$user\\"', "${user|number}"))
    ended = run("render", desk.integration(document), "--cohort", desk.cohort(), "--settings", desk.settings())
    assert ended.code == 0
    assert "skipped" in ended.err
    assert sum(line["members"] for line in ended.lines) == 2


def test_a_reader_that_closes_early_is_no_error_message(desk: Desk) -> None:
    many = "user_id,email\n" + "".join(f"user-{number},\n" for number in range(60_000))
    command = arguments("render", desk.integration(), "--cohort", desk.cohort(many), "--settings", desk.settings())
    with subprocess.Popen(
        command, env=environment(), cwd=desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_sync_prints_the_agreed_summary(desk: Desk) -> None:
    with partner() as destination:
        path = desk.integration(LIST, destination.server.url)
        ended = run("sync", path, "--cohort", desk.cohort(), "--settings", desk.settings(), "--json")
        text = run("sync", path, "--cohort", desk.cohort(), "--settings", desk.settings())
    assert (ended.code, ended.err) == (0, "")
    agreed = ["outcome", "list_id", "added", "removed", "skipped", "rejected", "requests", "retries", "errors"]
    assert list(ended.json)[: len(agreed)] == agreed
    assert [ended.json[name] for name in agreed] == ["succeeded", "L 1", 4, 0, 0, 0, 3, 0, []]
    assert text.code == 0
    assert text.out == "succeeded: 4 added, 0 removed, 0 rejected, 0 skipped; 3 requests, 0 retries\nlist id: L 1\n"
    assert destination.members == {"007", "1e5", 'q"uote', "üñï"}


@pytest.mark.parametrize(
    ("status", "outcome", "requests"), [(400, "failed", 3), (401, "stopped", 2), (503, "failed", 7)]
)
def test_a_failed_delivery_is_exit_code_1_with_the_reasons(
    desk: Desk, status: int, outcome: str, requests: int
) -> None:
    def converse(connection: socket.socket, heard: Heard) -> None:
        body = b'{"listId": 7, "echo": "' + heard.headers["authorization"].encode() + b'"}'
        reply(200 if heard.target == "/lists" else status, body)(connection, heard)

    with serving(converse) as server:
        path = desk.integration({**LIST, "delivery": {"concurrency": 1}}, server.url)
        command = ("sync", path, "--cohort", desk.cohort(), "--settings", desk.settings(), "--retry-delays", "0,0")
        ended = run(*command, "--json")
    assert ended.code == 1
    assert (ended.json["outcome"], ended.json["requests"], ended.json["list_id"]) == (outcome, requests, 7)
    assert ended.json["errors"][0]["status"] == status
    assert ended.err == "Shortened retries: 0 s, 0 s.\n"
    assert TOKEN not in ended.out


def test_a_destination_that_is_not_there_is_exit_code_1(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    path = desk.integration(LIST, f"http://127.0.0.1:{port}")
    command = ("sync", path, "--cohort", desk.cohort(), "--settings", desk.settings(), "--retry-delays", "0")
    ended = run(*command)
    assert ended.code == 1
    assert "refused the connection" in ended.out


def day(desk: Desk, path: Path, state: Path, number: int, users: list[str], *more: str) -> dict[str, Any]:
    cohort = desk.cohort("user_id,email\n" + "".join(f"{user},{user}@x.test\n" for user in users), f"day-{number}.csv")
    ended = run("sync", path, "--cohort", cohort, "--settings", desk.settings(), "--state", state, "--json", *more)
    return {"code": ended.code, **ended.json}


def test_three_days_with_a_state_folder_leave_the_destination_with_the_last_snapshot(desk: Desk) -> None:
    state = desk.folder / "state"
    days = [["a", "b", "c", "d"], ["b", "c", "d", "e"], ["e", "a"]]
    with partner() as destination:
        path = desk.integration(LIST, destination.server.url)
        runs = [day(desk, path, state, number, users) for number, users in enumerate(days)]
        again = day(desk, path, state, 3, days[-1])
        emptied = day(desk, path, state, 4, [])
        assert destination.members == set(days[-1])
        allowed = day(desk, path, state, 5, [], "--allow-removals")
    assert [(one["added"], one["removed"]) for one in runs] == [(4, 0), (1, 1), (1, 3)]
    assert (again["outcome"], again["requests"]) == ("succeeded", 0)
    assert (emptied["code"], emptied["withheld"], emptied["requests"]) == (1, 2, 0)
    assert (allowed["code"], allowed["removed"]) == (0, 2)
    assert destination.members == set()
    assert [one.target for one in destination.server.heard].count("/lists") == 1


def test_a_leaver_is_removed_by_what_was_known_of_them_even_if_the_column_is_gone(desk: Desk) -> None:
    document = json.loads(
        json.dumps(LIST).replace('{\\"id\\": \\"$user\\"}', '{\\"id\\": \\"$user\\", \\"m\\": \\"$mail\\"}')
    )
    with partner() as destination:
        path = desk.integration(document, destination.server.url)
        day(desk, path, desk.folder / "state", 1, ["a", "b"])
        settings = desk.settings(mappings={"user": "user_id"})
        now = desk.cohort("user_id\nb\n")
        ended = run("sync", path, "--cohort", now, "--settings", settings, "--state", desk.folder / "state", "--json")
    assert (ended.code, ended.json["removed"]) == (0, 1)
    assert json.loads(destination.server.heard[-1].body)["users"] == [{"id": "a"}]
    before = desk.cohort("user_id\na\n", "before.csv")
    rendered = run("render", path, "--cohort", desk.cohort(), "--previous", before, "--settings", desk.settings())
    assert rendered.code == 0, rendered.err
    assert json.loads(rendered.lines[-1]["body"])["users"] == [{"id": "a"}]


def interrupted(desk: Desk, state: Path, with_signal: signal.Signals) -> tuple[int, str, str, list[Heard]]:
    """A sync that is sent a signal while its second batch is on its way and its third has not begun."""
    second_there, go_on = threading.Event(), threading.Event()

    def converse(connection: socket.socket, heard: Heard) -> None:
        if heard.number == 2:
            second_there.set()
            go_on.wait(60)
        reply(200, b'{"listId": 7}')(connection, heard)

    with serving(converse) as server:
        document = {**LIST, "delivery": {"concurrency": 1}}
        document = json.loads(json.dumps(document).replace('"batch_size": 3', '"batch_size": 1'))
        path = desk.integration(document, server.url)
        command = ("sync", path, "--cohort", desk.cohort(), "--settings", desk.settings(), "--state", state, "--json")
        with subprocess.Popen(
            arguments(*command), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert second_there.wait(60)
            process.send_signal(with_signal)
            if with_signal is signal.SIGKILL:
                process.wait()
            else:
                threading.Timer(1, go_on.set).start()
            out, err = process.communicate(timeout=60)
            go_on.set()
        return process.returncode, out, err, list(server.heard)


def test_ctrl_c_ends_the_run_after_what_is_in_flight(desk: Desk) -> None:
    code, out, err, heard = interrupted(desk, desk.folder / "state", signal.SIGINT)
    summary = json.loads(out)
    assert (code, err) == (1, "")
    assert (summary["outcome"], summary["added"], summary["list_id"]) == ("stopped", 2, 7)
    assert len(heard) == 3


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_the_run_after_an_interrupted_one_sends_what_was_not_acknowledged(desk: Desk, kill: signal.Signals) -> None:
    state = desk.folder / "state"
    interrupted(desk, state, kill)
    with partner() as destination:
        path = desk.integration(LIST, destination.server.url)
        command = ("sync", path, "--cohort", desk.cohort(), "--settings", desk.settings(), "--state", state, "--json")
        ended = run(*command)
    acknowledged = {"007", "1e5"} if kill is signal.SIGINT else {"007"}
    assert (ended.code, ended.json["list_id"]) == (0, 7)
    assert destination.members == {"007", "1e5", 'q"uote', "üñï"} - acknowledged
    assert {one.target for one in destination.server.heard} == {"/lists/7/add"}


def test_an_operations_file_adds_and_removes_what_it_says(desk: Desk) -> None:
    rows = "Operation,user,amp_cohort_name\nadd,u1,From the file\nremove,u2,From the file\n"
    with partner() as destination:
        destination.members = {"u2", "u3"}
        path = desk.integration(LIST, destination.server.url)
        command = ("sync", path, "--cohort", desk.cohort(rows), "--settings", desk.settings(mappings={}), "--json")
        ended = run(*command)
    assert (ended.code, ended.json["added"], ended.json["removed"]) == (0, 1, 1)
    assert destination.members == {"u1", "u3"}
    assert json.loads(destination.server.heard[0].body) == {"name": "From the file"}


def test_the_sample_cohort_reads_the_same_from_the_command_line(desk: Desk) -> None:
    ended = run(
        "render",
        "sample_cohorts/examples/acme_messaging.json",
        "--cohort",
        "sample_cohorts/small/day-2.csv",
        "--previous",
        "sample_cohorts/small/day-1.csv",
        "--settings",
        "sample_cohorts/examples/acme_messaging.settings.json",
    )
    assert ended.code == 0
    assert {line["endpoint"] for line in ended.lines} >= {"add_users", "remove_users"}
    assert "acme_test_0123456789abcdef" not in ended.out
