"""Submission: one release as the reviewer sees it, with its checks and its evidence, and the decision."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFoundError
from pages.parts import acting, findings
from pages.parts.review import comments, decide, submission_view
from pages.parts.review.opened import open_submission

acting.admit("review")
for part in (findings, comments, submission_view):
    part.apply_style()
try:
    opened = open_submission()
except NotFoundError as error:
    submission_view.not_there(str(error))

decide.header(opened)
submission_view.other_release(opened)
main, beside = st.columns([7, 3], gap="large")
with main:
    threads = comments.threads(opened.id)
    submission_view.tabs(opened, threads)
with beside:
    submission_view.about(opened)
comments.show_window(opened.id, threads)
decide.show_windows(opened)
