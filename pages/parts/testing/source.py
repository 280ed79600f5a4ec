"""Where the cohort of a test comes from: a sample, two snapshots, an operations file, or made-up users."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
import streamlit as st

from core.cohort import generate_users
from core.errors import CohortFileError
from core.integration import Integration
from core.portal.uploads import MAX_BYTES, clear_old_uploads, keep_upload
from pages.parts.acting import settings
from pages.parts.text import md

SAMPLES = Path(__file__).resolve().parents[3] / "sample_cohorts"
FILE_TYPES = ["csv", "tsv", "txt", "gz", "parquet"]

_SIZES = {
    "Small · about 20 members": ("small", "csv", 3),
    "Middle · about 1,000": ("middle", "csv", 3),
    "Large · about 50,000": ("large", "csv.gz", 2),
}
_REMEMBERED = "cohort_uploads"


@dataclass(frozen=True)
class CohortFile:
    """A file on disk and what the user knows it by."""

    name: str
    path: Path


@dataclass(frozen=True)
class Source:
    """`previous` is None for a first sync; `kind` says whether `current` is a snapshot or holds operations."""

    kind: Literal["snapshots", "operations"]
    current: CohortFile
    previous: CohortFile | None = None


def choose(integration: Integration) -> Source | None:
    """Draws the choice; None while there is no file yet."""
    kind = st.segmented_control(
        "Where the cohort comes from",
        ["Sample", "Snapshots", "Operations", "Generated"],
        default="Sample",
        required=True,
        key="cohort_source",
        label_visibility="collapsed",
        persist_state="session",
        width="stretch",
    )
    if kind == "Snapshots":
        return _uploaded_snapshots()
    if kind == "Operations":
        return _uploaded_operations()
    if kind == "Generated":
        return _generated(integration)
    return _sample()


def _sample() -> Source:
    size = st.selectbox("Sample cohort", list(_SIZES), key="sample_size", persist_state="session")
    folder, ending, days = _SIZES[size]
    options = ["Day 1, a first sync", *(f"Day {day - 1} to day {day}" for day in range(2, days + 1))]
    choice = st.selectbox("Days", options, index=1, key="sample_days", persist_state="session")
    day = options.index(choice) + 1
    files = [
        CohortFile(f"{folder}/day-{at}.{ending}", SAMPLES / folder / f"day-{at}.{ending}")
        for at in (day - 1, day)
        if at
    ]
    return Source("snapshots", files[-1], files[0] if len(files) > 1 else None)


def _uploaded_snapshots() -> Source | None:
    previous = _upload("The snapshot before", "previous", "Leave it empty for a first sync.")
    current = _upload("The snapshot now", "current", "One row per user, one column per property.")
    if current is None:
        st.caption("Upload the snapshot now; with the one before, you see what changed between the two.")
        return None
    return Source("snapshots", current, previous)


def _uploaded_operations() -> Source | None:
    current = _upload("Operations file", "operations", "A column operation with add or remove in every row.")
    sample = SAMPLES / "operations.csv"
    if current is None:
        st.caption("Columns: operation, and one for each variable you use. Begin with the example if you like.")
        with st.container(horizontal=True):
            st.download_button(
                "Download the example", sample.read_bytes(), "operations.csv", "text/csv", on_click="ignore"
            )
            if st.button("Use the example"):
                _remember("operations", CohortFile("operations.csv", sample))
                st.rerun()
        return None
    return Source("operations", current)


def _upload(label: str, role: str, help: str) -> CohortFile | None:
    """An uploader that keeps its file on disk, and remembers it when the page is left.

    A kept file is taken out of the uploader, which would hold it in the server's memory as long as it shows it.
    """
    turn = st.session_state.get(f"{_REMEMBERED}-{role}", 0)
    key = f"upload_{role}-{turn}" if turn else f"upload_{role}"
    uploaded = st.file_uploader(label, type=FILE_TYPES, key=key, help=help, max_upload_size=MAX_BYTES >> 20)
    if uploaded is not None:
        folder = settings().data_dir / "uploads"
        clear_old_uploads(folder)
        try:
            path = keep_upload(folder, uploaded.name, uploaded)
        except CohortFileError as error:
            st.error(md(str(error)))
            return None
        _remember(role, CohortFile(uploaded.name, path))
        st.session_state[f"{_REMEMBERED}-{role}"] = turn + 1
        st.rerun()
    remembered = st.session_state.get(_REMEMBERED, {}).get(role)
    if remembered is None or not Path(remembered["path"]).exists():
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"In use: {md(remembered['name'])}", width="content")
        st.button("Remove", key=f"forget_{role}", type="tertiary", on_click=_forget, args=(role,))
    return CohortFile(remembered["name"], Path(remembered["path"]))


def _remember(role: str, file: CohortFile) -> None:
    entry = {"name": file.name, "path": str(file.path)}
    st.session_state[_REMEMBERED] = {**st.session_state.get(_REMEMBERED, {}), role: entry}


def _forget(role: str) -> None:
    st.session_state[_REMEMBERED] = {
        name: entry for name, entry in st.session_state.get(_REMEMBERED, {}).items() if name != role
    }


def _generated(integration: Integration) -> Source | None:
    columns = [field.variable for field in integration.mapping_fields if field.variable]
    if not columns:
        st.info("Add a mapping field under Configure; users are made for the variables that you map.")
        return None
    count = st.number_input("Users", 1, 100_000, 500, step=100, key="made_count", persist_state="session")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        churn = st.slider("Change from one day to the next", 0, 50, 10, format="%d %%", key="made_churn")
        if st.button("Regenerate", icon=":material/refresh:", key="made_again"):
            st.session_state["made_seed"] = st.session_state.get("made_seed", 1) + 1
    seed = st.session_state.get("made_seed", 1)
    before, now = _generated_files(tuple(dict.fromkeys(columns)), int(count), int(churn), seed)
    return Source("snapshots", CohortFile("generated day 2", now), CohortFile("generated day 1", before))


@st.cache_data(max_entries=20, show_spinner=False)
def _generated_files(columns: tuple[str, ...], count: int, churn: int, seed: int) -> tuple[Path, Path]:
    """Two days of one made-up cohort: of `count` members, `churn` percent leave and as many join."""
    moving = count * churn // 100
    users = generate_users(columns, count + moving, seed=seed)
    folder = settings().data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _write(users.iloc[:count], folder, "1", seed), _write(users.iloc[moving:], folder, "2", seed)


def _write(frame: pd.DataFrame, folder: Path, day: str, seed: int) -> Path:
    path = folder / f"generated-{seed}-{len(frame)}-{'-'.join(frame.columns)[:60]}-{day}.csv"
    frame.to_csv(path, index=False)
    return path
