"""The variable tracker: every variable once, where it is declared and used, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from core.integration import PREDEFINED, TrackedVariable, track
from tests.integration.documents import LIST, integration


def rows(**changes: Any) -> dict[str, TrackedVariable]:
    tracked = track(integration(LIST, **changes))
    assert len({row.name for row in tracked}) == len(tracked)
    return {row.name: row for row in tracked}


def test_every_variable_stands_once_declared_ones_first_and_predefined_ones_last() -> None:
    names = [row.name for row in track(integration(LIST, headers=[{"name": "X", "value": "$other"}]))]
    assert names == ["bearer_token", "region", "user_id", "other", *PREDEFINED]


def test_a_variable_says_where_it_is_declared() -> None:
    found = rows()
    declared = {name: found[name].declared for name in ("bearer_token", "region", "user_id", "items")}
    assert declared == {
        "bearer_token": "authentication",
        "region": "custom field",
        "user_id": "mapping field",
        "items": None,
    }
    assert found["items"].predefined
    assert found["items"].summary


def test_uses_are_listed_with_endpoint_and_position() -> None:
    uses = [(use.where, use.place, use.offset) for use in rows()["list_id"].uses]
    assert uses == [
        ("Add users › URL", "endpoints.add_users.url", 34),
        ("Remove users › URL", "endpoints.remove_users.url", 34),
    ]


def test_a_shared_template_is_one_use() -> None:
    assert [use.place for use in rows()["bearer_token"].uses] == ["auth.token"]


def test_a_name_that_nobody_declared_is_a_problem_with_a_suggestion() -> None:
    row = rows(endpoints__add_users__payload='{"ids": $itmes}')["itmes"]
    assert row.problems == ("Not known. Did you mean $items?",)
    assert rows(headers=[{"name": "X", "value": "$qqqq"}])["qqqq"].problems[0].endswith("write $$ for a dollar sign.")


def test_a_declared_name_that_nobody_uses_is_a_problem() -> None:
    fields = [*LIST["custom_fields"], {"variable": "spare", "display_name": "Spare"}]
    row = rows(custom_fields=fields)["spare"]
    assert not row.used
    assert row.problems == ("Declared, but never used.",)


def test_other_spellings_are_shown_and_count_as_use() -> None:
    row = rows(endpoints__add_users__url="https://a.example/$listId/$list_Id")["list_id"]
    assert row.written == ("listId", "list_Id")
    assert len(row.uses) == 3


def test_a_field_that_bears_an_aliass_name_is_the_field() -> None:
    fields = [*LIST["custom_fields"], {"variable": "cohort_id", "display_name": "Cohort"}]
    found = rows(custom_fields=fields, headers=[{"name": "X", "value": "$cohort_id"}])
    assert found["cohort_id"].used
    assert not found["amp_cohort_id"].used


def test_a_known_name_in_the_wrong_place_says_so() -> None:
    row = rows(endpoints__create_list__payload='"$list_id"')["list_id"]
    assert row.problems == (
        "List creation › Payload: $list_id cannot be used here: the list has no id before this call has created it.",
    )


def test_a_template_that_does_not_parse_is_still_tracked() -> None:
    assert rows(endpoints__add_users__item='{"id": "$user_id')["user_id"].used


def test_endpoints_of_the_other_type_do_not_count() -> None:
    update = {"url": "https://a.example", "payload": '"$only_here"'}
    assert "only_here" not in rows(endpoints__update_users=update)
