"""What stands in a generated column, told by the column's name.

`FIELDS` is read from the top; the first pattern found in the name, in snake case and without the suffix of a mapping
variable, decides. A maker gets the user, a random number of this column's own, and the column's name.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from core.cohort import people
from core.cohort.column_words import snake_case

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_SECONDS = 2 * 365 * 24 * 3600


class Person(NamedTuple):
    """One user: a position from 0 and the random numbers that all columns share."""

    number: int
    first: int
    last: int
    place: int
    self: int

    @property
    def first_name(self) -> str:
        return people.FIRST_NAMES[self.first % len(people.FIRST_NAMES)]

    @property
    def last_name(self) -> str:
        return people.LAST_NAMES[self.last % len(people.LAST_NAMES)]

    @property
    def home(self) -> people.Place:
        return people.PLACES[self.place % len(people.PLACES)]


Maker = Callable[[Person, int, str], str]


class Field(NamedTuple):
    """`kind` matters for keys; an `optional` field is left empty for some users."""

    pattern: re.Pattern[str]
    make: Maker
    kind: str = "other"
    optional: bool = True


def email(person: Person, draw: int, column: str) -> str:
    """Made of the user's name, and of their position so that it is theirs alone."""
    name = unicodedata.normalize("NFKD", f"{person.first_name}.{person.last_name}".lower())
    local = re.sub(r"[^a-z.]", "", name).strip(".") or "user"
    return f"{local}.{person.number}@{people.MAIL_DOMAINS[person.self % len(people.MAIL_DOMAINS)]}"


def phone(person: Person, draw: int, column: str) -> str:
    return people.phone_number(person.home.code, person.self)


def unique_phone(number: int) -> str:
    """A number for a key: distinct for distinct positions."""
    if number < people.AMERICAN_NUMBERS:
        return people.american_number(number * 7919)
    return people.unassigned_number(number)


def _user_id(person: Person, draw: int, column: str) -> str:
    return f"user-{100_000 + person.number}"


def _number_id(person: Person, draw: int, column: str) -> str:
    return str(100_000_000_000 + person.number * 1009 + draw % 1009)


def _uuid(person: Person, draw: int, column: str) -> str:
    return str(uuid.UUID(int=(draw << 64 | (person.self ^ person.number)) % 2**128, version=4))


def _instant(person: Person, draw: int, column: str) -> str:
    return (_EPOCH + timedelta(seconds=draw % _SECONDS)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(person: Person, draw: int, column: str) -> str:
    return (_EPOCH + timedelta(seconds=draw % _SECONDS)).strftime("%Y-%m-%d")


def _birthday(person: Person, draw: int, column: str) -> str:
    return f"{1950 + draw % 56}-{1 + (draw >> 8) % 12:02d}-{1 + (draw >> 16) % 28:02d}"


def _amount(person: Person, draw: int, column: str) -> str:
    return f"{draw % 500 * ((draw >> 16) % 9)}.{(draw >> 32) % 100:02d}"


def _of(*choices: str) -> Maker:
    return lambda person, draw, column: choices[draw % len(choices)]


def _home(field: str) -> Maker:
    at = people.Place._fields.index(field)
    return lambda person, draw, column: str(person.home[at])


def _field(names: str, make: Maker, kind: str = "other", *, optional: bool = True) -> Field:
    return Field(re.compile(rf"(?:^|_)(?:{names})(?:_|$)"), make, kind, optional)


FIELDS = (
    _field("amp_cohort_name|cohort_name", _of("Power users"), optional=False),
    _field("amp_cohort_id|cohort_id", _of("7khm89cz"), optional=False),
    _field("amp_cohort_url|cohort_url", _of("https://app.example.com/cohort/7khm89cz"), optional=False),
    _field("list_id", _of("list-1"), optional=False),
    _field("operation", _of("add", "add", "add", "add", "remove"), optional=False),
    _field("is|has|opt|opted|consent|consented|subscribed|verified|active|enabled", _of("true", "false")),
    _field("ip|ip_address", lambda p, draw, column: f"{('192.0.2', '198.51.100', '203.0.113')[draw % 3]}.{draw % 254}"),
    _field("e?_?mail|mail_address", email, "email"),
    _field("phone|phone_number|mobile|msisdn|sms|whatsapp|telephone|tel", phone, "phone"),
    _field("device_id|uuid|guid|idfa|idfv|gaid|adid|advertising_id|anonymous_id|session_id", _uuid, "uuid"),
    _field("amplitude_id|numeric_id", _number_id, "id", optional=False),
    _field("first_name|given_name|forename", lambda person, draw, column: person.first_name),
    _field("last_name|surname|family_name", lambda person, draw, column: person.last_name),
    _field("company|organi[sz]ation|employer", _of(*people.COMPANIES)),
    _field("user_?name|handle|login", lambda person, draw, column: f"player_{person.number:05d}", "id"),
    _field("name|full_name|display_name", lambda person, draw, column: f"{person.first_name} {person.last_name}"),
    _field("country_code|country_iso", _home("code")),
    _field("country", _home("country")),
    _field("city|town", _home("city")),
    _field("zip|zip_?code|postal|postal_?code|postcode", lambda p, draw, column: p.home.postal(draw)),
    _field("address|street", lambda person, draw, column: f"{1 + draw % 240} Example Street"),
    _field("locale|language|lang", _home("locale")),
    _field("time_?zone|tz", _home("timezone")),
    _field("currency", _home("currency")),
    _field("plan|tier|subscription|segment", _of(*people.PLANS)),
    _field("gender|sex", _of("female", "male", "non-binary")),
    _field("birthday|birth_?date|date_of_birth|dob", _birthday),
    _field("age", lambda person, draw, column: str(18 + draw % 63)),
    _field("ltv|revenue|spend|spent|price|amount|value|balance|total", _amount),
    _field("score|ratio|rate|probability|propensity", lambda p, draw, column: f"0.{draw % 1000:03d}"),
    _field("count|number|num|sessions?|visits|orders|purchases|events|points|level", _of(*map(str, range(120)))),
    _field("platform|os|device_type", _of("iOS", "Android", "Web")),
    _field("version", _of("1.0", "1.10", "2.0.0", "2.1.3", "10.4")),
    _field("url|website|link", lambda p, draw, column: f"https://www.example.com/u/{p.number}?ref=a&b=ü"),
    _field("colou?r", _of(*people.COLOURS)),
    _field("date|day", _day),
    _field("at|time|timestamp|created|updated|last_seen|since", _instant),
    _field("user_?id|uid|id|identifier|key", _user_id, "id", optional=False),
)
_ANYTHING = Field(re.compile(""), lambda person, draw, column: f"{column} {1 + draw % 20}")


def field_of(column: str) -> Field:
    """The field that a column's name stands for: `userId`, `user_id` and `user_id_field_amplitude` are one."""
    words = snake_case(column)
    return next((field for field in FIELDS if field.pattern.search(words)), _ANYTHING)
