"""Secret values inside JSON that the store keeps: each is sealed (vault.py) where it stands, the rest stays readable.

A sealed value is an object of the one key `$sealed`, whose value is the vault's token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.portal.vault import Vault, VaultError

_SEALED = "$sealed"


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets now stand under the first key, and how many none of the keys opens (left as they were)."""

    secrets: int
    unreadable: int

    def __add__(self, other: Resealed) -> Resealed:
        return Resealed(self.secrets + other.secrets, self.unreadable + other.unreadable)


def is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_SEALED}


def seal(value: Any, secret_fields: frozenset[str], vault: Vault) -> Any:
    """The JSON value with all that stands under a key in `secret_fields` sealed, wherever the key stands.

    Raises TypeError or ValueError for a secret that is not JSON.
    """
    if isinstance(value, dict):
        return {
            key: {_SEALED: vault.seal(json.dumps(part, allow_nan=False))}
            if key in secret_fields
            else seal(part, secret_fields, vault)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [seal(part, secret_fields, vault) for part in value]
    return value


def unseal(value: Any, vault: Vault) -> Any:
    """The JSON value in plain text; a secret that the present keys do not open is left out."""
    if isinstance(value, list):
        return [unseal(part, vault) for part in value]
    if not isinstance(value, dict):
        return value
    opened = {}
    for key, part in value.items():
        if not is_sealed(part):
            opened[key] = unseal(part, vault)
            continue
        try:
            opened[key] = json.loads(vault.unseal(part[_SEALED]))
        except VaultError:
            continue
    return opened


def reseal(value: Any, vault: Vault) -> tuple[Any, Resealed]:
    """The JSON value with its sealed parts under the vault's first key."""
    if is_sealed(value):
        try:
            return {_SEALED: vault.reseal(value[_SEALED])}, Resealed(1, 0)
        except VaultError:
            return value, Resealed(0, 1)
    if not isinstance(value, dict | list):
        return value, Resealed(0, 0)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    done = [reseal(value[key], vault) for key in keys]
    parts = [part for part, _ in done]
    counts = sum((one for _, one in done), Resealed(0, 0))
    return (dict(zip(keys, parts, strict=True)) if isinstance(value, dict) else parts), counts
