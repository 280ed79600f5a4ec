"""The host of a URL, in the one spelling that every reader takes for the same host. Pure.

Readers of URLs disagree about numbers in other notations, percent signs and credentials; what they disagree about is
refused here, so that what was checked is what a connection is made to.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

import httpx

from core.sync.addresses import Address

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME = 253


def problem(url: httpx.URL) -> str | None:
    """Why no request can be made to this URL, as the end of a sentence, or None."""
    if url.scheme not in ("http", "https"):
        return "it needs http:// or https://"
    host = url.raw_host.decode("ascii")
    if not host:
        return "it has no host"
    if url.userinfo:
        return "user names and passwords have no place in it, use the authentication settings"
    if url.port is not None and not 1 <= url.port <= 65_535:
        return f"{url.port} is not a port, ports go from 1 to 65535"
    if ":" in host:
        return None if literal(host) else f"[{host}] is not an IPv6 address, or has a zone, which a URL cannot hold"
    name = host.removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return None if literal(host) else f"{host} is not an IPv4 address of four decimal numbers, as 192.0.2.1"
    if len(name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return f"{host} is not the name of a host"
    return None


def literal(host: str) -> Address | None:
    """The address that a host is written as, if it is one: four decimal numbers, or IPv6 without a zone."""
    try:
        return IPv6Address(host) if ":" in host and "%" not in host else IPv4Address(host)
    except ValueError:
        return None
