"""The request that an endpoint would send for the sample users, or the sentence that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.errors import DocumentError
from core.integration import ALIASES, CreateListEndpoint, EndpointName, Integration, endpoints_of
from core.integration.variables import template_texts
from core.portal.projects import sample_users
from core.request import LIST_ID_PLACEHOLDER, BatchValues, Connection, RequestBuilder, key_column
from core.sync import Preview, preview
from core.template import ValueFault, names_in
from pages.parts.chosen_project import chosen_project
from pages.parts.configure import test_settings
from pages.parts.configure.test_settings import Settings

_STARTED = "testing_since"


@dataclass(frozen=True)
class Rendering:
    """What the right side shows of one endpoint. Without `preview`, `problem` says in a sentence what is in the way.

    `missing` are the required fields of the Connect form that are empty; the preview then shows stand-ins for them.
    """

    users: pd.DataFrame
    preview: Preview | None
    problem: str
    missing: tuple[str, ...]
    needs_list: bool


def sample(settings: Settings) -> pd.DataFrame:
    return sample_users(chosen_project(settings), settings["seed"])


def values_of(settings: Settings, *, started: int) -> BatchValues:
    list_id = settings["list_id"]
    return BatchValues(list_id=LIST_ID_PLACEHOLDER if list_id is None else list_id, computed_time=started)


def builder_of(integration: Integration, connection: Connection, users: pd.DataFrame) -> RequestBuilder:
    """Raises `DocumentError` when the form does not fit the integration."""
    return RequestBuilder(integration, connection, columns=tuple(users.columns))


def key_of(integration: Integration, connection: Connection, users: pd.DataFrame) -> str:
    """The column that names a user; the first one while there is no mapping field."""
    if not integration.mapping_fields:
        return str(users.columns[0])
    return key_column(integration, connection, tuple(users.columns))


def render(integration: Integration, settings: Settings, name: EndpointName, *, started: int) -> Rendering:
    users = sample(settings)
    connection = test_settings.connection_of(integration, settings)
    filled, missing = test_settings.with_stand_ins(integration, connection)
    needs_list = settings["list_id"] is None and _uses_list_id(integration, name)
    try:
        builder = builder_of(integration, filled, users)
        key = key_of(integration, filled, users)
        shown = preview(builder, name, users, key, values_of(settings, started=started))
    except DocumentError as error:
        if error.where in missing:
            return Rendering(users, None, f"Fill in {error.where} in the Connect form.", missing, needs_list)
        where = f"{error.where}: " if error.where else ""
        return Rendering(users, None, f"{where}{error.what} {error.remedy}".strip(), missing, needs_list)
    except ValueFault as fault:
        return Rendering(users, None, f"{fault.reason[0].upper()}{fault.reason[1:]}.", missing, needs_list)
    return Rendering(users, shown, "", missing, needs_list)


def _uses_list_id(integration: Integration, name: EndpointName) -> bool:
    """Whether the request waits for the id that list creation gives."""
    endpoint = endpoints_of(integration).get(name)
    if endpoint is None or isinstance(endpoint, CreateListEndpoint) or integration.endpoints.create_list is None:
        return False
    texts = template_texts(integration, name, endpoint)
    return any(ALIASES.get(written, written) == "list_id" for text in texts for written, _ in names_in(text.text))


def started_at(now: int) -> int:
    """When this session began to test, in Unix seconds: the time that its requests say they were computed."""
    started: int = st.session_state.setdefault(_STARTED, now)
    return started
