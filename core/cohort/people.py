"""The words that generated users are made of: names, places and reserved number ranges; nobody in particular.

Phone numbers come from ranges kept free for fiction: 555-01xx of any area code (North American Numbering Plan) and
Ofcom's drama numbers in Britain; countries without such a range use +999, a country code that is not assigned. Mail
domains are those of RFC 2606, IP addresses those of RFC 5737.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

FIRST_NAMES = (
    *("Ada", "Amélie", "Anaïs", "Björn", "Carlos", "Chloë", "Daniel", "Dimitra", "Elif", "Emma", "Farah", "Femi"),
    *("Grace", "Hana", "Ines", "Ivan", "Jean-Luc", "José", "Karim", "Kwame", "Léa", "Liam", "Mary Ann", "Mei", "Noah"),
    *("Nuria", "Olga", "Omar", "Priya", "Quinn", "Rosa", "Søren", "Tariq", "Uma", "Viktor", "Wei", "Ximena", "Yuki"),
    *("Zoë", "D'Andre", "美咲", "Łukasz"),
)
LAST_NAMES = (
    *("Abe", "Almeida", "Andersson", "Bianchi", "Brown", "Chen", "Costa", "de la Cruz", "Diallo", "Dubois", "Eriksen"),
    *(
        "Fischer",
        "García",
        "Haddad",
        "Hansen",
        "Ibrahim",
        "Jones",
        "Kaya",
        "Kim",
        "Kowalska",
        "Lopez",
        "Martin",
        "Mbeki",
    ),
    *("Müller", "Na", "Null", "Nguyễn", "Novák", "O'Neil", "Okafor", "Patel", "Petrov", "Rossi", "Sato", "Schmidt"),
    *("Silva", "Smith-Jones", "True", "van den Berg", "Wójcik", "李", 'Young "Ace"', "Žižka"),
)
PLANS = ("free", "free", "free", "starter", "starter", "pro", "enterprise")
COMPANIES = ("Acme, Inc.", "Example & Sons", "Globex", "Initech", "Müller GmbH", 'The "Best" Shop', "Umbrella")
COLOURS = ("amber", "blue", "coral", "green", "indigo", "lime", "mint", "navy", "plum", "red", "teal", "violet")
MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com")


class Place(NamedTuple):
    """A city with its country, locale, time zone, currency and a maker of postal codes from a number."""

    city: str
    country: str
    code: str
    locale: str
    timezone: str
    currency: str
    postal: Callable[[int], str]


def _five(number: int) -> str:
    return f"{1000 + number % 98000:05d}"


def _four(number: int) -> str:
    return f"{1000 + number % 8999}"


def _british(number: int) -> str:
    return f"SW{1 + number % 19} {number % 10}AB"


PLACES = (
    Place("Boston", "United States", "US", "en-US", "America/New_York", "USD", _five),
    Place("San José", "United States", "US", "en-US", "America/Los_Angeles", "USD", _five),
    Place("Austin", "United States", "US", "es-US", "America/Chicago", "USD", _five),
    Place("London", "United Kingdom", "GB", "en-GB", "Europe/London", "GBP", _british),
    Place("Leeds", "United Kingdom", "GB", "en-GB", "Europe/London", "GBP", _british),
    Place("Dresden", "Germany", "DE", "de-DE", "Europe/Berlin", "EUR", _five),
    Place("Köln", "Germany", "DE", "de-DE", "Europe/Berlin", "EUR", _five),
    Place("L'Aquila", "Italy", "IT", "it-IT", "Europe/Rome", "EUR", _five),
    Place("São Paulo", "Brazil", "BR", "pt-BR", "America/Sao_Paulo", "BRL", _five),
    Place("Zürich", "Switzerland", "CH", "de-CH", "Europe/Zurich", "CHF", _four),
    Place("Abidjan", "Côte d'Ivoire", "CI", "fr-CI", "Africa/Abidjan", "XOF", _five),
    Place("Seoul", "Korea, Republic of", "KR", "ko-KR", "Asia/Seoul", "KRW", _five),
    Place("東京", "Japan", "JP", "ja-JP", "Asia/Tokyo", "JPY", _five),
    Place("Windhoek", "Namibia", "NA", "en-NA", "Africa/Windhoek", "NAD", _five),
)


def phone_number(country_code: str, number: int) -> str:
    """A number in E.164 that rings nowhere, for any non-negative `number`."""
    if country_code == "US":
        return american_number(number)
    if country_code == "GB":
        return f"+447700900{number % 1000:03d}"
    return unassigned_number(number)


AMERICAN_NUMBERS = 80_000


def american_number(number: int) -> str:
    """One of 80,000 numbers 555-01xx; distinct for distinct numbers below that."""
    area, line = divmod(number % AMERICAN_NUMBERS, 100)
    return f"+1{200 + area}55501{line:02d}"


def unassigned_number(number: int) -> str:
    """A number under the unassigned country code 999; distinct for distinct numbers below 10**9."""
    return f"+999{number % 10**9:09d}"
