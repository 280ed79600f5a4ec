"""A reviewer runs the tests of a submission: the same cohorts and the same engine, with the partner's test account."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.errors import PortalError
from core.integration import Integration
from core.portal import Run
from core.portal.review.fingerprint import fingerprint
from core.portal.review.review_runs import release_under_test, start_review_run
from core.portal.test_runs import RunOrder
from core.request import Cohort, Connection, with_stand_ins
from core.sync import SyncPlan
from core.template import ValueFault
from pages.parts.acting import org, person, runner, store
from pages.parts.review.opened import Opened
from pages.parts.run_parts import OUTCOMES, ago, show_deliveries, show_errors, show_numbers
from pages.parts.testing import launch, look
from pages.parts.testing.change_view import show_change
from pages.parts.testing.cohort_panel import Chosen, choose_cohort
from pages.parts.testing.cohort_view import show_coverage
from pages.parts.testing.plan_view import show_calls, show_sum
from pages.parts.text import md

_PURPOSE = "review"
_COHORT = Cohort(id="review", name="Review", url="")


@dataclass(frozen=True)
class _Planned:
    order: RunOrder
    plans: list[tuple[str, SyncPlan]]


def show(opened: Opened) -> None:
    """The cohort and the run beside each other, and below them the last run in full."""
    look.apply()
    try:
        integration, account = release_under_test(store(), person(), opened.id, opened.release.number)
    except PortalError as error:
        st.error(md(str(error)), icon=":material/error:")
        return
    account = account.model_copy(update={"cohort": _COHORT})
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="test_cohort"):
        st.header("1 Cohort", anchor=False)
        chosen = choose_cohort(integration, lambda: account)
        if chosen is not None:
            show_change(chosen[0])
            show_coverage(chosen[2])
    with right, st.container(border=True, key="test_run"):
        st.header("2 Run", anchor=False)
        if chosen is None:
            st.caption("Choose a cohort to see what would be sent.")
        else:
            _run_panel(opened, integration, chosen)
    _last_run(opened)


def _run_panel(opened: Opened, integration: Integration, chosen: Chosen) -> None:
    loaded, connection, _, files = chosen
    options = launch.choose(integration, loaded, connection, files, own="Partner's endpoint")
    try:
        planned = _plan(opened, integration, connection, chosen, options)
    except (PortalError, ValueFault) as error:
        st.error(md(str(error)), icon=":material/error:")
        return
    show_sum(planned.plans)
    if not options.in_sandbox:
        st.caption("This sends real requests to the partner's endpoints, with the test account.")
    running = any(run.state == "running" for run in store().review_runs(person(), opened.id, 1))
    empty = not any(plan.requests for _, plan in planned.plans)
    if st.button(
        "Running" if running else "Run end to end", key="review_run_start", icon=":material/play_arrow:",
        width="stretch", disabled=running or empty,
    ):  # fmt: skip
        try:
            start_review_run(runner(), store(), person(), opened.id, opened.release.number, planned.order)
        except PortalError as error:
            st.error(md(str(error)), icon=":material/error:")
            return
        st.rerun()
    show_calls(planned.plans)


def _plan(
    opened: Opened, integration: Integration, connection: Connection, chosen: Chosen, options: launch.Options
) -> _Planned:
    """What would be sent. In the sandbox, stand-ins take the place of what the test account lacks.

    Raises `PortalError` and `ValueFault` for what keeps requests from being rendered.
    """
    loaded = chosen[0]
    if options.in_sandbox:
        integration, connection, missing = with_stand_ins(integration, connection)
        if missing:
            names = ", ".join(field.display_name or field.variable for field in missing)
            st.caption(f"The test account lacks these, so the sandbox gets stand-ins: {md(names)}.")
    built = launch.builder(integration, connection, loaded, options, purpose=_PURPOSE)
    plans = launch.plans(built, loaded, options)
    notes = {"release": opened.release.number, "fingerprint": fingerprint(opened.release.document)}
    return _Planned(launch.order(integration, built, loaded, plans, options, notes, purpose=_PURPOSE), plans)


def _last_run(opened: Opened) -> None:
    latest = next(iter(store().review_runs(person(), opened.id, 1)), None)
    if latest is None:
        return
    running = latest.state == "running"

    @st.fragment(run_every="1s" if running else None)
    def live() -> None:
        run = store().get_run(org(), latest.id)
        if running and run.state != "running":
            st.rerun()
        with st.container(border=True, key="test_outcome"):
            _show(run)

    live()


def _show(run: Run) -> None:
    word, colour = OUTCOMES.get(run.state, (run.state, "gray"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Last run of the review team", anchor=False, width="content")
        st.badge(word, color=colour)
        target = "sandbox" if run.summary.get("target") == "sandbox" else "partner's endpoint"
        release = f"release {run.summary['release']} · " if run.summary.get("release") else ""
        st.caption(f"{release}{target} · {ago(run.created_at)}", width="content")
    if run.summary.get("fault"):
        st.error(md(run.summary["fault"]))
    show_numbers(run.summary)
    show_errors(run.summary)
    _proof(run)
    show_deliveries(run)


def _proof(run: Run) -> None:
    proof = run.summary.get("proof")
    if not proof:
        return
    text = f"The destination holds **{proof['holds']:,}** users; the snapshot has **{proof['expected']:,}**."
    if proof["equal"]:
        st.success(f"{text} They are the same.", icon=":material/verified:")
    else:
        st.error(f"{text} They differ.", icon=":material/error:")
