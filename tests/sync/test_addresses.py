"""Which addresses and hosts are public, which lead inside, and which spellings of a host are none."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sync.addresses import METADATA_NAMES, is_metadata, refusal
from core.sync.hosts import problem
from core.sync.policy import ANYWHERE, NetworkPolicy

PUBLIC_ONLY = NetworkPolicy(allow_private=False)

PUBLIC = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.0.1.1", "223.255.0.1"]
PUBLIC += ["2606:4700::1111", "2a00:1450:4001:801::200e", "64:ff9b::808:808", "64:ff9b::8.8.4.4"]

INSIDE = {
    "a loopback address": """127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1
        64:ff9b::7f00:1 64:ff9b:1:7f00:0:100:: 2002:7f00:1:: 2001:0:7f00:1::""",
    "a private address": """10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fdff::1 fec0::1
        ::ffff:10.0.0.1 64:ff9b::a00:1 2002:c0a8:101::1 2001:0:808:808:0:0:f5ff:fffe""",
    "a link-local address": "169.254.0.1 fe80::1 fe80::1%eth0 ::ffff:169.254.1.1",
    "an address behind a provider's NAT": "100.64.0.1 100.127.255.255 ::ffff:100.64.0.1",
    "an unspecified address": "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0",
    "a reserved address": "192.0.0.1 192.88.99.1 240.0.0.1 2001:1::1 100::1 5f00::1 4000::1 1::",
    "an address for documentation": "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1",
    "an address for benchmarks": "198.18.0.1 198.19.255.255 2001:2::1",
    "a multicast address": "224.0.0.1 239.255.255.255 ff02::1",
    "the broadcast address": "255.255.255.255 ::ffff:255.255.255.255",
    "an IPv4 address within an IPv6 one": "::ffff:8.8.8.8 ::8.8.8.8 2002:808:808:: 2001:0:808:808:0:0:f7f7:f7f7",
}

METADATA = """169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 fd00:ec2::254 fd20:ce::254
    fe80::a9fe:a9fe%eth0 ::ffff:169.254.169.254 ::a9fe:a9fe 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe:: 2002:6464:64c8::1
    2001:0:a9fe:a9fe:: 2001::5601:5601 64:ff9b:1:a9fe:a9:fe00:: 64:ff9b:1:a9:fe:a9fe::
    64:ff9b:1:0:a9:fea9:fe00:: 64:ff9b:1::a9fe:a9fe"""


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert refusal(ip_address(address)) is None
    assert PUBLIC_ONLY.refusal("api.example.com", 443, [ip_address(address)]) is None


@pytest.mark.parametrize(
    ("kind", "address"), [(kind, one) for kind, several in INSIDE.items() for one in several.split()]
)
def test_an_address_that_leads_inside_is_refused_unless_private_hosts_are_allowed(kind: str, address: str) -> None:
    assert refusal(ip_address(address)) == kind
    said = PUBLIC_ONLY.refusal("api.example.com", 443, [ip_address("8.8.8.8"), ip_address(address)])
    assert said is not None
    assert said.startswith(f"api.example.com leads to {kind}, ")
    assert "PORTAL_ALLOW_PRIVATE_HOSTS=1" in said
    assert ANYWHERE.refusal("api.example.com", 443, [ip_address(address)]) is None


@pytest.mark.parametrize("address", METADATA.split())
def test_a_metadata_address_is_refused_always(address: str) -> None:
    assert refusal(ip_address(address)) == "the metadata address of a cloud"
    everything = NetworkPolicy(allow_private=True, also=("own.example", 80))
    for policy in (PUBLIC_ONLY, ANYWHERE, everything):
        assert "keeps the credentials" in (policy.refusal("own.example", 80, [ip_address(address)]) or "")


@pytest.mark.parametrize("name", [*sorted(METADATA_NAMES), "metadata.google.internal.", "Metadata.Google.Internal"])
def test_a_metadata_name_is_refused_before_it_is_looked_up(name: str) -> None:
    assert ANYWHERE.refusal(name, 80, ()) is not None


def test_the_sentence_does_not_tell_how_a_name_was_resolved() -> None:
    said = PUBLIC_ONLY.refusal("db.corp.example", 80, [ip_address("10.1.2.3")])
    assert said is not None
    assert "10.1.2.3" not in said


def test_one_more_host_is_that_host_and_port_and_no_other() -> None:
    policy = NetworkPolicy(allow_private=False, also=("127.0.0.1", 8501))
    loopback = [ip_address("127.0.0.1")]
    assert policy.refusal("127.0.0.1", 8501, loopback) is None
    assert policy.refusal("127.0.0.1", 8502, loopback) is not None
    assert policy.refusal("localhost", 8501, loopback) is not None


@given(st.ip_addresses())
def test_nothing_that_python_knows_as_not_global_is_public(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        assert refusal(address) is not None


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"]))
def test_an_ipv4_address_is_never_freer_within_an_ipv6_one(inside: IPv4Address, prefix: str) -> None:
    outside = IPv6Address(prefix + str(inside))
    assert refusal(outside) is not None or refusal(inside) is None
    assert is_metadata(outside) == is_metadata(inside)


USABLE = [
    "http://h",
    "https://api.example.com:8443/x",
    "http://a_b.example.",
    "http://127.0.0.1:1",
    "http://[::1]:65535",
]
USABLE += ["http://xn--bcher-kva.example", "http://bücher.example", "HTTPS://API.EXAMPLE.COM", "http://1and1.example"]

UNUSABLE = {
    "http": "ftp://h/ ws://h/ file:///etc/passwd gopher://h/ //h/ h/x javascript:alert(1)",
    "no host": "http:///x http:/h/ http:h",
    "user names": r"http://u@h/ http://u:p@h/ http://:@h/ http://localhost:80@8.8.8.8/ http://h\@127.0.0.1/",
    "not a port": "http://h:0/ http://h:65536/ http://h:-1/ http://h:99999999999/",
    "IPv4": r"""http://2130706433/ http://0x7f.1/ http://0x7f000001/ http://127.1/ http://127.0.1/ http://0/ http://0x/
        http://017700000001/ http://1.2.3.4.5/ http://127.0.0.1./ http://127.0.0.1。/ http://h.0x7f/ http://127．0．0．256/
        http://%31%32%37.0.0.1/ http://good.example\.127.0.0.1/""",
    "IPv6": "http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/ http://[::1%250]/",
    "name of a host": rf"""http://127%2e0%2e0%2e1.x/ http://a%00b/ http://a%2500/ http://a..b/ http://./ http://-a/ http://a-/
        http://{"a" * 64}.example/ http://{"a." * 127}a/ http://xn--/ http://a,b/ http://a*b/ http://a\b/ http://h"/
        http://h|x/""",
}
"""Part of what is said, and the URLs."""

UNREADABLE = """http://0177.0.0.1/ http://256.1.1.1/ http://127.0.0.08/ http://１２７.0.0.1/ http://ⓛocalhost/ http://ⅷ.example/
    http://[v1.x]/ http://[::1]x/ http://[::1/ http://h:80:80/ http://h:x/ http://a\u200bb/ http://[::ffff:127.0.0.256]/"""


@pytest.mark.parametrize("url", USABLE)
def test_a_proper_host_can_be_used(url: str) -> None:
    assert problem(httpx.URL(url)) is None


@pytest.mark.parametrize(("said", "url"), [(said, url) for said, urls in UNUSABLE.items() for url in urls.split()])
def test_a_host_that_readers_of_urls_disagree_about_is_refused_with_the_reason(said: str, url: str) -> None:
    assert said in (problem(httpx.URL(url)) or "")


@pytest.mark.parametrize("url", [*UNREADABLE.split(), "http://h\t/", "http://h\r\nHost: x/"])
def test_some_urls_are_not_even_read(url: str) -> None:
    with pytest.raises(httpx.InvalidURL):
        httpx.URL(url)
