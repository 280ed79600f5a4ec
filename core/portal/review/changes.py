"""What a new document changes for customers who are connected: what they must do, what they notice, what neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from core.integration import ENDPOINT_TITLES, Integration
from core.integration.models import CustomField, MappingField
from core.portal.review.endpoint_changes import auth_changes, endpoint_changes, header_changes
from core.portal.review.entities import Document
from core.portal.review.field_changes import field_changes

Severity = Literal["breaking", "notice", "info"]
_ORDER: tuple[Severity, ...] = ("breaking", "notice", "info")


@dataclass(frozen=True, slots=True)
class Change:
    """`breaking`: customers must act, or their syncs may fail; `notice`: what they see or what is sent changes; `info`:
    neither. `place` is the path in the newer document that has it, `title` the same in the page's words, `meaning` a
    sentence for customers.
    """

    severity: Severity
    place: str
    title: str
    before: Any
    after: Any
    meaning: str

    @property
    def sentence(self) -> str:
        return f"{self.title}: {self.meaning}"


def customer_changes(before: Document, after: Document) -> tuple[Change, ...]:
    """All that differs, what customers must act on first. Raises pydantic's ValidationError for what is no document."""
    old, new = Integration.model_validate(before), Integration.model_validate(after)
    found = [Change(*one) for one in (*_listing(old, new), *_form(old, new), *_requests(old, new))]
    return tuple(sorted(found, key=lambda change: _ORDER.index(change.severity)))


Row = tuple[Severity, str, str, Any, Any, str]


def _listing(old: Integration, new: Integration) -> Iterator[Row]:
    rows: tuple[tuple[str, str, Severity, str], ...] = (
        ("display_name", "Display name", "notice", "The destination has another name."),
        ("category", "Category", "notice", "The destination stands in another category."),
        ("summary", "Summary", "info", "The text of the tile changes."),
        ("description", "Description", "info", "The text of the destination's page changes."),
    )
    for name, title, severity, meaning in rows:
        if getattr(old, name) != getattr(new, name):
            yield severity, name, title, getattr(old, name), getattr(new, name), meaning
    if old.type != new.type:
        meaning = "Cohorts are synced in another way: present syncs must be set up anew."
        yield "breaking", "type", "Integration type", old.type, new.type, meaning
    if old.slugify_cohort_name != new.slugify_cohort_name:
        meaning = "The cohort's name is written in another way, so that lists or properties get another name."
        before, after = old.slugify_cohort_name, new.slugify_cohort_name
        yield "notice", "slugify_cohort_name", "Slugify cohort name", before, after, meaning


def _form(old: Integration, new: Integration) -> Iterator[Row]:
    kinds: tuple[tuple[str, list[Any], list[Any]], ...] = (
        ("custom_fields", list(old.custom_fields), list(new.custom_fields)),
        ("mapping_fields", list(old.mapping_fields), list(new.mapping_fields)),
    )
    for kind, before, after in kinds:
        mapping = kind == "mapping_fields"
        had = {field.variable: (number, field) for number, field in enumerate(before)}
        has = {field.variable: (number, field) for number, field in enumerate(after)}
        for variable, (number, field) in has.items():
            if variable not in had:
                yield _added(f"{kind}.{number}", field, mapping=mapping)
            else:
                yield from field_changes(f"{kind}.{number}", had[variable][1], field, mapping=mapping)
        for variable, (number, field) in had.items():
            if variable not in has:
                meaning = "Customers are not asked for it any more, and it is not sent."
                yield "notice", f"{kind}.{number}", _title(field, mapping=mapping), variable, None, meaning
    first = [mine.mapping_fields[0].variable if mine.mapping_fields else None for mine in (old, new)]
    if first[0] != first[1] and None not in first:
        meaning = "Users are told apart by another property: the next sync may send everybody anew."
        yield "breaking", "mapping_fields.0", "What identifies a user", first[0], first[1], meaning


def _added(place: str, field: CustomField | MappingField, *, mapping: bool) -> Row:
    title = _title(field, mapping=mapping)
    if not field.required:
        return "notice", place, title, None, field.variable, "Customers are asked for it too; it may stay empty."
    if field.default and not mapping:
        meaning = f'Connections without a value send the default, "{field.default}".'
        return "notice", place, title, None, field.variable, meaning
    what = "Choose a user property" if mapping else "Enter a value"
    meaning = f"{what} for it in every connection before its next sync: it is required."
    return "breaking", place, title, None, field.variable, meaning


def _requests(old: Integration, new: Integration) -> Iterator[Row]:
    yield from auth_changes("auth", "Authentication", old.auth, new.auth)
    yield from header_changes("headers", "", old.headers, new.headers)
    for name, title in ENDPOINT_TITLES.items():
        before, after = getattr(old.endpoints, name), getattr(new.endpoints, name)
        place = f"endpoints.{name}"
        if before is not None and after is not None:
            yield from endpoint_changes(place, title, before, after)
        elif after is not None:
            meaning = "Syncs send this request too."
            yield "notice", place, title, None, f"{after.method} {after.url}", meaning
        elif before is not None:
            yield "notice", place, title, f"{before.method} {before.url}", None, "Syncs do not send it any more."
    if old.delivery != new.delivery:
        before, after = old.delivery.model_dump(mode="json"), new.delivery.model_dump(mode="json")
        yield "info", "delivery", "Delivery", before, after, "Requests are sent at another pace."


def _title(field: CustomField | MappingField, *, mapping: bool) -> str:
    return f"{'Mapping field' if mapping else 'Custom field'} {field.display_name or field.variable}"
