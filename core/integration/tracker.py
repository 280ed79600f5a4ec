"""The variable tracker: every variable once, where it is declared and used, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.integration.compiled import mistakes_of
from core.integration.models import Integration
from core.integration.variables import (
    ALIASES,
    AUTH_FIELDS,
    ENDPOINT_TITLES,
    PREDEFINED,
    endpoints_of,
    template_texts,
)
from core.template import Names, Variable, names_in

Declared = Literal["authentication", "custom field", "mapping field"]


@dataclass(frozen=True, slots=True)
class Use:
    """One use: the endpoint and part as the page calls them, and the offset in that template."""

    where: str
    place: str
    offset: int


@dataclass(frozen=True, slots=True)
class TrackedVariable:
    """One row of the tracker. `written` holds other spellings under which it is used."""

    name: str
    declared: Declared | None
    predefined: bool
    uses: tuple[Use, ...]
    written: tuple[str, ...]
    problems: tuple[str, ...]
    summary: str

    @property
    def used(self) -> bool:
        return bool(self.uses)


def track(integration: Integration) -> tuple[TrackedVariable, ...]:
    """Declared variables first, then what is used without being declared, then the pre-defined ones."""
    declared = _declared(integration)
    uses, written = _uses(integration, declared)
    problems = _problems(integration, declared)
    known = Names({name: Variable(name) for name in (*declared, *PREDEFINED)}, ALIASES)
    rows = []
    for name in dict.fromkeys((*declared, *uses, *PREDEFINED)):
        kind = declared.get(name)
        predefined = name in PREDEFINED
        wrong = list(problems.get(name, ()))
        if kind is None and not predefined:
            near = known.nearest(name)
            wrong = [
                f"Not known. Did you mean ${near}?" if near else "Not known. Declare it, or write $$ for a dollar sign."
            ]
        elif kind and name not in uses:
            wrong.append("Declared, but never used.")
        rows.append(
            TrackedVariable(
                name=name,
                declared=kind,
                predefined=predefined,
                uses=tuple(uses.get(name, ())),
                written=tuple(sorted(written.get(name, set()) - {name})),
                problems=tuple(dict.fromkeys(wrong)),
                summary=PREDEFINED[name].summary if predefined else "",
            )
        )
    order = {name: number for number, name in enumerate(PREDEFINED)}
    return tuple(sorted(rows, key=lambda row: (row.declared is None, row.predefined, order.get(row.name, 0))))


def _declared(integration: Integration) -> dict[str, Declared]:
    from_auth = {field.variable for field in AUTH_FIELDS[integration.auth.method]}
    found: dict[str, Declared] = {}
    for field in integration.custom_fields:
        if field.variable:
            found[field.variable] = "authentication" if field.variable in from_auth else "custom field"
    for mapping in integration.mapping_fields:
        if mapping.variable:
            found[mapping.variable] = "mapping field"
    return found


def _uses(integration: Integration, declared: dict[str, Declared]) -> tuple[dict[str, list[Use]], dict[str, set[str]]]:
    uses: dict[str, list[Use]] = {}
    written: dict[str, set[str]] = {}
    seen: set[tuple[str, int]] = set()
    for name, endpoint in endpoints_of(integration).items():
        for template in template_texts(integration, name, endpoint):
            where = template.title if template.shared else f"{ENDPOINT_TITLES[name]} › {template.title}"
            for spelled, offset in names_in(template.text):
                if (template.place, offset) in seen:
                    continue
                seen.add((template.place, offset))
                own = spelled if spelled in declared else ALIASES.get(spelled, spelled)
                uses.setdefault(own, []).append(Use(where, template.place, offset))
                written.setdefault(own, set()).add(spelled)
    return uses, written


def _problems(integration: Integration, declared: dict[str, Declared]) -> dict[str, list[str]]:
    """What the compiler says of a known variable in a place where it cannot stand."""
    found: dict[str, list[str]] = {}
    for name, endpoint in endpoints_of(integration).items():
        mistakes = mistakes_of(integration, name, endpoint)
        for template in template_texts(integration, name, endpoint):
            offsets = {offset: spelled for spelled, offset in names_in(template.text)}
            for mistake in mistakes.get(template.place, ()):
                spelled = offsets.get(mistake.start)
                if spelled and mistake.code != "unknown-variable":
                    own = spelled if spelled in declared else ALIASES.get(spelled, spelled)
                    sentence = f"{ENDPOINT_TITLES[name]} › {template.title}: {mistake.message} {mistake.hint}"
                    found.setdefault(own, []).append(sentence.strip())
    return found
