"""Organisations, people and projects, as the store gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["partner", "customer", "reviewer"]
Plan = Literal["starter", "plus", "growth", "enterprise"]
PortalAccess = Literal["none", "requested", "granted"]
"""Whether an organisation has the Developer Portal, has asked for it, or neither."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """`checklist` holds the prerequisites that its people have ticked off, by their ids (access.py).

    `requested_by` and `decided_by` are names of people; the times are None while nobody did it.
    `reason` is why the last request was refused, "" if it was not.
    """

    id: str
    name: str
    plan: Plan
    access: PortalAccess
    checklist: tuple[str, ...] = ()
    requested_at: datetime | None = None
    requested_by: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts in the portal, for one organisation. A partner may do all that a customer may."""

    id: str
    org_id: str
    name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Project:
    """A project of an organisation. `api_key` is public; its secret stays in the store, `has_secret` tells of it.

    `api_url` is where the platform's own API answers for this project.
    """

    id: str
    org_id: str
    name: str
    api_key: str
    api_url: str
    has_secret: bool = False

    @property
    def title(self) -> str:
        return f"{self.name} ({self.id})"
