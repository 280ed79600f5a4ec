"""Where a test run goes, its plan, and the button that starts it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.destination import Faults, Proof, Sandbox, prove
from core.errors import PortalError
from core.integration import Integration
from core.portal.review.fingerprint import fingerprint
from core.portal.test_runs import RunOrder, Step
from core.request import Connection, RequestBuilder
from core.sync import TEST_DELAYS, Change, RetrySchedule, SyncPlan, plan
from core.sync.plan import guard
from pages.parts import sandbox as sandboxes
from pages.parts.acting import org, runner, store
from pages.parts.draft import Draft
from pages.parts.testing.loaded import Loaded
from pages.parts.testing.plan_view import plural
from pages.parts.testing.source import Source
from pages.parts.text import md

PURPOSE = "runs"


@dataclass(frozen=True)
class Options:
    """What the user chose for the run. `names` are those of the first sync and of the one that follows."""

    destination: str
    begin_with_first: bool
    allow_removals: bool
    faults: Faults
    list_id: str | None
    names: tuple[str, str]

    @property
    def in_sandbox(self) -> bool:
        return self.destination == sandboxes.SANDBOX


def choose(
    integration: Integration, loaded: Loaded, connection: Connection, chosen: Source, *, own: str = sandboxes.OWN
) -> Options:
    """Draws the choices. `own` is what the partner's endpoint is called."""
    destination = st.segmented_control(
        "Where to",
        sandboxes.choices(),
        default=sandboxes.SANDBOX,
        format_func=lambda choice: own if choice == sandboxes.OWN else choice,
        required=True,
        key="run_destination",
        persist_state="session",
        width="stretch",
        help="The sandbox takes the shape of your integration, checks every request and keeps the users it is sent.",
    )
    names = (chosen.previous.name if chosen.previous else "", chosen.current.name)
    begin = loaded.first is not None and st.toggle(
        "Begin with a first sync of the snapshot before",
        value=True,
        key="run_begin_with_first",
        persist_state="session",
        help="Creates the list and adds everyone in it, as the destination would hold them; then sends what changed.",
    )
    list_id = None
    if loaded.first is not None and not begin and integration.endpoints.create_list is not None:
        default = "" if connection.list_id is None else str(connection.list_id)
        list_id = st.text_input("List id", value=default, key="run_list_id", help="Empty creates a new list.") or None
    withheld = guard(loaded.change)
    allowed = False
    if withheld is not None:
        st.warning(f"Removals are withheld. {md(withheld.reason)}")
        with st.expander(f"Who would be removed: the first {len(withheld.sample):,} of {withheld.members:,}"):
            rows = [{"User": key} for key in withheld.sample]
            st.dataframe(rows, hide_index=True, alt="Users who would be removed")
        allowed = st.checkbox(f"Send the {plural(withheld.members, 'removal')} all the same", key="run_allow_removals")
    faults = _faults() if destination == sandboxes.SANDBOX else Faults()
    return Options(destination, begin, allowed, faults, list_id, names)


def _faults() -> Faults:
    """The sandbox's misbehaviour, chosen by the user."""
    with st.expander("Make the sandbox misbehave", key="run_faults"):
        st.caption("Counted, not random: every n-th request or user. 0 is never.")
        left, right = st.columns(2)
        values = {
            "latency_ms": left.number_input("Latency, ms", 0, 10_000, 0, step=50, key="fault_latency"),
            "rate_limit_every": right.number_input("429 too many requests", 0, 1_000, 0, key="fault_429"),
            "error_500_every": left.number_input("500 server error", 0, 1_000, 0, key="fault_500"),
            "html_error_every": right.number_input("502 with HTML", 0, 1_000, 0, key="fault_502"),
            "drop_every": left.number_input("Dropped connection", 0, 1_000, 0, key="fault_drop"),
            "reject_every": right.number_input("User not accepted", 0, 100_000, 0, key="fault_reject"),
        }
        wrong = st.checkbox("List id where the integration does not look", key="fault_list_id")
    try:
        return Faults.model_validate({**values, "wrong_list_id_path": wrong})
    except ValidationError:
        return Faults()


def builder(
    integration: Integration, connection: Connection, loaded: Loaded, options: Options, *, purpose: str = PURPOSE
) -> RequestBuilder:
    """The builder for the chosen destination. Raises `DocumentError` for what keeps requests from being rendered.

    `purpose` tells the sandboxes of one integration apart.
    """
    columns = tuple(loaded.everybody.columns)
    connection = connection.model_copy(update={"list_id": None})
    aimed = sandboxes.target(integration, options.destination, connection=connection, purpose=purpose)
    return RequestBuilder(aimed, connection, columns=columns)


def plans(built: RequestBuilder, loaded: Loaded, options: Options) -> list[tuple[str, SyncPlan]]:
    """The plan of each sync, by name; kept until the integration, the connection or the cohort changes.

    Raises `DocumentError` and `ValueFault` as the builder does.
    """
    said = (built.integration.model_dump_json(), built.connection.model_dump_json(), loaded.token, repr(options))
    return _plans(hashlib.sha256("\0".join(said).encode()).hexdigest(), built, loaded, options)


@st.cache_resource(max_entries=16, ttl=3600, show_spinner="Working out what would be sent")
def _plans(token: str, _built: RequestBuilder, _loaded: Loaded, _options: Options) -> list[tuple[str, SyncPlan]]:
    allow = _options.allow_removals
    if _options.begin_with_first and _loaded.first is not None:
        first = plan(_built, _loaded.first, computed_time=0)
        rest = plan(_built, _loaded.change, list_id="LIST_ID", allow_removals=allow, computed_time=0)
        return [(f"First sync: {_options.names[0]}", first), (f"Then: {_options.names[1]}", rest)]
    only = plan(_built, _loaded.change, list_id=_options.list_id, allow_removals=allow, computed_time=0)
    return [(_options.names[1], only)]


def start_button(
    draft: Draft,
    integration: Integration,
    built: RequestBuilder,
    loaded: Loaded,
    planned: list[tuple[str, SyncPlan]],
    options: Options,
) -> None:
    """The page's primary button; greyed while a run goes or when there is nothing to send."""
    latest = store().latest_run(org(), draft.id)
    running = latest is not None and latest.state == "running"
    empty = not any(plan.requests for _, plan in planned)
    if not options.in_sandbox:
        st.caption(
            "This sends real requests to the URLs of your integration. A test tries a failed request "
            f"{len(TEST_DELAYS)} more times within seconds; a sync {draft.integration.delivery.max_retries} times, "
            "with longer and longer pauses."
        )
    pressed = st.button(
        "Running" if running else "Run end to end",
        type="primary",
        key="run_start",
        disabled=running or empty,
        width="stretch",
        icon=":material/play_arrow:",
    )
    if pressed:
        try:
            _start(draft, integration, built, loaded, planned, options)
        except PortalError as error:
            st.error(md(str(error)))
            return
        st.rerun()


def _start(
    draft: Draft,
    integration: Integration,
    built: RequestBuilder,
    loaded: Loaded,
    planned: list[tuple[str, SyncPlan]],
    options: Options,
) -> None:
    notes = {"revision": draft.stored.revision, "fingerprint": fingerprint(draft.document)}
    runner().start(org(), draft.id, order(integration, built, loaded, planned, options, notes))


def order(
    integration: Integration,
    built: RequestBuilder,
    loaded: Loaded,
    planned: list[tuple[str, SyncPlan]],
    options: Options,
    notes: dict[str, Any],
    *,
    purpose: str = PURPOSE,
) -> RunOrder:
    """What the runner is to carry out; `notes` go into the run's summary."""
    changes = [loaded.change]
    if options.begin_with_first and loaded.first is not None:
        changes = [loaded.first, loaded.change]
    steps = [
        Step(name, change, plan.requests, plan.members) for (name, plan), change in zip(planned, changes, strict=True)
    ]
    prepare = proof = None
    if options.in_sandbox:
        _, sandbox = sandboxes.open_sandbox(integration, built.connection, purpose)
        prepare = partial(_prepare, sandbox, options.faults, len(changes) == 2 or options.list_id is None)
        if loaded.change.in_snapshot and (len(changes) == 2 or loaded.first is None):
            members = Change(loaded.everybody, loaded.everybody.first(0), loaded.key)
            proof = partial(_prove, sandbox, integration, built.connection, members)
    return RunOrder(
        builder=built,
        steps=steps,
        list_id=options.list_id,
        allow_removals=options.allow_removals,
        schedule=RetrySchedule(TEST_DELAYS),
        policy=sandboxes.policy(options.destination),
        prepare=prepare,
        prove=proof,
        notes={"target": "sandbox" if options.in_sandbox else "own", **notes},
    )


def _prepare(sandbox: Sandbox, faults: Faults, empty: bool) -> None:
    """Not before the run is certain to begin: another one may be using the sandbox."""
    if empty:
        sandbox.reset()
    sandbox.faults = faults


def _prove(
    sandbox: Sandbox, integration: Integration, connection: Connection, members: Change, list_id: str | int | None
) -> Proof:
    return prove(sandbox, list_id, integration, connection, members)
