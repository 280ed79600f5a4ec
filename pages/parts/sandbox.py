"""Where a test request goes: to the sandbox that plays the destination, or to the partner's own endpoint.

Each integration has a sandbox of its own for single requests and one for whole test runs. They live in the memory of
this process, take the integration's shape as it is edited, and are served by the app itself under /sandbox.
"""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import streamlit as st

from core.destination import SHARED, Sandbox, sandboxed
from core.integration import Integration
from core.request import Connection
from core.sync import NetworkPolicy
from pages.parts import page
from pages.parts.acting import settings

SANDBOX, OWN = "Sandbox", "My endpoint"
PATH = "/sandbox"
_ANY_ADDRESS = (None, "", "0.0.0.0", "::", "localhost")  # noqa: S104 - compared with, not listened on


@st.cache_resource
def _keys() -> tuple[dict[tuple[str, str], str], threading.Lock]:
    """The registry's key for each integration and purpose."""
    return {}, threading.Lock()


def choices() -> tuple[str, ...]:
    """Where requests can go, the safest first."""
    return (SANDBOX, OWN)


def target(
    integration: Integration, choice: str, *, connection: Connection | None = None, purpose: str = "single"
) -> Integration:
    """The integration with its endpoints pointed at the chosen destination.

    Raises `DocumentError` for an integration that does not compile: a sandbox could not tell its requests.
    """
    if choice != SANDBOX:
        return integration
    key, _ = open_sandbox(integration, connection, purpose)
    return sandboxed(integration, f"{_own_address()}{PATH}/{key}")


def policy(choice: str) -> NetworkPolicy:
    """Which hosts requests may go to: the sandbox's own besides what the operator allows, if it was chosen."""
    allowed = settings().private_hosts_allowed(st.get_option("server.address") or "0.0.0.0")  # noqa: S104
    if choice != SANDBOX:
        return NetworkPolicy(allowed)
    own = urlsplit(_own_address())
    return NetworkPolicy(allowed, also=(own.hostname or "", own.port or 0))


def open_sandbox(
    integration: Integration, connection: Connection | None = None, purpose: str = "single"
) -> tuple[str, Sandbox]:
    """The sandbox of the integration on this page, in its present shape, and its key. Raises `DocumentError`."""
    keys, lock = _keys()
    owner = (page.requested(), purpose)
    with lock:
        key = keys.get(owner, "")
        sandbox = SHARED.get(key)
        if sandbox is None:
            key = keys[owner] = SHARED.open(integration, connection)
            sandbox = SHARED.get(key)
        else:
            sandbox.reshape(integration, connection)
    if sandbox is None:
        raise AssertionError("a sandbox that was just opened is there")
    return key, sandbox


def _own_address() -> str:
    """Scheme, host and port at which this server reaches itself."""
    address = st.get_option("server.address")
    host = "127.0.0.1" if address in _ANY_ADDRESS else f"[{address}]" if ":" in address else address
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    return f"{scheme}://{host}:{st.get_option('server.port')}{f'/{base}' if base else ''}"
