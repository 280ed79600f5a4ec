"""One GET whose answer may be large: written down as it comes, up to a limit, its trouble said in plain words."""

from __future__ import annotations

from typing import BinaryIO

import httpx

from core.errors import PlatformError
from core.sync.deadline import deadline
from core.sync.hosts import problem
from core.sync.network import HostRefused


class NoAnswer(PlatformError):
    """No answer came, or not the whole of it: the same request may be made again."""


def get(
    client: httpx.Client, url: str, into: BinaryIO, *, authorization: str = "", most_bytes: int, seconds: float
) -> httpx.Response:
    """Status and headers of the answer; its body, as it comes over the wire, is what `into` then holds.

    The server is asked not to encode it; redirects are not followed. Takes at most `seconds`, from the look-up of the
    host to the last byte. Raises PlatformError for a URL that cannot be used, a host that the operator does not allow
    and an answer that is too large, NoAnswer for trouble on the way.
    """
    headers = {"Accept-Encoding": "identity", **({"Authorization": authorization} if authorization else {})}
    try:
        request = client.build_request("GET", url, headers=headers)
        unfit = problem(request.url)
    except (httpx.InvalidURL, ValueError):
        unfit = "it is not written like one"
    if unfit:
        raise PlatformError(f"The API URL cannot be used: {unfit}.", remedy="Correct it in the project.")
    host = request.url.netloc.decode()
    into.seek(0)
    into.truncate()
    try:
        with deadline(seconds):
            response = client.send(request, stream=True)
            try:
                size = 0
                for piece in response.iter_raw():
                    size += len(piece)
                    if size > most_bytes:
                        raise PlatformError(f"{host} sends more than {most_bytes:,} bytes.", remedy=_TOO_MUCH)
                    into.write(piece)
            finally:
                response.close()
    except HostRefused as error:
        raise PlatformError(f"{str(error).rstrip('.')}.") from None
    except httpx.HTTPError as error:
        raise NoAnswer(_explain(error, host), remedy="Try again in a while.") from None
    into.seek(0)
    return response


_TOO_MUCH = "Use a smaller cohort, or leave its snapshots in the watched folder."


def _explain(error: httpx.HTTPError, host: str) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"{host} cannot be reached."
    if isinstance(error, httpx.TimeoutException):
        return f"{host} did not answer in time."
    return f"The connection to {host} broke before the answer was complete."
