"""A destination that takes the shape of the integration under test: it checks every call and keeps what it is told.

`handle` decides; it touches neither network nor clock and may be called from many threads. `asgi.py` serves it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

from core.destination.exchange import Answer, Call, Refusal, Understood, call, json_answer, refused
from core.destination.faults import Faults, interruption, is_nth
from core.destination.holdings import Full, HeldList, Holdings
from core.destination.shape import Shape
from core.integration import EndpointName, Integration
from core.request import Connection
from core.template.match import as_text

MAX_MEMBERS = 2_000_000
LOG_LENGTH = 200
_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Received:
    """One call in the log. `endpoint` is None for a call that none was found for; `note` says what was wrong."""

    number: int
    endpoint: EndpointName | None
    method: str
    path: str
    status: int
    members: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over all calls since the last reset; members are counted each time they are sent."""

    requests: int = 0
    refused: int = 0
    faults: int = 0
    added: int = 0
    already_there: int = 0
    removed: int = 0
    not_there: int = 0
    rejected: int = 0


class Sandbox:
    """One destination. With a connection it accepts that connection's credentials only, else any of the right form.

    Raises `DocumentError` when the integration does not compile or the connection does not fit it.
    """

    def __init__(
        self, integration: Integration, connection: Connection | None = None, *, max_members: int = MAX_MEMBERS
    ) -> None:
        self._lock = RLock()
        self._max_members = max_members
        self._shape = Shape(integration, connection)
        self._faults = Faults()
        self.reset()

    def reset(self) -> None:
        """Forgets all lists, members, calls and counts; the shape and the faults stay."""
        with self._lock:
            self._holdings = Holdings(self._max_members)
            self._log: deque[Received] = deque(maxlen=LOG_LENGTH)
            self._counts = Counts()
            self.faults = self._faults
            self._keep_given_list()

    def reshape(self, integration: Integration, connection: Connection | None = None) -> None:
        """Takes the shape of a changed integration and keeps what it holds. Raises `DocumentError`."""
        shape = Shape(integration, connection)
        with self._lock:
            self._shape = shape
            self._keep_given_list()

    def _keep_given_list(self) -> None:
        given = self._shape.connection.list_id if self._shape.connection else None
        if given is not None and given != "":
            self._holdings.create(given, "")

    @property
    def faults(self) -> Faults:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        """Sets what goes wrong from the next call on; counting begins anew."""
        with self._lock:
            self._faults = faults
            self._calls = 0
            self._first_seen: dict[str, bool] = {}

    @property
    def lists(self) -> tuple[HeldList, ...]:
        with self._lock:
            return self._holdings.lists

    def held(self, list_id: str | int) -> frozenset[str]:
        """The members of a list, or the users who have a property; empty when there is no such list."""
        with self._lock:
            return self._holdings.members(list_id)

    @property
    def counts(self) -> Counts:
        with self._lock:
            return self._counts

    @property
    def received(self) -> tuple[Received, ...]:
        """The last calls, oldest first."""
        with self._lock:
            return tuple(self._log)

    @property
    def weight(self) -> int:
        """How much it holds, in members."""
        return self._holdings.weight

    def handle(self, method: str, path: str, query: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """Answers one call. `path` and `query` are percent-encoded, as they came; `query` without its question mark."""
        shape, request = self._shape, call(method, path, query, headers, body)
        outcome = shape.read(request)
        with self._lock:
            self._calls += 1
            number, faults = self._calls, self._faults
            answer = interruption(faults, number)
            note = "fault" if answer else ""
            self._count(requests=1, faults=int(answer is not None))
            if answer is None:
                result = self._carried_out(shape, request, outcome)
                if isinstance(result, Refusal):
                    self._count(refused=1)
                    note, answer = result.sentence, refused(result)
                else:
                    answer = result
                    if is_nth(number, faults.drop_every):
                        self._count(faults=1)
                        note, answer = "fault: the answer broke off", replace(answer, cut_short=True)
            self._note(shape, request, outcome, answer.status, note)
        return replace(answer, delay=faults.latency_ms / 1000)

    def _carried_out(self, shape: Shape, request: Call, outcome: Understood | Refusal) -> Answer | Refusal:
        """Does what a call says. What is refused leaves no trace, not even an empty list."""
        if isinstance(outcome, Refusal):
            return outcome
        lists = len(self._holdings)
        try:
            result = self._done(shape, request, outcome)
        except Full as full:
            result = Refusal(507, str(full))
        if isinstance(result, Refusal):
            self._holdings.forget_after(lists)
        return result

    def _done(self, shape: Shape, request: Call, outcome: Understood) -> Answer | Refusal:
        creates = outcome.endpoint == "create_list"
        target = self._new_list(shape, outcome) if creates else self._target(shape, outcome)
        if isinstance(target, Refusal):
            return target
        rejected = self._apply(shape, outcome, target)
        if isinstance(rejected, Refusal):
            return rejected
        document = shape.success(outcome, rejected)
        if not creates:
            return json_answer(200, document)
        url = f"http://{request.headers.get('host', 'localhost')}{request.path.rstrip('/')}"
        document, headers = shape.with_list_id(document, target, url, misplaced=self._faults.wrong_list_id_path)
        return json_answer(201, document, headers)

    def _new_list(self, shape: Shape, understood: Understood) -> str | int | Refusal:
        """The id of the list that a call creates: a new one, or the one that the call itself gives."""
        if shape.gives_ids:
            list_id: str | int | None = self._holdings.new_id(numeric=shape.numeric_ids)
        else:
            list_id = shape.requested_id(understood)
        if list_id is None:
            return Refusal(422, f"There is no list id at {shape.id_path} in the request.")
        self._holdings.create(list_id, as_text(understood.values.get("amp_cohort_name", list_id)))
        return list_id

    def _target(self, shape: Shape, understood: Understood) -> str | int | Refusal:
        """The list, or the property, that a call is about."""
        values = understood.values
        if shape.integration.type == "property":
            fallback = shape.connection.cohort.id if shape.connection else ""
            key = as_text(values.get(shape.property_variable or "", fallback or "property"))
            self._holdings.create(key, as_text(values.get("amp_cohort_name", key)))
            return key
        list_id = values.get("list_id")
        if list_id is None:
            list_id = self._holdings.ids[-1] if self._holdings.ids else "list"
        if list_id not in self._holdings:
            if shape.knows_all_lists:
                error = f"There is no list {as_text(list_id)[:100]}."
                return Refusal(404, error, details={"lists": list(self._holdings.ids[-20:])})
            self._holdings.create(list_id, as_text(values.get("amp_cohort_name", list_id)))
        return list_id if isinstance(list_id, int) else as_text(list_id)

    def _apply(self, shape: Shape, understood: Understood, target: str | int) -> list[Any] | Refusal:
        """Adds or removes the members of a call; returns those that were not accepted, as they were sent."""
        members = understood.members
        if understood.remove:
            gone = self._holdings.remove(target, members)
            self._count(removed=gone, not_there=len(members) - gone)
            return []
        at_fault = {number for number, member in enumerate(members) if self._rejects(member)}
        rejected = [understood.sent[number] for number in sorted(at_fault)]
        self._count(rejected=len(rejected))
        if rejected and not shape.endpoint(understood.endpoint).endpoint.rejected_path:
            shown = [as_text(value) for value in rejected[:10]]
            return Refusal(422, f"Members are not accepted: {len(rejected):,}.", details={"members": shown})
        taken = [member for number, member in enumerate(members) if number not in at_fault] if at_fault else members
        new = self._holdings.add(target, taken)
        self._count(added=new, already_there=len(taken) - new)
        return rejected

    def _rejects(self, member: str) -> bool:
        """Whether a fault keeps a member out. The count goes by first appearance, so that a retry meets the same."""
        if member in self._faults.reject:
            return True
        if not self._faults.reject_every:
            return False
        if member not in self._first_seen and len(self._first_seen) < self._max_members:
            self._first_seen[member] = is_nth(len(self._first_seen) + 1, self._faults.reject_every)
        return self._first_seen.get(member, False)

    def _count(self, **more: int) -> None:
        self._counts = replace(
            self._counts, **{name: getattr(self._counts, name) + number for name, number in more.items()}
        )

    def _note(self, shape: Shape, request: Call, outcome: Understood | Refusal, status: int, note: str) -> None:
        """Logs a call, without what may hold a secret: an endpoint's path is shown as its template."""
        path = shape.endpoint(outcome.endpoint).path_form if outcome.endpoint else shape.mask(request.path)
        members = len(outcome.members) if isinstance(outcome, Understood) else 0
        shown = shape.mask(note)[:_LONGEST_NOTE]
        number = self._counts.requests
        self._log.append(Received(number, outcome.endpoint, request.method, path[:200], status, members, shown))
