"""A destination that quotes the secrets it was sent, in every spelling, and a search that finds any trace of them."""

from __future__ import annotations

import base64
import html
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from tests.sync.loopback import Heard, Server, reply, serving

CORE = "Zq7hunter2Xcorrect9horse4Battery"
"""What no escaping changes: wherever a secret stands in plain, percent-encoded or escaped, these letters stand."""
TOKEN = f"k/+\"&<{CORE}>=%'~"
PHRASE = f'é "/{CORE[::-1]}\\ö €'
SECRETS = (TOKEN, PHRASE)

DOCUMENT: dict[str, Any] = {
    "display_name": "Echo",
    "summary": "Tells everything.",
    "auth": {"method": "bearer", "token": "$bearer_token"},
    "custom_fields": [
        {"variable": "bearer_token", "display_name": "Bearer Token", "secret": True},
        {"variable": "phrase", "display_name": "Phrase", "secret": True},
    ],
    "headers": [{"name": "X-Basic", "value": "${bearer_token|base64}"}],
    "mapping_fields": [{"variable": "user", "display_name": "User ID", "default": "user_id"}],
    "endpoints": {
        "create_list": {
            "url": "BASE/lists?key=$bearer_token&phrase=$phrase",
            "payload": '{"name": "$amp_cohort_name", "phrase": "$phrase"}',
        },
        "add_users": {
            "url": "BASE/lists/$list_id/add",
            "payload": '{"ids": $items, "phrase": "$phrase", "key": "$bearer_token"}',
            "item": '{"id": "$user", "by": "$bearer_token"}',
            "batch_size": 3,
            "rejected_path": "errors",
        },
        "remove_users": {
            "url": "BASE/lists/$list_id/remove?key=$bearer_token",
            "payload": '{"ids": $items, "phrase": "$phrase"}',
            "item": '"$user"',
        },
    },
}
FIELDS = {"bearer_token": TOKEN, "phrase": PHRASE}


def document(base: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(DOCUMENT).replace("BASE", base))
    return found


def spellings(secret: str) -> list[str]:
    """The ways in which an answer may quote a secret."""
    raw = secret.encode()
    in_json, in_ascii = json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]
    texts = [secret, in_json, in_ascii, in_ascii.replace("/", "\\/"), json.dumps(in_ascii)[1:-1]]
    texts += [quote(raw, safe=""), quote(raw), quote_plus(raw), quote(quote(raw, safe=""), safe="")]
    texts += [quote(raw, safe="~'"), re.sub("%..", lambda escape: escape[0].lower(), quote(raw, safe=""))]
    texts += [html.escape(secret), html.escape(secret, quote=False), html.escape(secret).replace("&quot;", "&#34;")]
    texts += [html.escape(secret).replace("&#x27;", "&#39;"), html.escape(html.escape(secret))]
    for before in ("", "u:", "user:", "a"):
        encoded = base64.b64encode(before.encode() + raw + b":tail").decode()
        texts += [encoded, encoded.replace("+", "-").replace("/", "_").rstrip("=")]
    return [*texts, raw.hex(), raw.hex().upper()]


def answer_body() -> bytes:
    """JSON with every spelling: as texts, as JSON inside a text, and as the ids and reasons of refused members."""
    told = [text for secret in SECRETS for text in spellings(secret)]
    refused = [{"id": "u1", "reason": f"by {text}"} for text in told]
    body = {
        "listId": "L1",
        "message": f"bad key {TOKEN}",
        "errors": refused,
        "told": told,
        "inner": json.dumps(told[:6]),
    }
    return json.dumps(body).encode()


def _headers() -> list[str]:
    ascii_only = [text for text in spellings(TOKEN) if text.isascii()]
    echoed = [f"X-Echo-{number}: {text}" for number, text in enumerate(ascii_only)]
    return [*echoed, f"Location: https://login.example.test/?next={quote(TOKEN, safe='')}&k={TOKEN}"]


@contextmanager
def telling(statuses: dict[str, int] | None = None) -> Iterator[Server]:
    """Serves it; `statuses` by the last word of the path, 200 otherwise. `raw` answers with text that is no JSON."""

    def converse(connection: socket.socket, heard: Heard) -> None:
        word = heard.target.partition("?")[0].rpartition("/")[2]
        status = (statuses or {}).get(word, 200)
        body = answer_body()
        if status >= 500:
            body = "\n".join(text for one in SECRETS for text in spellings(one)).encode()
        reply(status, body, *_headers())(connection, heard)

    with serving(converse) as server:
        yield server


def leaks(content: bytes | str) -> list[str]:
    """The traces of a secret in some bytes: letters of it, or their Base64 or hexadecimal digits."""
    found = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return [trace.decode() for trace in _traces() if trace in found]


def _traces() -> Iterator[bytes]:
    """Half of a secret's letters already counts, so that one that was cut is found too."""
    for word in (CORE, CORE[::-1]):
        for part in (word[: len(word) // 2], word[len(word) // 2 :]):
            raw = part.encode()
            yield raw
            yield part.encode("utf-16-le")
            yield raw.hex().encode()
            yield raw.hex().upper().encode()
            for shift in range(3):
                whole = base64.b64encode(b"\0" * shift + raw)
                yield whole[4 if shift else 0 : len(raw) // 3 * 4 - 4]


def leaks_in_folder(folder: Path) -> list[str]:
    """As `leaks`, for every file below a folder, its name included."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [f"{path.name}: {trace}" for path in files for trace in [*leaks(path.name), *leaks(path.read_bytes())]]
