"""What a change of one field of the Connect form means for customers. Rows are those of changes.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from core.integration.models import CustomField, MappingField

Field = CustomField | MappingField
Row = tuple[Literal["breaking", "notice", "info"], str, str, Any, Any, str]


def field_changes(place: str, old: Field, new: Field, *, mapping: bool) -> Iterator[Row]:
    """`old` and `new` have the same variable; `place` is that of the new one."""
    title = f"{'Mapping field' if mapping else 'Custom field'} {new.display_name or new.variable}"
    yield from _required(place, title, old, new, mapping=mapping)
    yield from _choices(place, title, old, new)
    if old.pattern != new.pattern:
        at, label = f"{place}.pattern", f"{title} › Pattern"
        if new.pattern:
            meaning = "Values that do not match it must be entered anew."
            yield "breaking", at, label, old.pattern, new.pattern, meaning
        else:
            yield "info", at, label, old.pattern, None, "Any value is taken."
    if old.value_type != new.value_type:
        at, label = f"{place}.value_type", f"{title} › Value type"
        meaning = f"The value is sent as a {new.value_type}; one that is none must be entered anew."
        yield "breaking", at, label, old.value_type, new.value_type, meaning
    if old.default != new.default and not mapping:
        at, label = f"{place}.default", f"{title} › Default"
        meaning = "Connections that left the field empty send the new default."
        yield "notice", at, label, old.default, new.default, meaning
    if old.secret != new.secret:
        meaning = (
            "The value is hidden once saved." if new.secret else "The value can be read by all in the organization."
        )
        yield "notice", f"{place}.secret", f"{title} › Secret", old.secret, new.secret, meaning
    for name, label in (("display_name", "Display name"), ("help", "Help"), ("target_name", "Target name")):
        before, after = getattr(old, name, None), getattr(new, name, None)
        if before != after:
            yield "info", f"{place}.{name}", f"{title} › {label}", before, after, "The form says it in other words."


def _required(place: str, title: str, old: Field, new: Field, *, mapping: bool) -> Iterator[Row]:
    if old.required == new.required:
        return
    at, label = f"{place}.required", f"{title} › Required"
    if not new.required:
        yield "info", at, label, True, False, "The field may stay empty."
    elif new.default and not mapping:
        yield "notice", at, label, False, True, f'Connections that left it empty send the default, "{new.default}".'
    else:
        what = "choose a user property" if mapping else "enter a value"
        yield "breaking", at, label, False, True, f"Connections that left it empty must {what} before the next sync."


def _choices(place: str, title: str, old: Field, new: Field) -> Iterator[Row]:
    chosen, typed = new.field_type != "string", old.field_type == "string"
    if chosen and typed:
        meaning = "The value must be one of the options; another one must be chosen anew."
        yield "breaking", f"{place}.field_type", f"{title} › Field type", old.field_type, new.field_type, meaning
        return
    if old.field_type != new.field_type:
        meaning = "The form shows the field in another way."
        yield "info", f"{place}.field_type", f"{title} › Field type", old.field_type, new.field_type, meaning
    if not chosen:
        return
    had = {option.value: option.label for option in old.options}
    has = {option.value: option.label for option in new.options}
    at = f"{place}.options"
    for value, name in had.items():
        if value not in has:
            meaning = "Connections that chose it must choose another option before the next sync."
            yield "breaking", at, f"{title} › Option {name}", value, None, meaning
        elif has[value] != name:
            yield "info", at, f"{title} › Option {has[value]}", name, has[value], "The option has another label."
    for value, name in has.items():
        if value not in had:
            yield "info", at, f"{title} › Option {name}", None, value, "There is one option more."
