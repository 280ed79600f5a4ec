"""JSON for reading."""

from __future__ import annotations

import json


def pretty(text: str, limit: int = 6_000) -> str:
    """JSON indented, other text as it is; cut to `limit` characters, saying how much is left out."""
    try:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = str(text)
    return text if len(text) <= limit else f"{text[:limit]}\n… {len(text) - limit:,} more characters"
