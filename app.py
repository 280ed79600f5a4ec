"""The portal's entry: `streamlit run app.py` (or `uvicorn app:app`).

The pages are an ordinary Streamlit script, `pages/_router.py`. Around it stand what Streamlit alone does not give: work
at start-up, plain HTTP routes, and security headers on every response. The wrapper also keeps the folder name `pages/`
from switching Streamlit to its older way of finding pages, which would break links straight into a page.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.destination import SHARED, registry_app
from core.portal import Store
from core.portal.demo import EXAMPLES, load_demo, load_people
from core.portal.demo_story import tell
from core.portal.syncs.means import Means
from core.portal.syncs.scheduler import Scheduler
from core.portal.uploads import clear_old_uploads
from core.settings import Settings
from core.sync import NetworkPolicy
from pages.parts.acting import demo_mode

ROOT = Path(__file__).resolve().parent
SANDBOX = "/sandbox"
_log = logging.getLogger(__name__)


def inline_script_hashes(html: str) -> str:
    """The CSP sources ('sha256-…') of the scripts that stand inside `html`, for `script-src`."""
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def content_security_policy() -> str:
    """What a page of the portal may load: only what this server sends, so that no text can fetch from elsewhere.

    `blob:` is how Streamlit loads a component's own script, `'wasm-unsafe-eval'` and the inline styles are its charts
    and its theme. The one inline script is that of the installed Streamlit's start page, hashed as it is found.
    """
    start_page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: 'wasm-unsafe-eval' {inline_script_hashes(start_page)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Pure ASGI middleware that adds the security headers to every HTTP response that does not set its own.

    It touches nothing but the start of a response, so that streamed bodies and websockets pass as they are. The sandbox
    plays somebody else's server and answers with headers of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(f"{SANDBOX}/"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def healthz(_request: Request) -> Response:
    """Answers while the process serves requests; for a load balancer or a supervisor."""
    return JSONResponse({"status": "ok"})


def routes() -> list[BaseRoute]:
    """The plain HTTP routes beside the pages. They are matched before Streamlit's own."""
    return [Route("/healthz", healthz), Mount(SANDBOX, app=registry_app(SHARED))]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Work of the process, once: what stands before `yield` runs before the first page is served; the scheduler works
    until the server ends.
    """
    settings = Settings.from_environment()
    store = Store.open(settings)
    store.mark_orphans()
    if demo_mode():
        load_people(store)
        load_demo(store, EXAMPLES, lambda examples: tell(settings, examples, datetime.now(UTC)))
    clear_old_uploads(settings.data_dir / "uploads")
    scheduler = scheduler_of(store, settings) if settings.scheduler else None
    try:
        if scheduler is not None:
            scheduler.start()
        yield {}
    finally:
        if scheduler is not None:
            await asyncio.to_thread(scheduler.stop)
        store.close()


def scheduler_of(store: Store, settings: Settings) -> Scheduler:
    """What carries out syncs in this process. Their requests go where those of tests may go."""
    listening_on = st.get_option("server.address") or "0.0.0.0"  # noqa: S104 - not listened on here
    return Scheduler(store, Means(settings, NetworkPolicy(settings.private_hosts_allowed(listening_on))))


def say_sorry(error: Exception) -> bool:
    """What a user sees of a mistake of ours: a sentence and a way on; the log has the rest."""
    _log.error("A page broke off", exc_info=error)
    st.error("Something went wrong on our side; what you have saved is safe. Reload the page to go on.")
    st.page_link("integrations.py", label="Go to the start page", icon=":material/arrow_back:")
    return True


app = st.App(
    ROOT / "pages" / "_router.py",
    on_script_error=say_sorry,
    lifespan=lifespan,
    routes=routes(),
    middleware=[Middleware(SecurityHeaders)],
)
