"""URLs: every value is encoded once, and none can change the host, the path's or the query's structure."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.template import Items, Scope, Secret, TemplateError, ValueFault, compile_url, replace_marks
from tests.template.template_names import HOSTILE, NAMES, some_text

BASE = "https://api.example.com"


def rendered(text: str, scope: Scope | None = None) -> str:
    return compile_url(text, NAMES).render(scope or {})


def codes(text: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        compile_url(text, NAMES)
    return [mistake.code for mistake in caught.value.mistakes]


def surrogates(value: str) -> str:
    return unquote(value, errors="surrogatepass")


@given(some_text)
def test_any_value_comes_back_exactly_from_path_and_query(value: str) -> None:
    if value in (".", ".."):
        return
    parts = urlsplit(rendered(f"{BASE}/users/$name/x?q=$name&z=1", {"name": value}))
    assert parts.netloc == "api.example.com"
    assert [surrogates(segment) for segment in parts.path.split("/")] == ["", "users", value, "x"]
    assert parse_qsl(parts.query, errors="surrogatepass") == [("q", value), ("z", "1")]
    assert parts.fragment == ""


@given(st.text())
def test_the_url_that_is_shown_is_the_url_that_the_client_sends(value: str) -> None:
    value = value.strip(".") or "x"
    url = rendered(BASE + "/a!$$&'()*+,;=:@~/[1]/é%41%/$name?a=$name&b[]='*'é%zz|", {"name": value})
    assert url == BASE + httpx.URL(url).raw_path.decode("ascii")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"{BASE}/lists/$list_id/add", f"{BASE}/lists/42/add"),
        (f"{BASE}/lists/${{listId}}x", f"{BASE}/lists/42x"),
        ("HTTPS://API.example.com/x", "https://API.example.com/x"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://[::ffff:127.0.0.1]/x", "http://[::ffff:127.0.0.1]/x"),
        ("https://bücher.example/x", "https://bücher.example/x"),
        (BASE, f"{BASE}/"),
        (f"{BASE}?a=1", f"{BASE}/?a=1"),
        (f"{BASE}/a?", f"{BASE}/a"),
        (f"{BASE}/a//b/", f"{BASE}/a//b/"),
        (f"{BASE}/100%", f"{BASE}/100%25"),
        (f"{BASE}/100%25", f"{BASE}/100%25"),
        (f"{BASE}/%4", f"{BASE}/%254"),
        (f"{BASE}/é|x", f"{BASE}/%C3%A9%7Cx"),
        (f"{BASE}/$$5", f"{BASE}/$5"),
        (f"{BASE}/v1/audience:modify", f"{BASE}/v1/audience:modify"),
        (f"{BASE}/a/...", f"{BASE}/a/..."),
    ],
)
def test_literal_text_is_sent_as_it_is_written(text: str, url: str) -> None:
    assert rendered(text, {"list_id": 42}) == url


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("a?b#c", "a%3Fb%23c"),
        ("a&b=c", "a%26b%3Dc"),
        ("é", "%C3%A9"),
        ("🎉", "%F0%9F%8E%89"),
        ("a+b", "a%2Bb"),
        ("-._~", "-._~"),
        ("@evil.example", "%40evil.example"),
        ("a\r\nb", "a%0D%0Ab"),
    ],
)
def test_a_value_is_percent_encoded_once(value: str, encoded: str) -> None:
    scope = {"name": value}
    assert rendered(f"{BASE}/u/$name?q=$name", scope) == f"{BASE}/u/{encoded}?q={encoded}"


@pytest.mark.parametrize(
    ("path", "value"),
    [("/a/$name/b", "."), ("/a/$name/b", ".."), ("/$name", ".."), ("/a/.$name/b", "."), ("/a/%2E$name", ".")],
)
def test_a_value_of_dots_cannot_climb_out_of_the_path(path: str, value: str) -> None:
    with pytest.raises(ValueFault, match="dots"):
        rendered(BASE + path, {"name": value})


@pytest.mark.parametrize("value", ["...", ".a", "a..", ".well-known"])
def test_dots_within_a_value_are_only_dots(value: str) -> None:
    assert rendered(f"{BASE}/$name", {"name": value}) == f"{BASE}/{value}"


@pytest.mark.parametrize("value", ["", None])
def test_a_path_needs_a_value_even_of_an_optional_variable(value: str | None) -> None:
    with pytest.raises(ValueFault, match="has no value"):
        rendered(f"{BASE}/a/$note/b", {"note": value})
    with pytest.raises(ValueFault, match="has no value"):
        rendered(f"{BASE}/a/$name/b", {"name": value})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?a=1&b=$note&c=3", "?a=1&c=3"),
        ("?b=$note&c=3", "?c=3"),
        ("?a=1&b=$note", "?a=1"),
        ("?b=$note", ""),
        ("?b=x$note", "?b=x"),
        ("?$note=1", "?=1"),
        ("?a=${note|default:z}", "?a=z"),
        ("?a=b=$note", "?a=b="),
    ],
)
def test_a_parameter_without_a_value_is_left_out(query: str, expected: str) -> None:
    assert rendered(f"{BASE}/x{query}") == f"{BASE}/x{expected}"


def test_items_can_stand_in_path_and_query() -> None:
    scope: Scope = {"items": Items(['"a b"', "2", '"c,d"', '"é&"'])}
    assert rendered(f"{BASE}/?ids=${{items|join:,}}", scope) == f"{BASE}/?ids=a%20b,2,c%2Cd,%C3%A9%26"
    assert rendered(f"{BASE}/${{items|join:;}}", scope) == f"{BASE}/a%20b%3B2%3Bc%2Cd%3B%C3%A9%26"
    assert (
        rendered(f"{BASE}/?x=1&${{items|query:id[]}}", scope)
        == f"{BASE}/?x=1&id[]=a%20b&id[]=2&id[]=c%2Cd&id[]=%C3%A9%26"
    )
    assert rendered(f"{BASE}/?${{items|query:a&b}}", {"items": Items(["1"])}) == f"{BASE}/?a%26b=1"
    assert rendered(f"{BASE}/?q=${{items|join:,|base64}}", {"items": Items(['"a"', '"b"'])}) == f"{BASE}/?q=YSxi"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "url-missing"),
        ("   ", "url-missing"),
        ("api.example.com/x", "scheme-missing"),
        ("//api.example.com/x", "scheme-missing"),
        ("ftp://api.example.com", "bad-scheme"),
        ("javascript://x", "bad-scheme"),
        ("https://", "host-missing"),
        ("https:///x", "host-missing"),
        ("https://?x", "host-missing"),
        ("https://user:pw@api.example.com", "credentials-in-url"),
        ("https://user@api.example.com", "credentials-in-url"),
        (f"{BASE}/a#b", "fragment"),
        (f"{BASE}/a b", "space-in-url"),
        (f"{BASE}/a\n", "space-in-url"),
        (f"{BASE}\\a", "backslash"),
        (f"{BASE}/a/../b", "dot-segment"),
        (f"{BASE}/./b", "dot-segment"),
        (f"{BASE}/%2e%2E/b", "dot-segment"),
        (f"{BASE}/$nmae", "unknown-variable"),
        (f"{BASE}/$items", "items-in-text"),
        (f"{BASE}/${{items|query:id}}", "query-outside-url"),
        ("https://$name.example.com", "variable-in-host"),
        ("https://${items|join:,}.example.com", "variable-in-host"),
        ("https://api.example.com:$name/", "variable-in-host"),
        ("https://$name@api.example.com", "variable-in-host"),
    ],
)
def test_a_url_that_leads_astray_is_refused(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    "host",
    ["a..b", ".a", "a:0", "a:65536", "a:x", "a:", "[::1", "::1", "[zz]", "[1.2.3.4]", "[:::1]", "a%2eb", "<b>", "a,b",
     "-a", "a|b", '"a"', "a$$b", "a!b"],
)  # fmt: skip
def test_a_host_that_is_none_is_refused(host: str) -> None:
    assert codes(f"https://{host}/x") == ["bad-host"]


@pytest.mark.parametrize("host", ["$name.example.com", "$nope.example.com", "${region|nope}.x", "a.$"])
def test_a_wrong_variable_in_a_host_is_one_mistake(host: str) -> None:
    assert len(codes(f"https://{host}/x")) == 1


def test_all_mistakes_of_a_url_come_back_at_once() -> None:
    assert sorted(codes("ftp://u@$name.x/../$nope#y z")) == [
        "bad-scheme",
        "credentials-in-url",
        "dot-segment",
        "fragment",
        "space-in-url",
        "unknown-variable",
        "variable-in-host",
    ]
    assert sorted(codes("https://a.example/../$nope#y z")) == [
        "dot-segment",
        "fragment",
        "space-in-url",
        "unknown-variable",
    ]


@pytest.mark.parametrize("value", ["eu1", "iad-01", "0"])
def test_a_field_with_a_safe_form_may_be_part_of_the_host(value: str) -> None:
    assert rendered("https://$region.example.com/x", {"region": value}) == f"https://{value}.example.com/x"


@pytest.mark.parametrize("value", [*HOSTILE, "", "a.b", "evil.example/", "a@b", "a:1", "-a", "a-", "é", "..", "[::1]"])
def test_no_value_can_lead_to_another_host(value: str) -> None:
    if value in ("null", "true", "0"):
        return
    with pytest.raises(ValueFault):
        rendered("https://$region.example.com/x", {"region": value})


def test_a_choice_may_be_several_labels_of_the_host() -> None:
    assert rendered("https://$server/x", {"server": "api.eu.example.com"}) == "https://api.eu.example.com/x"
    for value in ("api..example.com", ".x", "x.", "a/b", "a@b", "a:80"):
        with pytest.raises(ValueFault):
            rendered("https://$server/x", {"server": value})


def test_a_url_knows_whether_its_host_is_fixed() -> None:
    assert compile_url(f"{BASE}/$name", NAMES).has_fixed_host
    assert not compile_url("https://$region.example.com", NAMES).has_fixed_host


def test_a_secret_in_a_url_is_a_mark_that_says_when_it_was_encoded() -> None:
    plain = compile_url(f"{BASE}/?k=$name", NAMES).render({"name": Secret("name", "abc")})
    encoded = compile_url(f"{BASE}/?k=$name", NAMES).render({"name": Secret("name", "a/c")})
    assert replace_marks(plain) == replace_marks(encoded) == f"{BASE}/?k=***"
    assert replace_marks(plain, {"name": "X"}) == f"{BASE}/?k=X"
    assert replace_marks(encoded, {"name|url": "X"}) == f"{BASE}/?k=X"


def test_a_secret_in_the_host_is_a_mark_too() -> None:
    url = rendered("https://$region.example.com/", {"region": Secret("region", "eu-7")})
    assert replace_marks(url) == "https://***.example.com/"


RICH = "https://${region}.example.com:8443/a/$name/${items|join:,}?q=${note|default:x y}&$$=$count"


def test_a_url_cut_off_or_changed_anywhere_compiles_or_is_refused() -> None:
    scope: Scope = {"region": "eu", "name": "n", "items": Items(["1"]), "count": 1}
    assert rendered(RICH, scope) == "https://eu.example.com:8443/a/n/1?q=x%20y&$=1"
    for at in range(len(RICH)):
        for text in (
            RICH[:at],
            RICH[:at] + RICH[at + 1 :],
            *(RICH[:at] + char + RICH[at:] for char in "$@:/?#[]% \\|\ud800{"),
        ):
            try:
                compile_url(text, NAMES)
            except TemplateError as error:
                assert all(0 <= mistake.start <= len(text) for mistake in error.mistakes)  # noqa: PT017


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_at_all_compiles_or_is_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"{BASE}/{text}"):
        try:
            compiled = compile_url(url, NAMES)
        except TemplateError:
            continue
        assert compiled.source == url
