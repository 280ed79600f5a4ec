"""The submission that the address names, as this run shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from core.errors import NotFoundError
from core.integration import Integration
from core.portal.review.entities import Release, Standing
from pages.parts import page
from pages.parts.acting import person, store


@dataclass(frozen=True)
class Opened:
    """One release, and where its integration stands now. `releases` are all submissions, the newest first."""

    standing: Standing
    release: Release
    releases: tuple[Release, ...]

    @property
    def id(self) -> str:
        return self.standing.integration_id

    @property
    def newest(self) -> bool:
        """Whether this is the submission that can be decided on."""
        return self.release.number == self.standing.submission

    @cached_property
    def integration(self) -> Integration:
        return Integration.model_validate(self.release.document)

    @property
    def name(self) -> str:
        return str(self.release.document.get("display_name", ""))

    @property
    def deployed(self) -> Release | None:
        """The release that customers have, if it is another one."""
        number = self.standing.deployed_release
        if number == self.release.number:
            return None
        return next((one for one in self.releases if one.number == number), None)


def open_submission() -> Opened:
    """`?id=...&release=...`; without a release the newest submission. Raises NotFoundError."""
    integration_id = page.requested()
    if not integration_id:
        raise NotFoundError("The address names no submission.", remedy="Choose one from the queue.")
    standing = store().standing(person(), integration_id)
    found = tuple(store().list_releases(person(), integration_id))
    wanted = st.query_params.get("release", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else standing.submission
    release = next((one for one in found if one.number == number), None)
    if release is None:
        raise NotFoundError("There is no such release.", remedy="Choose one from the queue.")
    return Opened(standing, release, found)
