"""The example integrations: each passes every check and renders against the sample cohorts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from core.integration import check, load_integration
from core.integration.logo import read_logo
from core.request import BatchValues, Connection, RequestBuilder

SAMPLES = Path(__file__).parents[2] / "sample_cohorts"
EXAMPLES = SAMPLES / "examples"
STEMS = sorted(path.stem for path in EXAMPLES.glob("*.json") if not path.name.endswith(".settings.json"))


def builder(stem: str, columns: list[str]) -> RequestBuilder:
    integration = load_integration((EXAMPLES / f"{stem}.json").read_bytes())
    settings = Connection.model_validate_json((EXAMPLES / f"{stem}.settings.json").read_bytes())
    return RequestBuilder(integration, settings, columns=columns)


def members() -> dict[str, list[str]]:
    with (SAMPLES / "small" / "day-1.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def test_there_are_three_examples() -> None:
    assert STEMS == ["acme_messaging", "beacon_crm", "northwind_profiles"]


@pytest.mark.parametrize("stem", STEMS)
def test_an_example_has_no_errors_and_no_warnings(stem: str) -> None:
    integration = load_integration((EXAMPLES / f"{stem}.json").read_bytes())
    assert [str(finding) for finding in check(integration).findings] == []
    for endpoint in filter(None, vars(integration.endpoints).values()):
        assert ".example.com/" in endpoint.url


@pytest.mark.parametrize("stem", STEMS)
def test_an_example_renders_every_request_for_the_sample_members(stem: str) -> None:
    frame = members()
    count = len(next(iter(frame.values())))
    made = builder(stem, list(frame))
    columns = made.columns(frame)
    for name in made.configured:
        operation = "remove" if name == "remove_users" else "add"
        values = BatchValues(operation, list_id=4711, message_id="m1", computed_time=1_700_000_000)
        items = None
        if made.endpoint(name).sends_items:
            rendered = made.render_items(name, columns, count, values)
            key = next(iter(columns))
            assert set(rendered.faults) == {row for row, value in enumerate(columns[key]) if not value}
            items = [text for text in rendered.texts if text is not None]
            assert items
        request = made.request(name, values, items=items)
        assert request.wire.url.startswith("https://")
        body = json.loads(request.wire.body or b"null")
        assert isinstance(body, dict)
        for secret in made.secrets:
            assert secret not in str(request.masked)


@pytest.mark.parametrize("stem", STEMS)
def test_an_example_has_a_logo(stem: str) -> None:
    logo = EXAMPLES / f"{stem}.png"
    assert read_logo(logo.read_bytes())


@pytest.mark.parametrize("stem", STEMS)
def test_an_example_is_explained(stem: str) -> None:
    assert f"## {stem}.json" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
