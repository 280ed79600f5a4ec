"""One sync: how it stands, what is next, and every run with what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import NotFoundError, PortalError
from core.portal.syncs import manage
from core.portal.syncs.history import run_lines
from core.portal.syncs.overview import SyncView, view_of
from core.portal.syncs.preparing import list_in_doubt
from pages.parts import guide, mark, moments
from pages.parts.acting import admit, org, person, settings, store
from pages.parts.destination.look import mark_of
from pages.parts.run_parts import results_of
from pages.parts.syncs.errors import show_errors_of
from pages.parts.syncs.history import show_history
from pages.parts.syncs.words import CADENCES, SOON, next_run, standing
from pages.parts.text import md

STYLE = """
.st-key-sync_header { column-gap: 1rem; row-gap: 0.5rem; padding-bottom: 0.75rem;
    border-bottom: 1px solid light-dark(#e3e4e8, #3b3a37); }
.st-key-sync_header img { border-radius: 0.25rem; display: block; }
.st-key-sync_header h1 { font-size: 1.375rem; line-height: 1.3; padding: 0; overflow-wrap: anywhere; }
.st-key-sync_header a { padding: 0; }
.st-key-sync_facts { column-gap: 2.5rem; row-gap: 0.5rem; }
.st-key-sync_facts > * { width: auto; }
[class*="st-key-fact_"] { gap: 0; width: auto; }
[class*="st-key-fact_"] time { font-size: 1rem !important; color: inherit !important; line-height: 1.6; }
.st-key-withheld { border-left: 3px solid light-dark(#b7791f, #ffb86b); }
:is(.st-key-run_detail, .st-key-error_detail) h3 { font-size: 1.125rem; padding: 0; }
"""


def _do(act: str) -> None:
    """Carries out what a button says; what is refused is said at the top of the page."""
    sync_id = st.query_params.get("id", "")
    try:
        if act == "now":
            manage.sync_now(store(), person(), sync_id)
        elif act == "allow":
            manage.sync_now(store(), person(), sync_id, allow_removals=True)
        elif act == "create_again":
            manage.sync_now(store(), person(), sync_id, create_again=True)
        elif act == "list_id":
            manage.sync_now(store(), person(), sync_id, list_id=st.session_state.get("known_list_id", "").strip())
        elif act == "pause":
            manage.pause(store(), person(), sync_id)
        elif act == "resume":
            manage.resume(store(), person(), sync_id)
        elif act == "cadence":
            manage.set_cadence(store(), person(), sync_id, st.session_state[f"cadence-{sync_id}"])
        elif act == "delete":
            manage.delete_sync(store(), settings(), person(), sync_id)
            st.session_state["sync_deleted"] = True
    except PortalError as error:
        st.session_state["sync_refused"] = str(error)


def _header(view: SyncView) -> None:
    sync = view.sync
    name = view.destination.name if view.destination else "a destination that is no longer released"
    with st.container(key="sync_header", horizontal=True, vertical_alignment="center"):
        st.page_link("syncs.py", label="Syncs", icon=":material/arrow_back:")
        st.image(mark_of(view.destination) if view.destination else mark.initials_mark("?"), width=36, alt="")
        st.title(f"{md(view.cohort.name)} → {md(name)}", anchor=False, width="content")
        word, colour = standing(view)
        st.badge(word, color=colour)
        st.space("stretch")
        if sync.paused:
            st.button("Resume", key="resume", icon=":material/play_arrow:", on_click=_do, args=("resume",))
        else:
            st.button("Pause", key="pause", icon=":material/pause:", on_click=_do, args=("pause",))
        st.button(
            "Sync now", key="sync_now", type="secondary" if _withheld(view) else "primary",
            icon=":material/sync:", on_click=_do, args=("now",),
            disabled=view.running or sync.wish is not None,
        )  # fmt: skip


def _fact(name: str, text: str) -> None:
    with st.container(key=f"fact_{name.lower().replace(' ', '_')}"):
        st.caption(name)
        st.markdown(text)


def _facts(view: SyncView) -> None:
    with st.container(key="sync_facts", horizontal=True):
        _fact("Cadence", CADENCES[view.sync.cadence])
        _fact("Next run", next_run(view))
        if view.run is not None:
            with st.container(key="fact_last"):
                st.caption("Last run")
                moments.show(view.run.created_at)
        _fact("Connection", md(view.connection.name))
        if view.connection.target == "sandbox":
            _fact("Goes to", "the sandbox")
        list_id = view.run.summary.get("list_id") if view.run else None
        if list_id is not None:
            _fact("List id", f"`{md(str(list_id)).replace('`', '')}`")
        _fact("Made by", md(view.sync.created_by))


def _progress(view: SyncView) -> None:
    """While a run goes: how far it is, redrawn each second, and the way to end it."""
    assert view.run is not None  # noqa: S101 - asked for a running sync only
    run_id = view.run.id

    def live() -> None:
        run = store().get_run(org(), run_id)
        if run.state != "running":
            st.rerun()
        total, sent = max(1, run.summary.get("members", 0)), run.summary.get("sent_members", 0)
        st.progress(min(1.0, sent / total), text=_sent(run.summary))
        if run.stop_wanted:
            st.caption("Ending after the requests in flight.")
        else:
            st.button(
                "Stop", key="stop_run", icon=":material/stop_circle:", on_click=manage.stop_run,
                args=(store(), person(), run_id),
            )  # fmt: skip

    st.fragment(live, run_every="1s")()


def _sent(summary: dict[str, Any]) -> str:
    members = summary.get("members", 0)
    return f"{summary.get('sent_members', 0):,} of {members:,} users sent" if members else "Comparing the snapshots"


def _rerun_when_moved(before: SyncView) -> None:
    """Draws the page anew as soon as a run has begun, or the next one is due at another time."""
    newest = next(iter(store().list_sync_runs(org(), before.sync.id, limit=1)), None)
    begun = newest is not None and (before.run is None or newest.id != before.run.id)
    try:
        moved = store().get_sync(org(), before.sync.id).next_at != before.sync.next_at
    except NotFoundError:  # deleted in another window
        moved = True
    if begun or moved:
        st.rerun()


def _withheld(view: SyncView) -> dict[str, Any] | None:
    """What the last run came to, when removals of it wait to be allowed."""
    if view.run is None or view.running or view.sync.wish is not None:
        return None
    return next((result for result in results_of(view.run.summary) if result.get("withheld")), None)


def _waiting(view: SyncView) -> None:
    """What the last run left for somebody to decide."""
    withheld = _withheld(view)
    if withheld:
        with st.container(border=True, key="withheld"):
            removals = "One removal waits" if withheld["withheld"] == 1 else f"{withheld['withheld']:,} removals wait"
            went = " Additions went out." if withheld["added"] else ""
            st.markdown(f"**{removals} for your yes.**{went} Until then nobody is removed.")
            names = withheld.get("withheld_members") or []
            if names:
                more = "" if len(names) >= withheld["withheld"] else f" and {withheld['withheld'] - len(names):,} more"
                with st.expander("Who would be removed"):
                    st.text(f"{', '.join(map(str, names))}{more}")
            st.button(
                "Allow the removals and sync now", type="primary", key="allow_removals", on_click=_do, args=("allow",)
            )
    if not view.running and view.sync.wish is None and list_in_doubt(settings(), view.sync.id):
        with st.container(border=True, key="doubt"):
            st.markdown(
                "**A list may have been created, but its answer was lost.** Look at the destination: is it there?"
            )
            st.text_input("Id of the list that is there", key="known_list_id")
            with st.container(horizontal=True):
                st.button("Use this list", key="use_list", on_click=_do, args=("list_id",))
                st.button("It is not there: create it again", key="again", on_click=_do, args=("create_again",))


def _cadence(view: SyncView) -> None:
    st.segmented_control(
        "How often", list(CADENCES), default=view.sync.cadence, required=True, format_func=CADENCES.__getitem__,
        key=f"cadence-{view.sync.id}", on_change=_do, args=("cadence",),
    )  # fmt: skip
    st.caption(f"Next run: {next_run(view)}. Runs that were missed are made up for by one.")
    st.caption(f"Runs are kept for {settings().history_days} days.")
    with st.expander("Delete this sync"):
        st.markdown(
            "Its history goes, and so does what it knows of the destination's membership. "
            "The users stay at the destination."
        )
        st.button("Delete the sync", key="delete_sync", on_click=_do, args=("delete",))


admit("connect")
if st.session_state.pop("sync_deleted", False):
    st.switch_page("syncs.py")
st.html(f"<style>{STYLE}</style>")
mark.apply_style()
try:
    view = view_of(store(), person(), st.query_params.get("id", ""))
except NotFoundError:
    with st.container(border=True):
        st.header("There is no such sync", anchor=False)
        st.write("It may have been deleted, or the address names none of yours.")
        st.page_link("syncs.py", label="Go to your syncs", icon=":material/arrow_back:")
    st.stop()
_header(view)
refused = st.session_state.pop("sync_refused", "")
if refused:
    st.error(md(refused))
_facts(view)
if view.running:
    _progress(view)
else:
    soon = next_run(view) == SOON
    if soon:
        st.caption("A run begins within seconds.")
    st.fragment(lambda: _rerun_when_moved(view), run_every="1s" if soon else "15s")()
_waiting(view)
lines = run_lines(store(), person(), view.sync.id)
history, errors, cadence = st.tabs(["History", "Errors", "Cadence"], key=f"tabs-{view.sync.id}", on_change="rerun")
if history.open:
    with history:
        show_history(view.sync.id, lines)
if errors.open:
    with errors:
        show_errors_of(view.sync.id, lines)
if cadence.open:
    with cadence:
        _cadence(view)
guide.link("sync", "How syncs work")
