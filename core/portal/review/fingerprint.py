"""What of a document shapes its requests, as one short text: what was tested stays tested while it does not change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.integration import Integration
from core.portal.review.entities import Document

_LISTING = ("display_name", "category", "summary", "description", "delivery", "schema_version")
_LABELS = ("display_name", "help", "target_name")


def fingerprint(document: Document) -> str:
    """SHA-256, in hex, over all that requests and the reading of their answers depend on.

    Left out are the words of the listing and of the form, the pace, and the error rules: a rule only names an answer
    that was a fault anyway, and what a rule says to ignore does not count as tested (evidence.py). Raises pydantic's
    ValidationError for what is no document.
    """
    shaped: dict[str, Any] = Integration.model_validate(document).model_dump(mode="json", exclude=set(_LISTING))
    for kind in ("custom_fields", "mapping_fields"):
        for field in shaped[kind]:
            for label in _LABELS:
                field.pop(label, None)
            for option in field["options"]:
                option.pop("label")
    for endpoint in shaped["endpoints"].values():
        if endpoint is not None:
            endpoint.pop("errors")
    text = json.dumps(shaped, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
