"""What changed between two snapshots of a cohort: who joined, who left, who stayed."""

from __future__ import annotations

import streamlit as st

from core.errors import CohortFileError
from core.portal.cohorts import CohortSnapshot
from pages.parts import moments
from pages.parts.acting import settings
from pages.parts.testing.change_view import show_change
from pages.parts.testing.loaded import load, shared_columns
from pages.parts.testing.source import CohortFile, Source
from pages.parts.text import md

MOST_ROWS = 3_000_000
"""Of the two together: more are not compared on a page that others use too."""


def show(kept: list[CohortSnapshot], *, dated: bool) -> None:
    """`kept`: at least two snapshots, the newest first; the newest two are compared unless others are chosen.

    `dated`: their names begin with the moment that they were taken.
    """
    zone = moments.reader_zone()
    titles = {one.id: one.name if dated else f"{moments.exact(one.taken_at, zone)} · {one.name}" for one in kept}
    left, right, by = st.columns(3)
    with right:
        later = st.selectbox("To", list(titles)[:-1], format_func=titles.__getitem__, key=f"change_to_{kept[0].id}")
    earlier = list(titles)[list(titles).index(later) + 1 :]
    with left:
        before = st.selectbox("From", earlier, format_func=titles.__getitem__, key=f"change_from_{later}")
    files = {one.id: one for one in kept}
    source = Source("snapshots", _file(files[later]), _file(files[before]))
    try:
        columns = shared_columns(source)
        with by:
            key = st.selectbox(
                "Members told apart by", columns, key="change_key", index=_likely_key(columns),
                help="The column that says who a member is; a sync uses the one that is mapped.",
            )  # fmt: skip
        if files[later].rows + files[before].rows > MOST_ROWS:
            st.info(f"Together these have more than {MOST_ROWS:,} rows; a sync compares them, this page does not.")
            return
        show_change(load(source, key))
    except (CohortFileError, OSError) as error:
        told = str(error) if isinstance(error, CohortFileError) else "The file of a snapshot is gone."
        st.error(md(told), icon=":material/error:")


def _file(snapshot: CohortSnapshot) -> CohortFile:
    return CohortFile(snapshot.name, snapshot.path(settings()))


def _likely_key(columns: tuple[str, ...]) -> int:
    named = [at for at, column in enumerate(columns) if column.lower() in ("user_id", "userid", "id")]
    return named[0] if named else 0
