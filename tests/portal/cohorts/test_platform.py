"""Fetching a cohort from the platform, against a stand-in of its documented API."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime

import pytest

from core.errors import PlatformError
from core.portal import Store
from core.portal.cohorts import Cohort, platform
from core.portal.cohorts.fetching import fetch, platform_cohorts
from core.portal.cohorts.refreshing import refresh
from core.settings import Settings
from core.sync import Clock, NetworkPolicy
from tests.portal.cohorts import stand_in
from tests.portal.cohorts.conftest import ORG, PROJECT
from tests.portal.cohorts.stand_in import SECRET, StandIn

START = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


class Time:
    """Goes on only while somebody waits."""

    def __init__(self) -> None:
        self.at = START
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def there(store: Store) -> Iterator[StandIn]:
    with stand_in.running() as found:
        store.update_project(ORG, PROJECT, {"api_url": found.url + "/"})
        yield found


@pytest.fixture
def cohort(store: Store) -> Cohort:
    return store.create_cohort(ORG, PROJECT, "Power users", {"kind": "platform"}, amp_id="7khm89cz")


def fault(store: Store, cohort: Cohort) -> str:
    return store.get_cohort(ORG, cohort.id).fault


def test_a_cohort_is_asked_for_waited_for_and_downloaded(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    found = refresh(store, settings, ORG, cohort.id, clock=time.clock)
    assert found.newest is not None
    assert (found.new, found.fault, found.newest.rows) == (True, "", 2)
    assert found.newest.columns == ("amplitude_id", "user_id", "email")
    assert found.newest.taken_at.timestamp() == START
    assert found.newest.name == "7khm89cz-2026-11-23T12-00-00.csv"
    assert there.paths == [
        "/api/5/cohorts/request/7khm89cz?props=1",
        *["/api/5/cohorts/request-status/req-7"] * 3,
        "/api/5/cohorts/request/req-7/file",
    ]
    assert time.waits == [1, 2]
    assert store.get_cohort(ORG, cohort.id).source == {"kind": "platform"}
    assert not refresh(store, settings, ORG, cohort.id, clock=time.clock).new


def test_a_redirect_to_storage_is_followed_once_without_the_key(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.to_storage, there.file = True, gzip.compress(stand_in.FILE)
    made = fetch(store, settings, ORG, cohort.id, clock=time.clock)
    assert made is not None
    assert (made.rows, made.name[-7:]) == (2, ".csv.gz")
    assert there.asked[-1] == ("storage:/file?signature=s", "")


@pytest.mark.parametrize("to_storage", [False, True])
def test_an_encoded_answer_is_a_gzipped_file(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time, to_storage: bool
) -> None:
    there.encoding, there.to_storage = "gzip", to_storage
    made = fetch(store, settings, ORG, cohort.id, clock=time.clock)
    assert made is not None
    assert made.rows == 2


def test_a_link_that_was_used_too_late_is_asked_for_again(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.to_storage, there.storage_refuses = True, [403]
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is not None
    there.storage_refuses = [403, 403]
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "storage answered 403" in fault(store, cohort)


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "gopher://x", "http://u:p@127.0.0.1/"]
)
def test_a_redirect_to_where_nothing_may_go_is_not_followed(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time, location: str
) -> None:
    there.to_storage, there.location = True, location
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert fault(store, cohort)
    assert there.paths[-1] == "/api/5/cohorts/request/req-7/file"


def test_a_second_redirect_is_a_fault(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.to_storage, there.location = True, f"{there.url}/api/5/cohorts/request/req-7/file"
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "answered 401" in fault(store, cohort)  # the key does not go where a redirect leads, not even back


def test_a_wrong_key_is_told_in_words_that_hold_no_secret(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    store.update_project(ORG, PROJECT, {"secret": "another-secret"})
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "does not accept the project's API key" in fault(store, cohort)
    assert not {SECRET, "another-secret"} & set(fault(store, cohort).split())
    assert len(there.asked) == 1
    store.update_project(ORG, PROJECT, {"secret": ""})
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "no secret key" in fault(store, cohort)
    assert len(there.asked) == 1


def test_too_many_requests_are_waited_out_as_long_as_asked(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.refuse, there.retry_after, there.pending = [429, 503], "7", 0
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is not None
    assert time.waits == [7, 4]


def test_a_wait_of_an_hour_is_left_to_the_next_sync(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.refuse, there.retry_after = [429], "3600"
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "60 in ten minutes and 500 a month" in fault(store, cohort)
    assert time.waits == []


def test_a_server_in_trouble_is_tried_a_few_times(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.refuse = [500] * 9
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "answered 500" in fault(store, cohort)
    assert time.waits == list(platform.RETRY_PAUSES)


def test_a_file_that_takes_too_long_is_taken_up_again_by_the_next_call(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.pending = 10_000
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "still making" in fault(store, cohort)
    assert 900 <= time.at - START < 915
    there.pending = 0
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is not None
    assert sum("props=1" in path for path in there.paths) == 1
    assert fault(store, cohort) == ""


def test_a_request_of_long_ago_is_not_taken_up(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.pending = 10_000
    fetch(store, settings, ORG, cohort.id, clock=time.clock)
    time.at += 2 * 3600
    there.pending = 0
    made = fetch(store, settings, ORG, cohort.id, clock=time.clock)
    assert made is not None
    assert made.taken_at.timestamp() > START + 7200
    assert sum("props=1" in path for path in there.paths) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"file": b""}, "empty"),
        ({"file": b"<html>\n<p>Oops,</p>\nwe, are, sorry\n"}, "value"),
        ({"file": b"a,b\n1,2\n3"}, "Row 2"),
        ({"file": gzip.compress(stand_in.FILE)[:-9]}, "cut off"),
        ({"file": b'{"error": "gone"}', "file_type": "application/json"}, "JSON"),
        ({"missing_bytes": 5}, "broke"),
        ({"state": "JOB FAILED"}, "JOB FAILED"),
        ({"request_id": "../../3/cohorts"}, "names no request"),
        ({"request_id": None}, "names no request"),
        ({"refuse": [404]}, "does not know this cohort"),
    ],
)
def test_what_cannot_be_used_is_a_fault_and_the_next_call_begins_anew(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time, wrong: dict[str, object], said: str
) -> None:
    for name, value in wrong.items():
        setattr(there, name, copy(value))
    found = refresh(store, settings, ORG, cohort.id, clock=time.clock)
    assert (found.newest, found.new) == (None, False)
    assert said in found.fault
    assert store.get_cohort(ORG, cohort.id).source == {"kind": "platform"}
    assert not [path for path in (settings.data_dir / "cohorts").rglob("*") if path.is_file()]


def test_a_file_inside_a_json_text_is_unwrapped(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time
) -> None:
    there.file, there.file_type = json.dumps(stand_in.FILE.decode()).encode(), "application/json"
    made = fetch(store, settings, ORG, cohort.id, clock=time.clock)
    assert made is not None
    assert made.columns == ("amplitude_id", "user_id", "email")
    there.file = stand_in.FILE + b'"103","u3",""\n'
    made = fetch(store, settings, ORG, cohort.id, clock=time.clock)
    assert made is not None
    assert made.rows == 3


def test_more_than_the_largest_file_is_not_written(
    store: Store, settings: Settings, cohort: Cohort, there: StandIn, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "_LARGEST", 50)
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "more than 50 bytes" in fault(store, cohort)


def test_the_cohorts_of_a_project_are_listed_by_name_without_archived_ones(
    store: Store, settings: Settings, there: StandIn, time: Time
) -> None:
    there.cohorts = [
        {"id": "b2", "name": "Lapsed", "size": 12},
        {"id": "a1", "name": "active\n", "size": True},
        {"id": "c3", "name": "Old", "archived": True},
        {"id": ""},
        "nonsense",
    ]
    found = platform_cohorts(store, settings, ORG, PROJECT, clock=time.clock)
    assert [(one.id, one.name, one.size) for one in found] == [("a1", "active", None), ("b2", "Lapsed", 12)]


@pytest.mark.parametrize("answer", [b"[]", b"nonsense", b"[" * 100_000])
def test_an_answer_that_is_no_list_is_told(
    store: Store, settings: Settings, there: StandIn, time: Time, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in._Handler, "_json", lambda self, status, body: self._send(200, answer, "text/html"))
    with pytest.raises(PlatformError, match="cannot be read"):
        platform_cohorts(store, settings, ORG, PROJECT, clock=time.clock)


@pytest.mark.parametrize(
    ("api_url", "said"),
    [
        ("http://platform.example.com", "https://"),
        ("https://127.0.0.1:1", "loopback"),
        ("https://169.254.169.254", "credentials"),
        ("https://user:word@example.com", "no place"),
        ("https://", "cannot be used"),
    ],
)
def test_the_api_url_of_a_project_cannot_lead_inside(
    store: Store, settings: Settings, cohort: Cohort, time: Time, api_url: str, said: str
) -> None:
    store.update_project(ORG, PROJECT, {"api_url": api_url})
    public = NetworkPolicy(allow_private=False)
    assert fetch(store, settings, ORG, cohort.id, policy=public, clock=time.clock) is None
    assert said in fault(store, cohort)


def test_a_platform_that_is_not_there_is_told_after_a_few_tries(
    store: Store, settings: Settings, cohort: Cohort, time: Time
) -> None:
    store.update_project(ORG, PROJECT, {"api_url": "http://127.0.0.1:1"})
    assert fetch(store, settings, ORG, cohort.id, clock=time.clock) is None
    assert "127.0.0.1:1 cannot be reached" in fault(store, cohort)
    assert len(time.waits) == len(platform.RETRY_PAUSES)
