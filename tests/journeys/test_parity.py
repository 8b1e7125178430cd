"""The two doors ask the same and end the same: the same person, once through the web's pages and once by talking.

Hypothesis chooses the person and every eligibility answer. The web is driven by its real pages (addresses, controls),
the chat by messages alone; what each asked, and everything that is kept at the end, is compared.
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from bot_adapter import conversation, search
from bot_adapter.messages import InboundMessage, MediaRef, OutboundMessage
from models.application import queries, rounds, service
from models.application.tables import Application, Conversation
from models.eligibility.verdict import UNSURE
from models.extensions import db
from models.interview.steps import Ask, Stage
from models.office import units
from models.programme.fields import display
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms.simulate import invent

PACK = "hengyang-2015"
_EVERYTHING = settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_DECIDING = settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_QUOTED = re.compile(r'[一二三四五六七八九]\([一二三四五六七八九十]\)|"[^"]*"|“[^”]*”|\([^()a-z]*\)')
_ASKED = re.compile(r'name="((?:field|consent|declaration|col):[a-z0-9_]+)')


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 700), (190, 180, 150)).save(out, "JPEG")
    return out.getvalue()


PHOTO = photo()


@pytest.fixture
def town(app: Flask) -> Iterator[Flask]:
    app.extensions["bole"].redis = None
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        units.load_units(load_pack(PACK))
        rounds.open_round(PACK, "试验", date(2026, 11, 1), date(2026, 12, 31))
        db.session.remove()
    yield app


class Somebody:
    """What one person answers to each question, whichever door asks."""

    def __init__(self, pack: Pack, seed: int, known: dict[str, Any] | None = None) -> None:
        self.pack, self.seed, self.known = pack, seed, known or {}

    def answer(self, ask: Ask) -> Any:
        if ask.key in self.known:
            return self.known[ask.key]
        random = Random(f"{self.seed}:{ask.key}")
        if ask.key == "claim":
            return random.sample([option.value for option in ask.options], random.randint(1, 3))
        if ask.unsure and random.random() < 0.15:
            return UNSURE
        if ask.kind == "yes_no":
            return random.random() < 0.6
        if ask.kind == "choice":
            return random.choice(ask.options).value
        if ask.kind == "choices":
            return [o.value for o in random.sample(ask.options, random.randint(0, min(3, len(ask.options))))]
        return str(random.randint(1, 30)) if ask.kind == "number" else f"{random.randint(1970, 2020)}-05-06"

    def pages(self, ask: Ask) -> int:
        """Photos of a document: as few as it takes, none of an optional one."""
        return max(1, ask.min_pages) if ask.required else 0


class Web:
    """The person in a browser without JavaScript."""

    def __init__(self, client: FlaskClient, person: Somebody) -> None:
        self.client, self.person, self.asked = client, person, []
        before = set(db.session.scalars(select(Application.id)))
        db.session.rollback()
        self.client.post(f"/p/{PACK}/start")
        (self.id,) = set(db.session.scalars(select(Application.id))) - before
        self.base = f"/p/{PACK}"

    def view(self) -> queries.ApplicationView:
        db.session.rollback()
        db.session.expire_all()
        return queries.view(self.id)

    def post(self, path: str, data: dict[str, Any]) -> Any:
        page = self.client.get(path).text
        ticket = re.search(r'name="_ticket" value="([^"]+)"', page)
        assert ticket is not None, f"{path}: {page[:400]}"
        return self.client.post(path, data={"_ticket": ticket[1], **data}, content_type="multipart/form-data")

    def controls(self, key: str, ask: Any, value: Any) -> dict[str, Any]:
        """What the browser sends for this value."""
        if value == UNSURE and ask.kind not in ("choice", "choices", "yes_no"):
            return {f"{key}.unsure": "1"}
        if isinstance(value, bool):
            return {key: "yes" if value else "no"}
        if isinstance(value, (list, tuple)):
            return {key: list(value) or ["none"]}
        return {key: value}

    def decide(self) -> None:
        """To the verdict."""
        for _ in range(80):
            path = self.client.get(f"{self.base}/next").headers["Location"]
            if path.endswith("/consents"):
                keys = [ask.key for ask in self.view().plan.asks if ask.stage is Stage.CONSENT]
                self.post(path, dict.fromkeys(keys, "yes"))
            elif "/q/" in path:
                name = path.rpartition("/")[2]
                key = name if name == "claim" else f"fact:{name}"
                ask = self.view().plan.ask(key)
                assert ask is not None
                self.asked.append(key)
                sent = self.post(path, self.controls(key, ask, self.person.answer(ask)))
                assert sent.status_code == 302, sent.text
            else:
                assert path.endswith("/verdict"), path
                return
        raise AssertionError("the questions never end")

    def fill_in(self) -> None:
        self.post(f"{self.base}/verdict", {})
        for _ in range(2):  # a section may grow by its own answers
            for name in re.findall(rf'href="{self.base}/s/([a-z0-9_]+)', self.client.get(f"{self.base}/tasks").text):
                self._section(name)
        for name in re.findall(rf'href="{self.base}/d/([a-z0-9_]+)', self.client.get(f"{self.base}/tasks").text):
            ask = self.view().plan.ask(f"document:{name}")
            assert ask is not None
            for _ in range(self.person.pages(ask)):
                path = f"{self.base}/d/{name}"
                page = self.client.get(path).text
                data = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page))
                sent = self.client.post(path, data={**data, "photo": (io.BytesIO(PHOTO), "a.jpg")})
                assert sent.status_code == 302, sent.text
            if not self.person.pages(ask):
                self.post(f"{self.base}/d/{name}", {})
        plan = self.view().plan
        keys = [ask.key for ask in plan.asks if ask.stage is Stage.DECLARATION]
        assert {ask.key for ask in plan.asks} - plan.answered == set(keys), "the web leaves something open"
        sent = self.post(f"{self.base}/declare", dict.fromkeys(keys, "yes"))
        assert sent.headers.get("Location", "").endswith("/receipt"), sent.text

    def _section(self, name: str) -> None:
        path = f"{self.base}/s/{name}"
        data: dict[str, Any] = {}
        plan = self.view().plan
        for key in dict.fromkeys(_ASKED.findall(self.client.get(path).text)):
            ask = plan.ask(key)
            if ask is not None and ask.kind != "rows":
                data |= self.controls(key, ask, self.person.known[key])
        section = next(s for s in plan.sections if s.id == name)
        for ask in section.asks:
            if ask.kind == "rows" and ask.key not in plan.answered:
                for number, row in enumerate(self.person.known.get(ask.key, []), start=1):
                    cells = {f"col:{c}": v for c, v in row.items() if v != ""}
                    cells |= {f"col:{c}.now": "1" for c, v in row.items() if v == ""}
                    self.post(f"{self.base}/rows/{ask.key.partition(':')[2]}/{number}", cells)
        self.post(path, data)


class Chat:
    """The same person, talking."""

    def __init__(self, person: Somebody, seed: int, lang: str = "zh") -> None:
        self.person, self.sender, self.random, self.lang = person, uuid.uuid4().hex, Random(seed), lang
        self.count, self.asked, self.heard = 0, [], []
        self.says(self.one_of("你好", "hello"))

    def one_of(self, chinese: str, english: str) -> str:
        return english if self.lang == "en" else chinese

    def says(self, text: str = "", media: tuple[MediaRef, ...] = ()) -> str:
        self.count += 1
        message = InboundMessage("test", self.sender, str(self.count), text, media, programme=PACK)
        self.heard += (reply := conversation.handle(message))
        return "\n".join(one.plain() for one in reply)

    def words(self, chinese: tuple[str, ...], english: tuple[str, ...]) -> tuple[str, ...]:
        return english if self.lang == "en" else chinese

    def talk(self) -> Conversation:
        return db.session.scalars(select(Conversation).where(Conversation.sender == self.sender)).one()

    def view(self) -> queries.ApplicationView:
        return queries.view(self.talk().application_id or "")

    def at(self) -> str:
        return str(self.talk().state["at"])

    def decide(self) -> None:
        for _ in range(120):
            at = self.at()
            if at.startswith("consent:"):
                self.says(self.random.choice(["1", *self.words(("同意", "一"), ("I agree", "the first one"))]))
            elif at == "claim" or at.startswith("fact:"):
                ask = self.view().plan.ask(at)
                assert ask is not None
                self.asked.append(at)
                self.reply(ask, self.person.answer(ask))
                assert self.at() != at, f"{at} is not understood"
            else:
                assert at == "verdict", at
                return
        raise AssertionError("the questions never end")

    def reply(self, ask: Any, value: Any) -> None:
        """The value as a person would say it: a number, or the words."""
        if value == UNSURE:
            self.says(self.one_of("不确定", "Not sure"))
        elif isinstance(value, bool):
            words = self.words(("是", "对"), ("yes", "Yes.")) if value else self.words(("不是", "没有"), ("no", "No."))
            self.says(self.random.choice(("1" if value else "2", *words)))
        elif ask.kind == "choice":
            self.says(self._choice(ask, value))
        elif ask.kind == "choices" or ask.key == "claim":
            self._several(ask, list(value))
        else:
            self.says(self.one_of("跳过", "skip") if value == "" else str(value))

    def _choice(self, ask: Any, value: str) -> str:
        number = [option.value for option in ask.options].index(value) + 1
        if len(ask.options) <= search.LONG and self.random.random() < 0.5:
            return str(number)
        label = str(ask.options[number - 1].label.get(self.lang))
        twins = [option for option in ask.options if option.label.get(self.lang).casefold() == label.casefold()]
        return label if len(twins) == 1 else value

    def _several(self, ask: Any, values: list[str]) -> None:
        if not values:
            none = self.one_of("以上都没有", "None of these")
            self.says(none if ask.key.startswith("fact:") else self.one_of("跳过", "skip"))
        elif len(ask.options) <= search.LONG:
            order = [option.value for option in ask.options]
            self.says(self.random.choice([" ", "，", "、"]).join(str(order.index(v) + 1) for v in values))
        else:
            for value in values:
                self.says(value)
            self.says(self.one_of("完成", "done"))

    def fill_in(self) -> None:
        self.says(self.one_of("继续", "go on"))
        for _ in range(300):
            at = self.at()
            if at == "ready":
                self.says(self.one_of("提交", "Submit"))
                return
            if at.startswith("declaration:"):
                self.says("1")
                continue
            if at == "prefill":
                self.says(self.one_of("我自己填", "I will fill it in myself"))
                continue
            ask = self.view().plan.ask(at)
            assert ask is not None, at
            if ask.kind == "document":
                self._photos(ask)
            elif ask.kind == "rows":
                self._rows(ask)
            else:
                self.reply(ask, self.person.known[at])
                if ask.kind == "place" and self.at() == at:
                    self.reply(ask, self.person.known[at])  # said again, it is meant as it is
                assert self.at() != at, f"{at} is not understood: {display(ask, self.person.known[at], 'zh')}"
        raise AssertionError("the form never ends")

    def _photos(self, ask: Ask) -> None:
        for number in range(self.person.pages(ask)):
            self.says(media=(MediaRef(str(number), PHOTO),))
        if self.at() == ask.key:
            self.says("1")

    def _rows(self, ask: Ask) -> None:
        rows = self.person.known.get(ask.key, [])
        for number, row in enumerate(rows):
            if number or self.one_of("有要填的吗", "anything to enter") in self.says("？"):
                self.says("1")
            for column in ask.columns:
                blank = self.words(("至今", "跳过"), ("to present", "skip"))
                value = row.get(column.id, "")
                self.says(blank[column.kind != "month"] if value == "" else str(value))
        self.says(self.one_of("完成", "done") if rows else self.one_of("没有", "nothing to enter"))


def kept(view: queries.ApplicationView) -> dict[str, Any]:
    """Everything that must not depend on the door."""
    application = view.application
    return {
        "answers": dict(view.answers),
        "asks": [ask.key for ask in view.plan.asks],
        "outcome": view.plan.assessment.outcome,
        "status": application.status,
        "unit": application.unit_id,
        "categories": application.categories,
        "name": application.name,
    }


@_DECIDING
@given(seed=st.integers(0, 100_000))
def test_both_doors_ask_the_same_questions_and_judge_the_same(town: Flask, seed: int) -> None:
    with town.app_context():
        pack = load_pack(PACK)
        web = Web(town.test_client(), Somebody(pack, seed))
        web.decide()
        chat = Chat(Somebody(pack, seed), seed)
        chat.decide()
        assert chat.asked == web.asked
        assert kept(chat.view()) == kept(web.view())
        db.session.remove()


@_EVERYTHING
@example(serial=0)
@given(serial=st.integers(1, 40))
def test_both_doors_end_the_same(town: Flask, serial: int) -> None:
    with town.app_context():
        pack = load_pack(PACK)
        known = invent(pack, 7, serial, date(2026, 11, 21)).answers
        web = Web(town.test_client(), Somebody(pack, 7, known))
        web.decide()
        web.fill_in()
        by_web = kept(web.view())
        service.delete(web.id)  # the person has one place; the second door starts from nothing
        chat = Chat(Somebody(pack, 7, known), serial)
        chat.decide()
        chat.fill_in()
        by_chat = kept(chat.view())
        assert chat.asked == web.asked
        assert by_chat == by_web
        assert by_chat["status"] == "submitted"
        service.delete(chat.view().application.id)
        db.session.remove()


def _chinese_of_ours(heard: list[OutboundMessage], known: dict[str, Any]) -> set[str]:
    """Lines that we say in Chinese to somebody who reads English; what is quoted, official or typed does not count."""
    typed = re.findall(r"[^\x00-\x7f]+", repr(known))
    told = {line for message in heard for line in message.plain().splitlines() if not line.startswith("For example: ")}
    return {line for line in told if _CHINESE.search(_without(_QUOTED.sub("", line), typed))}


def _without(line: str, typed: list[str]) -> str:
    for words in sorted(typed, key=len, reverse=True):
        line = line.replace(words, "")
    return line.replace("要用中文，请发：中文", "").replace("中文: switch to Chinese", "")


@_EVERYTHING
@given(serial=st.integers(41, 80))
def test_a_whole_application_in_english_is_the_same_record(town: Flask, serial: int) -> None:
    with town.app_context():
        pack = load_pack(PACK)
        known = invent(pack, 7, serial, date(2026, 11, 21)).answers
        records = []
        for lang in ("zh", "en"):
            chat = Chat(Somebody(pack, 7, known), serial, lang)
            chat.decide()
            chat.fill_in()
            records.append((chat.asked, kept(chat.view())))
            service.delete(chat.view().application.id)
        assert records[0] == records[1]
        assert records[1][1]["status"] == "submitted"
        assert _chinese_of_ours(chat.heard, known) == set()
        db.session.remove()


def test_the_pack_is_the_real_one() -> None:
    assert (Path(__file__).parents[2] / "models" / "packs" / PACK / "programme.toml").exists()
