"""Which hosts requests may go to: the rule that the operator sets, applied to a name and what it resolves to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.sync.addresses import METADATA_NAMES, Address, is_metadata, refusal


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """`allow_private`: hosts inside are fine too, as on the machine of whoever configures them.

    `also` is one host and port, spelled as in the URL, that is fine wherever it is: the portal's own sandbox.
    """

    allow_private: bool
    also: tuple[str, int] | None = None

    def refusal(self, host: str, port: int, addresses: Sequence[Address]) -> str | None:
        """Why no connection may be made to this host, in one sentence with the way out, or None.

        One address that is not allowed is enough. The sentence names no address that was looked up: it would tell
        a stranger how the network inside is laid out.
        """
        if host.rstrip(".").lower() in METADATA_NAMES or any(map(is_metadata, addresses)):
            return f"{host} is where a cloud keeps the credentials of its machines; put in the host of your API"
        if self.allow_private or (host, port) == self.also:
            return None
        kind = next((kind for kind in map(refusal, addresses) if kind), None)
        if kind is None:
            return None
        leads = "is" if ":" in host or host in map(str, addresses) else "leads to"
        return (
            f"{host} {leads} {kind}, where requests from this portal may not go; use a public host, or ask whoever "
            "runs the portal to set PORTAL_ALLOW_PRIVATE_HOSTS=1"
        )


ANYWHERE = NetworkPolicy(allow_private=True)
"""All but the metadata addresses of clouds: for whoever sends from their own machine."""
