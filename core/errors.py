"""The errors of the core, grouped by what the caller can do about them.

    PortalError
    ├── InputError              fix what was handed in
    │   ├── DocumentError       an integration document or a settings file
    │   ├── TemplateError       a payload, URL or header template; carries all its mistakes
    │   ├── CohortFileError     a cohort file
    │   ├── FormError           a Connect form; carries all that is wrong with it
    │   ├── LogoError           an uploaded logo
    │   └── VaultError          the keys that secrets are sealed with
    ├── ConflictError           somebody else changed the same thing: look, then choose
    │   └── EditConflict        two edits of one draft; carries both
    ├── StoreBusyError          the database does not answer: try again
    ├── PlatformError           the platform's API did not give what was asked: its words say what to do
    ├── ForbiddenError          somebody else may do this: ask them, or for the right
    └── NotFoundError           it is not there, or not there for this organisation

What a destination answers is never an exception: it is a `Delivery` (core/sync).
"""

from __future__ import annotations


class PortalError(Exception):
    """What happened, where, and what to do next, each in words a partner engineer understands."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        """One line: `where: what. Remedy.`"""
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line} {self.remedy}".strip() if self.remedy else line


class InputError(PortalError):
    """Something that was handed in cannot be used as it is."""


class DocumentError(InputError):
    """An integration document or a settings file that does not have the agreed form.

    `problems` holds every fault found, each as (field in the user's words, sentence).
    """

    def __init__(self, what: str, *, problems: tuple[tuple[str, str], ...] = (), where: str = "", remedy: str = ""):
        self.problems = problems
        super().__init__(what, where=where, remedy=remedy)


class CohortFileError(InputError):
    """A cohort file that cannot be read whole and without guessing."""


class LogoError(InputError):
    """An uploaded logo that is not a PNG of the allowed size."""


class PlatformError(PortalError):
    """The platform's API refused, broke off or did not answer."""


class ConflictError(PortalError):
    """The same thing was changed elsewhere since it was read."""


class ForbiddenError(PortalError):
    """The person who acts does not have the right to do this."""


class NotFoundError(PortalError):
    """There is no such thing, or it belongs to another organisation."""
