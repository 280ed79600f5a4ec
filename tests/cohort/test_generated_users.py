"""Generated users are believable, awkward on purpose, nobody real, and the same for the same seed."""

from __future__ import annotations

import csv
import io
import re

import pytest

from core.cohort import generate_users, read_snapshot
from core.cohort.awkward import awkward_address, awkward_key
from core.errors import InputError

COLUMNS = [
    *("user_id", "email", "phone", "first_name", "last_name", "country", "city"),
    *("plan", "device_id", "created_at", "ltv"),
]


def test_the_same_seed_gives_the_same_users_and_another_seed_others() -> None:
    first = generate_users(COLUMNS, 300, seed=1)
    assert first.equals(generate_users(COLUMNS, 300, seed=1))
    assert not first.equals(generate_users(COLUMNS, 300, seed=2))
    assert generate_users(COLUMNS, 0, seed=-1).shape == (0, len(COLUMNS))


def test_users_do_not_change_when_more_of_them_or_other_columns_are_asked_for() -> None:
    few = generate_users(["user_id", "email"], 50, seed=5)
    assert few.equals(generate_users(["user_id", "plan", "email"], 500, seed=5)[["user_id", "email"]].head(50))


def test_the_values_are_these_on_every_machine() -> None:
    assert generate_users(["user_id", "email", "phone"], 3, seed=0).to_numpy().tolist() == [
        ["user-100000", "olga.smithjones.0@example.com", "+19945550132"],
        ["user-100001", "quinn.hansen.1@mail.example.com", "+999704552655"],
        ["007", "uma.true.2@example.com", "+12515550196"],
    ]


@pytest.mark.parametrize("key", [*COLUMNS, "user_id_field_amplitude", "userName", "anything at all", "list_id", "zip"])
def test_keys_are_unique_and_never_empty_whatever_they_are(key: str) -> None:
    keys = generate_users([key, "email" if key == "plan" else "plan"], 5_000, seed=3)[key]
    assert keys.is_unique
    assert (keys == keys.str.strip()).all()
    assert (keys != "").all()


def test_there_are_more_telephone_numbers_than_the_ranges_for_fiction_hold() -> None:
    assert generate_users(["phone"], 90_000, seed=3)["phone"].is_unique


def test_awkward_keys_are_distinct() -> None:
    assert len({awkward_key(number) for number in range(20_000)}) == 20_000
    assert len({awkward_address(number) for number in range(20_000)}) == 20_000


def test_awkward_keys_are_among_them_and_can_be_left_out() -> None:
    keys = set(generate_users(COLUMNS, 400, seed=4)["user_id"])
    assert {"007", "NA", "12345678901234567890", 'the "1st" user', "party-🎉-0", "1e5", "null", "two words 0"} <= keys
    tidy = generate_users(COLUMNS, 400, seed=4, awkward_every=0)
    assert tidy["user_id"].str.fullmatch(r"user-[0-9]+").all()
    assert not (tidy == "").any().any()


def test_a_handful_of_users_has_an_awkward_one_too() -> None:
    assert "007" in set(generate_users(["user_id"], 3, seed=9)["user_id"])


def test_values_are_what_the_names_of_their_columns_promise() -> None:
    users = generate_users(COLUMNS, 2_000, seed=6)
    forms = {
        "email": r"[a-z.]+[0-9]+@(mail\.)?example\.(com|org|net)",
        "phone": r"\+1[2-9][0-9]{2}55501[0-9]{2}|\+447700900[0-9]{3}|\+999[0-9]{9}",
        "device_id": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "created_at": r"202[45]-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z",
        "ltv": r"[0-9]+\.[0-9]{2}",
        "plan": "free|starter|pro|enterprise",
    }
    for column, form in forms.items():
        filled = users[column][users[column] != ""]
        assert filled.str.fullmatch(form).all(), column
        assert 0.8 < len(filled) / len(users) < 0.98


@pytest.mark.parametrize(
    ("column", "form"),
    [
        ("user_id_field_amplitude", r"user-[0-9]+"),
        ("E-Mail", r".+@.*example\..+"),
        ("mobilePhone", r"\+[0-9]{8,15}"),
        ("isSubscribed", "true|false"),
        ("country_code", "[A-Z]{2}"),
        ("amp_cohort_name", "Power users"),
        ("operation", "add|remove"),
        ("postal_code", r"[0-9]{4,5}|SW.+"),
        ("favourite", r"favourite [0-9]+"),
        ("ip_address", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]+"),
        ("birth_date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    ],
)
def test_many_column_names_are_understood(column: str, form: str) -> None:
    values = generate_users(["key", column], 200, seed=8, awkward_every=0)[column]
    assert [value for value in values if not re.fullmatch(form, value)] == []


def test_generated_users_survive_a_file() -> None:
    users = generate_users(COLUMNS, 1_000, seed=7)
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *users.to_numpy().tolist()])
    snapshot = read_snapshot(text.getvalue().encode(), "user_id")
    assert snapshot.report.members == 1_000
    assert snapshot.frame.equals(users)


@pytest.mark.parametrize(("columns", "count"), [([], 1), (["a", "a"], 1), (["a", " "], 1), (["a"], -1)])
def test_what_cannot_be_generated_is_said(columns: list[str], count: int) -> None:
    with pytest.raises(InputError):
        generate_users(columns, count, seed=1)
