"""What a customer does with a connection: fill in the form, change it, mend it after a new release, delete it."""

from __future__ import annotations

from core.errors import ConflictError, InputError
from core.integration import Integration
from core.portal.customers.connections import CustomerConnection, Target
from core.portal.customers.destinations import get_destination
from core.portal.people import Person
from core.portal.store import Store
from core.request import Connection, ConnectionProblem, problems_of
from core.request.connection import mapped_column

NAME = ""
"""The `variable` of a problem with the connection's name, which no field of an integration has."""
_NAME_LENGTH = 120


class FormError(InputError):
    """A Connect form that cannot be saved as it is filled in; `problems` has every fault of it."""

    def __init__(self, problems: tuple[ConnectionProblem, ...]) -> None:
        self.problems = problems
        count = "One field of the form needs" if len(problems) == 1 else f"{len(problems)} fields of the form need"
        super().__init__(f"{count} your attention.", where=problems[0].title, remedy=problems[0].message)


def connect(
    store: Store,
    person: Person,
    integration_id: str,
    project_id: str,
    form: Connection,
    *,
    target: Target = "destination",
) -> CustomerConnection:
    """Save a filled-in Connect form as a new connection of the person's organisation.

    Defaults of the form are saved as if they had been typed, so that a later release cannot change what the customer
    saw. Raises FormError, InputError for a taken name, NotFoundError for a destination that is not there for this
    organisation or a project of another, ConflictError for a deprecated destination, ForbiddenError.
    """
    store.demand(person, "connect")
    destination = get_destination(store, person, integration_id)
    if destination.deprecated:
        raise ConflictError(
            f"{destination.name} is deprecated: it takes no new connections.", remedy="Those there are go on."
        )
    columns = properties_of(store, person, project_id)
    form = _settled(destination.integration, form, columns)
    _refuse_problems(destination.integration, form, columns)
    return store.create_connection(
        person.org_id,
        project_id,
        integration_id,
        form,
        secret_fields(destination.integration),
        target=target,
        created_by=person.name,
    )


def change(store: Store, person: Person, connection_id: str, form: Connection) -> CustomerConnection:
    """Save a connection's form again. A saved secret that the form does not name keeps its value; "" forgets it.

    Raises FormError, InputError for a taken name, NotFoundError.
    """
    store.demand(person, "connect")
    saved = store.get_connection(person.org_id, connection_id)
    integration = get_destination(store, person, saved.integration_id).integration
    columns = properties_of(store, person, saved.project_id)
    whole = whole_form(store, saved, integration, form)
    settled = _settled(integration, whole, columns)
    _refuse_problems(integration, settled, columns)
    untouched = saved.secrets - form.fields.keys()
    fields = {name: value for name, value in settled.fields.items() if name not in untouched}
    secrets = secret_fields(integration) | saved.secrets
    return store.update_connection(person.org_id, connection_id, settled.model_copy(update={"fields": fields}), secrets)


def judge(
    store: Store,
    person: Person,
    integration: Integration,
    project_id: str,
    form: Connection,
    saved: CustomerConnection | None = None,
) -> tuple[ConnectionProblem, ...]:
    """What keeps a form from being saved as it stands, field by field; `saved` is the connection that it changes."""
    store.demand(person, "connect")
    whole = form if saved is None else whole_form(store, saved, integration, form)
    columns = properties_of(store, person, project_id)
    return _faults(integration, _settled(integration, whole, columns), columns)


def disconnect(store: Store, person: Person, connection_id: str) -> None:
    """Delete a connection. Raises NotFoundError, ConflictError while syncs use it."""
    store.demand(person, "connect")
    store.delete_connection(person.org_id, connection_id)


def properties_of(store: Store, person: Person, project_id: str) -> tuple[str, ...]:
    """The user properties that mappings are chosen from: the columns of the newest snapshots of the project's cohorts,
    each once; none while there is no snapshot. Raises NotFoundError.
    """
    store.get_project(person.org_id, project_id)
    return _columns(store, person.org_id, project_id)


def secret_fields(integration: Integration) -> frozenset[str]:
    return frozenset(field.variable for field in integration.custom_fields if field.secret)


def hidden_fields(saved: CustomerConnection, integration: Integration) -> frozenset[str]:
    """The fields whose saved values no page shows: sealed, or only now made secret by a release."""
    now_secret = secret_fields(integration) & saved.settings.fields.keys()
    return saved.secrets | now_secret


def shown_form(saved: CustomerConnection, integration: Integration) -> Connection:
    """What a page may put into the form of a saved connection: no hidden field's value."""
    hidden = hidden_fields(saved, integration)
    shown = {name: value for name, value in saved.settings.fields.items() if name not in hidden}
    return _known(integration, saved.settings.model_copy(update={"fields": shown}))


def whole_form(store: Store, saved: CustomerConnection, integration: Integration, form: Connection) -> Connection:
    """A form with the hidden values that it does not name, in plain text: to judge it or to try it, never to show."""
    plain = store.connection_settings(saved.org_id, saved.id).fields
    hidden = hidden_fields(saved, integration) & plain.keys()
    return form.model_copy(update={"fields": {**{name: plain[name] for name in hidden}, **form.fields}})


def usable_settings(store: Store, org: str, connection_id: str, integration: Integration) -> Connection:
    """A connection's settings for a run with `integration`, secrets in plain text: what the integration has no field
    for is left out, so that a release that drops a field stops nobody. Raises NotFoundError.
    """
    return _known(integration, store.connection_settings(org, connection_id))


def needs_attention(store: Store, saved: CustomerConnection, integration: Integration) -> tuple[ConnectionProblem, ...]:
    """What has to be filled in or chosen anew before the connection fits the integration as it is released now.

    Mappings are judged by the properties of the project's cohorts, as far as there are cohorts.
    """
    settings = usable_settings(store, saved.org_id, saved.id, integration)
    return _problems(integration, settings, _columns(store, saved.org_id, saved.project_id))


def _columns(store: Store, org: str, project_id: str) -> tuple[str, ...]:
    newest = store.newest_snapshots(org)
    cohorts = [cohort.id for cohort in store.list_cohorts(org, project_id) if cohort.id in newest]
    return tuple(dict.fromkeys(column for cohort in cohorts for column in newest[cohort].columns))


def _known(integration: Integration, settings: Connection) -> Connection:
    fields = {field.variable for field in integration.custom_fields}
    mappings = {field.variable for field in integration.mapping_fields}
    return settings.model_copy(
        update={
            "fields": {name: value for name, value in settings.fields.items() if name in fields},
            "mappings": {name: column for name, column in settings.mappings.items() if name in mappings},
        }
    )


def _settled(integration: Integration, form: Connection, columns: tuple[str, ...]) -> Connection:
    """The form as it is saved: texts without the blanks that pasting brings, defaults written out."""
    form = _known(integration, form)
    fields = {name: value.strip() if isinstance(value, str) else value for name, value in form.fields.items()}
    for field in integration.custom_fields:
        if field.default and fields.get(field.variable) in (None, ""):
            fields[field.variable] = field.default
    mappings = {field.variable: mapped_column(field, form, columns) for field in integration.mapping_fields}
    return form.model_copy(update={"name": " ".join(form.name.split()), "fields": fields, "mappings": mappings})


def _refuse_problems(integration: Integration, form: Connection, columns: tuple[str, ...]) -> None:
    faults = _faults(integration, form, columns)
    if faults:
        raise FormError(faults)


def _faults(integration: Integration, form: Connection, columns: tuple[str, ...]) -> tuple[ConnectionProblem, ...]:
    problems = _problems(integration, form, columns)
    if not form.name:
        return (ConnectionProblem(NAME, "Name", "Give the connection a name."), *problems)
    if len(form.name) > _NAME_LENGTH:
        return (ConnectionProblem(NAME, "Name", f"Take a name of at most {_NAME_LENGTH} characters."), *problems)
    return problems


def _problems(
    integration: Integration, settings: Connection, columns: tuple[str, ...]
) -> tuple[ConnectionProblem, ...]:
    if columns:
        return problems_of(integration, settings, columns)
    unmapped = [
        ConnectionProblem(field.variable, field.display_name or field.variable, "Name the user property that feeds it.")
        for field in integration.mapping_fields
        if field.required and mapped_column(field, settings, ()) is None
    ]
    return (*problems_of(integration, settings), *unmapped)
