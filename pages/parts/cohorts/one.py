"""One cohort: what it holds now, the way to its next snapshot, those it had, and what changed between two of them."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.portal.cohorts import Cohort, CohortSnapshot, desk
from core.portal.cohorts.folder import scan_cohort
from core.portal.uploads import MAX_BYTES
from pages.parts import moments
from pages.parts.acting import org, person, settings, store
from pages.parts.cohorts import changes
from pages.parts.cohorts.adding import FILE_TYPES, start_fetch
from pages.parts.cohorts.words import errands, rows_of, size_of, source_of
from pages.parts.syncs import new
from pages.parts.text import md

_ASKED = "delete_cohort"
_SAID = "cohort_said"
_REFUSED = "refused_snapshot"
_STYLE = """
.st-key-page_identity a, .st-key-page_identity a:hover { background: none; }
@media (max-width: 640px) { .st-key-page_header > :has(> .st-key-page_identity) { flex-basis: 100%; } }
.st-key-cohort_facts { gap: 0.25rem 1.25rem; }
.st-key-cohort_facts p, .st-key-cohort_facts [data-testid="stCaptionContainer"] { margin: 0; }
.st-key-cohort_facts [data-testid="stMarkdownContainer"], .st-key-cohort_facts [data-testid="stCaptionContainer"] {
    margin-bottom: 0;
}
.st-key-cohort_page h2 { font-size: 1.125rem; padding: 0.5rem 0 0.25rem; }
.st-key-cohort_upload { max-width: 46rem; }
.st-key-confirm_delete_cohort button, .st-key-confirm_delete_cohort button p { color: #ffffff; }
.st-key-confirm_delete_cohort button { background: #b3261e; border-color: #b3261e; }
.st-key-confirm_delete_cohort button:hover { background: #8f1d17; border-color: #8f1d17; }
"""


def show(cohort: Cohort) -> None:
    st.html(f"<style>{_STYLE}</style>")
    kept = store().list_snapshots(org(), cohort.id)
    _header(cohort, kept)
    with st.container(key="cohort_page"):
        _news(cohort)
        if cohort.kind == "upload":
            _upload(cohort, first=not kept)
        if kept:
            st.header("Snapshots", anchor=False)
            _table(kept, cohort)
        if len(kept) > 1:
            st.header("What changed", anchor=False)
            changes.show(kept, dated=cohort.kind == "folder")
    if st.session_state.get(_ASKED) == cohort.id:
        _delete(cohort)


def _header(cohort: Cohort, kept: list[CohortSnapshot]) -> None:
    with st.container(key="page_header", horizontal=True, vertical_alignment="center"):
        with st.container(key="page_identity", horizontal=True, vertical_alignment="center", width="stretch"):
            st.page_link("cohorts.py", label="Cohorts")
            st.title(md(cohort.name), anchor=False, width="content")
        if cohort.kind == "folder":
            st.button("Look for files now", key="scan_now", icon=":material/refresh:", on_click=_scan, args=(cohort,))
        elif cohort.kind == "platform":
            st.button(
                "Fetch now", key="fetch_now", icon=":material/cloud_download:", disabled=errands().is_going(cohort.id),
                on_click=start_fetch, args=(cohort,),
            )  # fmt: skip
        if (kept or cohort.kind != "upload") and st.button(
            "Sync this cohort", key="sync_cohort", icon=":material/sync:"
        ):
            new.start_from(cohort_id=cohort.id)
        with st.popover("Edit", key="edit_cohort", icon=":material/edit:"):
            name = st.text_input("Name", cohort.name, key=f"rename_{cohort.id}")
            amp_id = st.text_input(
                "Cohort ID", cohort.amp_id, key=f"amp_id_{cohort.id}", disabled=cohort.kind == "platform",
                help="Requests carry it as \\$amp_cohort_id.",
            )  # fmt: skip
            if st.button("Save", key="save_cohort", type="primary"):
                _rename(cohort, name, amp_id)
            st.button("Delete cohort", key="ask_delete", icon=":material/delete:", on_click=_ask, args=(cohort.id,))
    with st.container(key="cohort_facts", horizontal=True, vertical_alignment="center"):
        st.markdown(f"`{cohort.amp_id.replace('`', '')}`", width="content")
        st.caption(md(source_of(cohort)), width="content")
        st.caption(md(store().get_project(org(), cohort.project_id).title), width="content")
        if kept:
            st.caption(rows_of(kept[0]), width="content")
            moments.show(kept[0].taken_at, "As of ")


def _news(cohort: Cohort) -> None:
    """What the last action said, what is under way, what is wrong."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(said)
    if errands().is_going(cohort.id):
        _waiting(cohort.id)
        return
    trouble = errands().trouble(cohort.id) or cohort.fault
    if trouble:
        st.warning(md(trouble), icon=":material/warning:")
    elif cohort.kind != "upload" and not store().list_snapshots(org(), cohort.id):
        where = "A file that is put into the folder is read within a minute." if cohort.kind == "folder" else ""
        st.info(where or "Nothing was fetched yet. A sync fetches the cohort before it runs; or fetch it now.")


@st.fragment(run_every="1s")
def _waiting(cohort_id: str) -> None:
    if not errands().is_going(cohort_id):
        st.rerun()
    st.info(
        "Amplitude makes the file, which takes a minute or several. You can leave this page meanwhile.",
        icon=":material/hourglass_top:",
    )


def _upload(cohort: Cohort, *, first: bool) -> None:
    number = st.session_state.setdefault("cohort_uploads_done", 0)
    with st.container(key="cohort_upload"):
        file = st.file_uploader(
            "First snapshot" if first else "Next snapshot", type=FILE_TYPES, max_upload_size=MAX_BYTES >> 20,
            key=f"snapshot_{cohort.id}_{number}",
            help="Everybody who is in the cohort now: one row per member, one column per user property.",
        )  # fmt: skip
    if file is None:
        return
    refused = st.session_state.get(_REFUSED, {})
    if refused.get("file") == file.file_id:
        st.error(md(refused["said"]), icon=":material/error:")
        return
    try:
        with st.spinner("Reading the file"):
            made = desk.upload_snapshot(store(), settings(), person(), cohort.id, file.name, file)
    except PortalError as error:
        st.session_state[_REFUSED] = {"file": file.file_id, "said": str(error)}
        st.rerun()
    st.session_state["cohort_uploads_done"] = number + 1
    same = "These are the same members as before; nothing was added."
    st.session_state[_SAID] = same if made is None else f"Added {md(made.name)}: {rows_of(made)}."
    st.rerun()


def _table(kept: list[CohortSnapshot], cohort: Cohort) -> None:
    """In a watched folder a date is one of UTC, and shown as that: elsewhere it could be the day before."""
    dated = cohort.kind == "folder"
    taken = "Taken (UTC)" if dated else "Taken"
    rows = [
        {
            taken: one.taken_at,
            "File": one.name,
            "Rows": one.rows,
            "Size": size_of(one),
            "Columns": ", ".join(one.columns),
            **({} if cohort.kind == "upload" else {"Received": one.received_at}),
        }
        for one in kept
    ]
    moment = "D MMM YYYY, HH:mm"
    zone = str(moments.reader_zone())
    st.dataframe(
        rows,
        hide_index=True,
        alt="Snapshots of the cohort, the newest first",
        column_config={
            taken: st.column_config.DatetimeColumn(format=moment, timezone="UTC" if dated else zone),
            "Received": st.column_config.DatetimeColumn(format=moment, timezone=zone),
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Columns": st.column_config.TextColumn(width="large"),
        },
    )


def _scan(cohort: Cohort) -> None:
    made = scan_cohort(store(), settings(), cohort)
    count = f"{len(made)} new snapshot{'s' * (len(made) != 1)}."
    st.session_state[_SAID] = count if made else "There is nothing new in the folder."


def _rename(cohort: Cohort, name: str, amp_id: str) -> None:
    try:
        desk.rename(store(), person(), cohort.id, name, amp_id)
    except PortalError as error:
        st.error(md(str(error)))
    else:
        st.rerun()


def _ask(cohort_id: str) -> None:
    st.session_state[_ASKED] = cohort_id


def _close() -> None:
    st.session_state.pop(_ASKED, None)


@st.dialog("Delete this cohort?", on_dismiss=_close)
def _delete(cohort: Cohort) -> None:
    st.markdown(f"**{md(cohort.name)}** goes with its snapshots. This cannot be undone.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="cancel_delete_cohort"):
            _close()
            st.rerun()
        if st.button("Delete", key="confirm_delete_cohort", type="primary"):
            try:
                desk.delete(store(), settings(), person(), cohort.id)
            except PortalError as error:
                st.error(md(str(error)))
                return
            _close()
            st.switch_page("cohorts.py")
