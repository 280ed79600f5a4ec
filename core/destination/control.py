"""The control surface of a sandbox: what it holds and has received, its faults, a fresh start."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from core.destination.exchange import Answer, json_answer
from core.destination.faults import Faults
from core.destination.sandbox import Sandbox

CONTROL = "/_sandbox"


def control(sandbox: Sandbox, method: str, path: str, body: bytes) -> Answer:
    """Answers `GET /state`, `GET /lists/ID/members`, `PUT /faults` and `POST /reset`; `path` is below `/_sandbox`."""
    match (method.upper(), path.split("/")[1:]):
        case ("GET", ["state"]):
            return json_answer(200, state(sandbox))
        case ("GET", ["lists", raw_id, "members"]):
            list_id = unquote(raw_id)
            if list_id not in [str(held.id) for held in sandbox.lists]:
                return json_answer(404, {"error": f"There is no list {list_id[:100]}."})
            return json_answer(200, {"id": list_id, "members": sorted(sandbox.held(list_id))})
        case ("PUT", ["faults"]):
            return _set_faults(sandbox, body)
        case ("POST", ["reset"]):
            sandbox.reset()
            return json_answer(200, state(sandbox))
        case _:
            known = [f"{CONTROL}/state", f"{CONTROL}/lists/ID/members", f"{CONTROL}/faults", f"{CONTROL}/reset"]
            return json_answer(404, {"error": "There is nothing here.", "known": known})


def state(sandbox: Sandbox) -> dict[str, Any]:
    """Lists with their sizes, counts, faults and the last calls, as JSON."""
    return {
        "lists": [asdict(held) for held in sandbox.lists],
        "counts": asdict(sandbox.counts),
        "faults": sandbox.faults.model_dump(mode="json"),
        "requests": [asdict(received) for received in sandbox.received],
    }


def _set_faults(sandbox: Sandbox, body: bytes) -> Answer:
    try:
        faults = Faults.model_validate_json(body)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors()]
        return json_answer(400, {"error": "These are not faults.", "problems": problems})
    sandbox.faults = faults
    return json_answer(200, faults.model_dump(mode="json"))
