"""A document from outside (a file, an example, the demo) becomes a draft of an organisation."""

from __future__ import annotations

from core.integration import Integration
from core.integration.logo import Logo
from core.portal.names import copy_name
from core.portal.store import Store
from core.portal.stored import Stored
from core.request import Connection


def take_in(
    store: Store,
    org: str,
    integration: Integration,
    logo: Logo | None = None,
    settings: Connection | None = None,
) -> Stored:
    """Store a new draft with this document and logo, and settings to test it with. A display name that is taken gets
    the ending of a copy.

    Raises DocumentError for a document that JSON cannot hold (an infinite number).
    """
    document = integration.model_dump(mode="json")
    name = integration.display_name
    if store.name_taken(org, name):
        document["display_name"] = copy_name(name, lambda other: store.name_taken(org, other))
    stored = store.create_integration(org, document)
    if settings is not None:
        secret = [field.variable for field in integration.custom_fields if field.secret]
        store.save_test_settings(org, stored.id, settings.model_dump(mode="json", exclude={"cohort"}), secret)
    if logo is not None:
        store.set_logo(org, stored.id, logo.png)
        return store.get(org, stored.id)
    return stored
