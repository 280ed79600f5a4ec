"""Secrets are hidden in whatever a destination echoes, and in every form in which a request is shown."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.integration import Integration
from core.request import BatchValues, Connection, Masker, RenderedRequest, RequestBuilder, curl, har, json_line, postman
from tests.template.template_names import any_text

SECRETS = ("hunter2-0123", 'p"a\\s/s<w>&rd +%', "pässwörd-日本", "sk_live_51", "0000")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "encoded",
    [
        str,
        quote,
        quote_plus,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="!'()*"),
        lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%C3", "%c3"),
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
        lambda text: json.dumps(text)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
        html.escape,
    ],
)
def test_a_secret_is_hidden_in_every_spelling(secret: str, encoded: object) -> None:
    assert callable(encoded)
    shown = Masker([secret])(f"before {encoded(secret)} after {encoded(secret)}")
    assert shown == "before *** after ***"


@given(st.sampled_from(SECRETS), st.binary(max_size=7), st.binary(max_size=7), st.booleans())
def test_a_secret_is_hidden_in_base64_whatever_stands_around_it(
    secret: str, before: bytes, after: bytes, url_safe: bool
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    whole = encode(before + secret.encode() + after).decode()
    shown = Masker([secret])(f"<{whole}>")
    start, mask, end = shown.strip("<>").partition("***")
    assert mask
    left = len(whole) - len(start) - len(end.rstrip("="))
    assert left >= len(secret.encode()) * 8 // 6 - 2  # but for a few bits that its neighbours share


def test_credentials_of_basic_authentication_are_hidden_when_echoed() -> None:
    header = base64.b64encode(b"api_key_1:secret_2").decode()
    shown = Masker(["api_key_1", "secret_2"])(f'{{"authorization": "Basic {header}"}}')
    assert header not in shown
    assert shown.count("***") == 2


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert Masker(["abcd", "abcdefgh"])("abcdefgh abcd") == "*** ***"


def test_other_text_is_left_alone() -> None:
    text = '{"ok": true, "id": "L1", "note": "nothing to hide"}'
    assert Masker(["hunter2-0123", "abc", ""])(text) == text


@given(any_text, any_text)
def test_any_secret_can_be_looked_for_in_any_text(secret: str, text: str) -> None:
    shown = Masker([secret])(text)
    if len(secret) >= 4 and "*" not in secret:
        assert secret not in shown


DOCUMENT = {
    "auth": {"method": "basic"},
    "custom_fields": [
        {"variable": "api_key", "display_name": "API Key", "secret": True},
        {"variable": "api_secret", "display_name": "API Secret", "secret": True},
        {"variable": "plan", "display_name": "Plan"},
    ],
    "mapping_fields": [{"variable": "user_id", "display_name": "User ID"}],
    "headers": [{"name": "X-Key", "value": "k=$api_key"}, {"name": "X-Plan", "value": "$plan"}],
    "endpoints": {
        "create_list": {"url": "https://api.example.com/lists?key=$api_key", "payload": '{"s": "$api_secret"}'},
        "add_users": {
            "url": "https://api.example.com/$list_id/${api_key|sha256}",
            "payload": '{"users": $items}',
            "item": '{"id": "$user_id", "token": "$api_key-${api_secret|base64}"}',
        },
        "remove_users": {
            "method": "DELETE",
            "url": "https://api.example.com/$list_id/$user_id?n=${api_key|trim}",
        },
    },
}
KEY, SECRET = 'key"/+é-77', "top secret & more"


def rendered() -> list[RenderedRequest]:
    """Every request of an integration that writes its secrets in every place it can."""
    connection = Connection.model_validate(
        {
            "fields": {"api_key": KEY, "api_secret": SECRET, "plan": "free"},
            "cohort": {"id": "c", "name": "N", "url": "u"},
        }
    )
    document = json.loads(json.dumps(DOCUMENT).replace("k=$api_key", "k=${api_key|base64}"))
    builder = RequestBuilder(Integration.model_validate(document), connection, columns=["user_id"])
    values = BatchValues(list_id=7, message_id="m", computed_time=1)
    columns = {"user_id": ["a", "b"]}
    items = [text or "" for text in builder.render_items("add_users", columns, 2, values).texts]
    marked = [text or "" for text in builder.render_items("add_users", columns, 2, values, marked=True).texts]
    assert builder.items_show_secrets("add_users")
    return [
        builder.request("create_list", values),
        builder.request("add_users", values, items=items, marked_items=marked),
        builder.request("remove_users", values, member={"user_id": "a"}),
    ]


def test_no_form_in_which_a_request_is_shown_has_a_secret_in_it() -> None:
    requests = rendered()
    masker = Masker([KEY, SECRET])
    shown = [json_line(request) for request in requests]
    shown += [str(request.masked) for request in requests] + [curl(request.marked).command for request in requests]
    shown += [json.dumps(har(requests)), json.dumps(postman(requests, "Acme"))]
    for text in shown:
        assert masker(text) == text
        assert "\ue000" not in text
        assert "\\ue000" not in text
    revealed = [json_line(requests[0], reveal=True), json.dumps(har(requests, reveal=True))]
    for text in revealed:
        assert masker(text) != text


def test_what_is_not_secret_is_shown() -> None:
    masked = rendered()[1].masked
    assert masked.url == "https://api.example.com/7/***"
    assert ("X-Plan", "free") in masked.headers
    assert ("Authorization", "Basic ***") in masked.headers
    assert masked.text == '{"users":[{"id":"a","token":"***-***"},{"id":"b","token":"***-***"}]}'


def test_a_request_without_secrets_is_shown_as_it_is_sent() -> None:
    document = Integration.model_validate(
        {"endpoints": {"create_list": {"url": "https://a.example/", "payload": "{}"}}}
    )
    request = RequestBuilder(document, Connection()).request("create_list", BatchValues())
    assert request.masked == request.wire


@pytest.mark.parametrize("secret", ["k/+\"&<tok>=%'~", "é ö\\n\\", "two words", "line\nbreak", "🎉🎉🎉🎉", "aB+/cD=="])
def test_a_secret_escaped_several_times_over_is_hidden(secret: str) -> None:
    in_json = json.dumps(json.dumps(json.dumps(secret)))
    in_url = quote(quote(quote(secret, safe=""), safe=""), safe="")
    in_html = html.escape(html.escape(secret))
    for text in (
        in_json,
        in_url,
        re.sub("%..", lambda escape: escape[0].lower(), in_url),
        in_html,
        quote(in_html, safe=""),
        secret.encode().hex(),
    ):
        shown = Masker([secret])(text)
        assert "***" in shown, text
        assert not shown.strip('*"\\'), text


@pytest.mark.parametrize("secret", ["\\" * 9 + "x", "%" * 9, "&" * 9, '"' * 9, "25" * 5])
@pytest.mark.parametrize("unit", ["\\", "%", "%25", "&", "&amp;", "\\u", '"', '\\"'])
def test_no_answer_can_keep_the_search_busy(secret: str, unit: str) -> None:
    """An unbounded search would take hours for these 200 KB; the test would not end."""
    Masker([secret])(unit * (200_000 // len(unit)))
