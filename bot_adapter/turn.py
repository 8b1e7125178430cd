"""One turn of a conversation: what is known when a message arrives, and the reply being written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot_adapter.holdings import held_ids
from bot_adapter.messages import InboundMessage, OutboundMessage
from models import clock
from models.application import prefill, queries, reuse, rounds, service
from models.application.prefill import Prefill
from models.application.queries import ApplicationView
from models.application.reuse import Offer
from models.application.said import state_bound_to
from models.application.tables import Conversation
from models.crypto import ring
from models.extensions import db
from models.interview import engine
from models.interview.steps import Ask, Plan
from models.interview.wording import say
from models.json_text import dumps
from models.programme.pack import Pack

DOOR = "chat"


@dataclass(slots=True)
class Turn:
    """`state` is conversational only: the key shown last (`at`), what is being edited, chosen or typed. Whatever of
    it is personal is sealed. `programme` is the programme as it is now; a new application begins under it."""

    conversation: Conversation
    programme: Pack
    inbound: InboundMessage
    today: date = field(default_factory=lambda: clock.current().today())
    state: dict[str, Any] = field(default_factory=dict)
    out: list[OutboundMessage] = field(default_factory=list)
    brief: bool = False  # the same step was shown just before: do not repeat its explanations
    told: bool = False  # the reply begins with something that the person had not heard when they wrote
    taking: bool | None = None  # whether a kept round takes applications today, once it is known
    _placed: tuple[ApplicationView | None, dict[str, Any], Any] | None = None
    _view: ApplicationView | None = None
    _sought: bool = False  # whether the offer has been looked for
    _offer: Offer | None = None
    _read: bool = False  # whether the card has
    _prefill: Prefill | None = None
    _empty_plan: Plan | None = None
    _opened: tuple[str, Any] | None = field(default=None, repr=False)  # what was sealed or opened last

    @property
    def lang(self) -> str:
        return self.conversation.language

    @property
    def application_id(self) -> str | None:
        return self.conversation.application_id

    @property
    def view(self) -> ApplicationView | None:
        """The application as it stands; None before the first answer."""
        view = self._view
        if view is None and (application_id := self.conversation.application_id) is not None:
            view = self._view = queries.view(application_id)
        return view

    @property
    def offer(self) -> Offer | None:
        """What the person gave in another programme on this channel, as far as it could be brought over."""
        if not self._sought:
            read = self.view is not None and "verdict" in self.plan.answered  # nothing is offered before
            held = held_ids(db.session(), self.conversation) if read else []
            self._offer = reuse.offer(self.view, held) if self.view is not None and held else None
            self._sought = True
        return self._offer

    @property
    def prefill(self) -> Prefill | None:
        """The ID card that spares the person some typing, as far as it is."""
        if not self._read:
            self._prefill = prefill.prefill(self.view) if self.view is not None else None
            self._read = True
        return self._prefill

    @property
    def pack(self) -> Pack:
        """What the person is asked by: the version of their application; before they have one, the programme now."""
        view = self._view or self.view
        return view.pack if view is not None else self.programme

    def changed(self) -> None:
        """The application has been written: read it anew."""
        self._view = self._offer = self._prefill = None
        self._sought = self._read = False

    def turn_to(self, programme: Pack, state: dict[str, Any]) -> None:
        """The conversation has been given another application, or none: this one, with what was open in it."""
        self.programme, self.state, self.taking = programme, state, None
        self._placed = self._empty_plan = None
        self.changed()

    @property
    def plan(self) -> Plan:
        view = self._view or self.view
        if view is not None:
            return view.plan
        if self._empty_plan is None:
            self._empty_plan = engine.plan(self.pack, {}, self.today)
        return self._empty_plan

    @property
    def answers(self) -> Mapping[str, Any]:
        view = self._view or self.view
        return view.answers if view is not None else {}

    @property
    def status(self) -> str:
        view = self._view or self.view
        return view.status if view is not None else "draft"

    def application(self) -> str:
        """The id of the draft, begun now if there is none yet: a hello leaves no draft behind. Raises NotOpen."""
        found = self.conversation.application_id
        if found is None:
            started = service.start(self.programme.slug, DOOR, self.lang)
            found = self.conversation.application_id = started.application.id
            self.changed()
        return found

    def record(self, key: str, raw: Any) -> None:
        """Store one answer. Raises InvalidAnswer and leaves everything as it was."""
        if self.conversation.application_id is None:
            self.application()
        before = self.view
        assert before is not None
        after = queries.answered(before, {key: raw}, DOOR)
        self.changed()
        self._view = after

    def say(self, key: str, **params: Any) -> None:
        """Add a message of shared wording to the reply."""
        self.out.append(OutboundMessage(say(key, self.lang, **params)))

    def tell(self, sentence: str) -> None:
        """Add a finished sentence (already in the person's language) to the reply."""
        self.out.append(OutboundMessage(sentence))

    def is_open(self) -> bool:
        """Whether the programme takes applications now; asked of the database once."""
        if self.taking is None:
            self.taking = rounds.glance(self.programme.slug, self.today) is not None
        return self.taking or rounds.is_open(self.programme, self.taking)

    def current_ask(self, key: str) -> Ask | None:
        view = self._view or self.view
        return (self.plan if view is None else view.plan).ask(key)

    def placed(self, work: Callable[[Turn], Any]) -> Any:
        """What `work` makes of the turn. Asked several times: worked out again when the application or the state has
        changed, and always while photos wait, which neither of them shows."""
        known = self._placed
        if known is None or known[1] != self.state or known[0] is not self.view:
            here = work(self)
            if self.state.get("unplaced") or self.state.get("moving"):
                self._placed = None
                return here
            self._placed = known = (self.view, dict(self.state), here)
        return known[2]

    def drop(self, *names: str) -> None:
        """Forget parts of the conversational state."""
        state = self.state
        for name in names:
            if name in state:
                del state[name]

    def step_aside(self, key: str) -> None:
        """A question of its own comes between (`key`); what was shown before it is remembered."""
        if self.state.get("at") != key:
            self.state["before"] = self.state.get("at", "")
        self.state["at"] = key

    def step_back(self, key: str) -> None:
        """The question in between is settled: back to what was shown before it."""
        before = self.state.pop("before", "")
        if self.state.get("at") == key:
            self.state["at"] = before

    def seal(self, value: Any) -> str:
        """What a person has typed so far, for the state: encrypted, bound to this conversation."""
        data = dumps(value).encode()
        sealed = base64.b64encode(ring().seal(data, state_bound_to(self.conversation.id))).decode()
        self._opened = (sealed, value)
        return sealed

    def unseal(self, sealed: str) -> Any:
        """The same again: what is given is read, never changed, since it may be given once more."""
        known = self._opened
        if known is None or known[0] != sealed:
            data = ring().open(base64.b64decode(sealed), state_bound_to(self.conversation.id))
            self._opened = known = (sealed, json.loads(data))
        return known[1]
