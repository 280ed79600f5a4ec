"""Keys that careless software damages: by reading them as numbers, dates or nulls, by trimming or failing to escape.

Every one of them is a legal key. They come back unchanged from a file, a diff and a request, or something is broken.
"""

from __future__ import annotations

from collections.abc import Callable

# Each makes the plain form of its kind from 0 and a distinct key from every other number.
_KEYS: tuple[Callable[[int], str], ...] = (
    lambda n: f"00{7 + n}",
    lambda n: "NA" if not n else f"NA-{n}",
    lambda n: f"{12345678901234567890 + n}",
    lambda n: f'the "{n + 1}st" user',
    lambda n: f"party-🎉-{n}",
    lambda n: f"1e{5 + n}",
    lambda n: "null" if not n else f"null-{n}",
    lambda n: f"two words {n}",
    lambda n: f"O'Neil, {n}",
    lambda n: "True" if not n else f"True-{n}",
    lambda n: f"back\\slash-{n}",
    lambda n: f"00:{11 + n}",
    lambda n: f"=1+{1 + n}",
    lambda n: f"zoë-{n}",
    lambda n: f"a/b?c=%20&d#{n}",
    lambda n: f"${{user_id}}-{n}",
    lambda n: f"+{n}.50",
    lambda n: f"<b>{n}</b>",
)
_ADDRESSES: tuple[Callable[[int], str], ...] = (
    lambda n: f"o'brien+news.{n}@example.com",
    lambda n: f"UPPER.Case.{n}@Example.ORG",
    lambda n: f"josé.{n}@example.com",
    lambda n: f"0{n}@example.org",
    lambda n: f"a_b-c%{n}@mail.example.com",
)


def awkward_key(number: int) -> str:
    """The awkward key of this number; distinct for distinct numbers."""
    return _KEYS[number % len(_KEYS)](number // len(_KEYS))


def awkward_address(number: int) -> str:
    """The awkward e-mail address of this number; distinct for distinct numbers."""
    return _ADDRESSES[number % len(_ADDRESSES)](number // len(_ADDRESSES))
