"""`editor_app.py` behind the portal's own security headers, so that the editor is tested under its policy."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app import SecurityHeaders

app = st.App(Path(__file__).with_name("editor_app.py"), middleware=[Middleware(SecurityHeaders)])
