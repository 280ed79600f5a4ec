"""The coverage of a mapping says how many members have a value, and one that is well formed."""

from __future__ import annotations

import pandas as pd
import pytest

from core.cohort import coverage
from core.errors import InputError


def of(column: str, *values: str) -> tuple[int, int, str | None, int | None]:
    found = coverage(pd.DataFrame({column: list(values)}, dtype="str"), [column])[0]
    return found.filled, found.total, found.form, found.well_formed


def test_filled_values_are_counted() -> None:
    assert of("plan", "pro", "", "free", "") == (2, 4, None, None)


@pytest.mark.parametrize("good", ["a@example.com", "o'brien+x@mail.example.org", "UPPER@EXAMPLE.COM", "é@example.com"])
def test_a_well_formed_address_counts(good: str) -> None:
    assert of("email", good, "") == (1, 2, "email", 1)


@pytest.mark.parametrize(
    "bad", ["n/a", "a@", "@example.com", "a b@example.com", "a@example", "a@b@example.com", "a@.com"]
)
def test_a_malformed_address_does_not(bad: str) -> None:
    assert of("work_email", bad) == (1, 1, "email", 0)


def test_a_well_formed_number_is_e_164() -> None:
    assert of("mobile", "+12025550123", "020 7946 0018", "2025550123", "+0123456", "+1", "") == (5, 6, "phone", 1)


@pytest.mark.parametrize("column", ["Email", "e-mail", "email_address", "userEmail", "user_e_mail"])
def test_an_address_column_is_known_by_its_name(column: str) -> None:
    assert of(column, "x")[2] == "email"


@pytest.mark.parametrize(
    "column", ["email_verified", "phone_model", "email_opt_in", "gmail_id", "telemetry", "phone_os"]
)
def test_a_column_about_something_else_is_not(column: str) -> None:
    assert of(column, "x")[2] is None


def test_an_address_column_is_known_by_its_values() -> None:
    assert of("contact", "a@example.com", "b@example.com", "c") == (3, 3, "email", 2)
    assert of("contact", "a@example.com", "b", "c")[2] is None


def test_the_columns_come_in_the_order_asked_with_their_share() -> None:
    frame = pd.DataFrame({"a": ["1", "", "", ""], "b": ["1", "2", "3", ""]}, dtype="str")
    assert [(found.column, found.share) for found in coverage(frame, ["b", "a"])] == [("b", 0.75), ("a", 0.25)]


def test_nobody_lacks_a_value_in_an_empty_cohort() -> None:
    assert coverage(pd.DataFrame({"email": []}, dtype="str"), ["email"])[0].share == 1.0


def test_a_column_that_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match='no column "email"; the columns are: id'):
        coverage(pd.DataFrame({"id": ["1"]}, dtype="str"), ["email"])
