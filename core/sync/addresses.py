"""What an IP address is for: one on the public internet, or one that only leads inside. Pure.

The ranges are those of the IANA special-purpose address registries (RFC 6890 and what came later), spelled out here
because those of `ipaddress` differ between versions of Python.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

METADATA_NAMES = frozenset(
    {"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal", "metadata.tencentyun.com"}
)
_METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # Amazon, Google, Azure, Oracle, DigitalOcean, OpenStack
            "169.254.170.2",  # credentials of Amazon's containers
            "169.254.170.23",  # credentials of Amazon's Kubernetes pods
            "169.254.42.42",  # Scaleway
            "169.254.0.23",  # Tencent
            "100.100.100.200",  # Alibaba
            "192.0.0.192",  # Oracle, formerly
            "168.63.129.16",  # Azure's host, in the public range
            "fd00:ec2::254",  # Amazon
            "fd00:ec2::23",  # Amazon's Kubernetes pods
            "fd20:ce::254",  # Google
            "fd00:42::42",  # Scaleway
            "fe80::a9fe:a9fe",  # OpenStack
        ),
    )
)
_IPV4 = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("127.0.0.0/8", "a loopback address"),
        ("10.0.0.0/8", "a private address"),
        ("172.16.0.0/12", "a private address"),
        ("192.168.0.0/16", "a private address"),
        ("169.254.0.0/16", "a link-local address"),
        ("100.64.0.0/10", "an address behind a provider's NAT"),
        ("0.0.0.0/8", "an unspecified address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.88.99.0/24", "a reserved address"),
        ("192.0.2.0/24", "an address for documentation"),
        ("198.51.100.0/24", "an address for documentation"),
        ("203.0.113.0/24", "an address for documentation"),
        ("198.18.0.0/15", "an address for benchmarks"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)
_IPV6 = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::1/128", "a loopback address"),
        ("::/128", "an unspecified address"),
        ("fc00::/7", "a private address"),
        ("fec0::/10", "a private address"),
        ("64:ff9b:1::/48", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("ff00::/8", "a multicast address"),
        ("2001:db8::/32", "an address for documentation"),
        ("3fff::/20", "an address for documentation"),
        ("2001:2::/48", "an address for benchmarks"),
        ("2001::/23", "a reserved address"),
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_LAST_32_BITS = (IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96"), _NAT64)


def refusal(address: Address) -> str | None:
    """What keeps this address from being a public host ("a loopback address"), or None for one that is public.

    An IPv6 address that carries an IPv4 address is what it carries; if that is public, it is still refused, unless it
    comes from the well-known NAT64 prefix: networks without IPv4 reach every IPv4 host through it (RFC 6052).
    """
    if is_metadata(address):
        return "the metadata address of a cloud"
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _IPV4 if address in network), None)
    if int(address) > 1:
        inside = carried(address)
        found = next((kind for kind in map(refusal, inside) if kind), None)
        if found or address in _NAT64:
            return found
        if inside and address not in _LOCAL_NAT64:
            return "an IPv4 address within an IPv6 one"
    found = next((kind for network, kind in _IPV6 if address in network), None)
    return found or (None if address in _PUBLIC_IPV6 else "a reserved address")


def is_metadata(address: Address) -> bool:
    """Whether a cloud hands its machines credentials at this address, in whatever form it is written."""
    if isinstance(address, IPv4Address):
        return address in _METADATA
    return IPv6Address(int(address)) in _METADATA or any(one in _METADATA for one in carried(address))


def carried(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that packets to this address may end up at: mapped, compatible, translated (RFC 2765), 6to4,
    Teredo (server and client), NAT64. A local NAT64 prefix does not tell its length: all that RFC 6052 knows count.
    """
    bits = int(address)
    if any(address in network for network in _LAST_32_BITS):
        return (_ipv4(bits),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _LOCAL_NAT64:
        by_48 = (bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF
        by_56 = (bits >> 64 & 0xFF) << 24 | bits >> 32 & 0xFFFFFF
        return tuple(map(_ipv4, (by_48, by_56, bits >> 24, bits)))
    return ()


def _ipv4(bits: int) -> IPv4Address:
    return IPv4Address(bits & 0xFFFFFFFF)
