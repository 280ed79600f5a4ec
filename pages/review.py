"""Review: what was submitted and waits for an answer, and what was decided."""

from __future__ import annotations

import streamlit as st

from core.portal.review.queue import decisions, review_queue
from pages.parts import acting
from pages.parts.review import queue_view

acting.admit("review")
queue_view.apply_style()
waiting = review_queue(acting.store(), acting.person())

st.title("Review", anchor=False)
queue_view.figures(waiting)
if waiting:
    queue_view.rows(waiting)
else:
    queue_view.empty()
queue_view.decided(decisions(acting.store(), acting.person()))
