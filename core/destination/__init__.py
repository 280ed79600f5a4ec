"""The other end of a sync: a sandbox destination that takes the shape of any integration."""

from core.destination.asgi import MAX_BODY, registry_app, sandbox_app
from core.destination.control import state
from core.destination.direct import DirectTransport
from core.destination.example import EXAMPLE
from core.destination.exchange import Answer
from core.destination.faults import Faults
from core.destination.holdings import HeldList
from core.destination.proof import Proof, prove
from core.destination.rebase import sandboxed
from core.destination.registry import SHARED, SandboxRegistry
from core.destination.sandbox import Counts, Received, Sandbox
from core.destination.server import RunningSandbox, serve, start_sandbox

__all__ = [
    "EXAMPLE",
    "MAX_BODY",
    "SHARED",
    "Answer",
    "Counts",
    "DirectTransport",
    "Faults",
    "HeldList",
    "Proof",
    "Received",
    "RunningSandbox",
    "Sandbox",
    "SandboxRegistry",
    "prove",
    "registry_app",
    "sandbox_app",
    "sandboxed",
    "serve",
    "start_sandbox",
    "state",
]
