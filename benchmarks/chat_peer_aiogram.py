"""aiogram's FSM with Redis storage, in a process and an environment of its own: `chat_turns.py` starts it.

    chat_peer_aiogram.py SCRIPT SOCKET PEOPLE SEED BEFORE AT_ONCE     prints {"seconds": …, "replies": […]}

It asks and answers the words of SCRIPT, our own conversation: a state a question, whose handler keeps what was said,
goes to the next state and answers. State and data are in Valkey, which has synced them to disk before it answers
(appendfsync always), hence before the reply. To be generous: nothing is checked beyond "not empty", nothing is
deduplicated, encrypted, or put into a form; updates are parsed before the clock starts; no request leaves the process.
BEFORE others have begun already. AT_ONCE people talk at a time, so that turns share what the disk takes.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.methods import SendMessage
from aiogram.types import Chat, Message, Update
from redis.asyncio import Redis

TOKEN = "42:" + "A" * 35  # nobody's


class Recorder(BaseSession):
    """The place of the network: what was sent, by person."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[int, list[str]] = {}

    async def make_request(self, bot: Bot, method: Any, timeout: int | None = None) -> Any:
        assert isinstance(method, SendMessage)
        assert isinstance(method.chat_id, int)
        self.said.setdefault(method.chat_id, []).append(method.text)
        return Message(message_id=1, date=0, chat=Chat(id=method.chat_id, type="private"), text=method.text)  # type: ignore[arg-type]

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *_args: Any, **_kwargs: Any) -> Any:
        raise AssertionError("the flow downloads nothing")


def flow(script: list[list[str]]) -> Router:
    """A state a question; without one somebody is a stranger."""
    made = {f"q{number}": State() for number in range(len(script))}
    states = type("Application", (StatesGroup,), made)
    router = Router()
    for number, (_text, reply) in enumerate(script):
        here = getattr(states, f"q{number - 1}") if number else None
        router.message.register(_handler(number, getattr(states, f"q{number}"), reply), StateFilter(here))
    return router


def _handler(number: int, there: State, reply: str) -> Any:
    async def answer(message: Message, state: FSMContext) -> None:
        text = (message.text or "").strip()
        if not text:
            return
        await state.update_data({f"q{number}": text})
        await state.set_state(there)
        await message.answer(reply)

    return answer


def updates(script: list[list[str]], person: int) -> list[Update]:
    who = {"id": person, "is_bot": False, "first_name": "P"}
    chat = {"id": person, "type": "private"}
    return [
        Update.model_validate(
            {
                "update_id": person * 1000 + number,
                "message": {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": who, "text": text},
            }
        )
        for number, (text, _reply) in enumerate(script)
    ]


async def fill(redis: Any, person: int, count: int) -> None:
    """As if `count` more had come as far as `person`."""
    keys = [key async for key in redis.scan_iter(f"fsm:{person}:{person}:*")]
    assert len(keys) == 2
    async with redis.pipeline(transaction=False) as pipe:
        for key in keys:
            value = await redis.get(key)
            for number in range(count):
                other = f"{person}{number:06}"
                pipe.set(key.decode().replace(str(person), other), value)
        await pipe.execute()


async def main(
    script: list[list[str]], socket: str, people: int, seed: int, before: int, at_once: int
) -> dict[str, Any]:
    session = Recorder()
    bot = Bot(TOKEN, session=session)
    redis = Redis(unix_socket_path=socket)
    dispatcher = Dispatcher(storage=RedisStorage(redis))
    dispatcher.include_router(flow(script))
    crowd = [updates(script, seed + number) for number in range(people + 1)]
    left = iter(crowd[1:])

    async def talk() -> None:
        for own in left:
            for update in own:
                await dispatcher.feed_update(bot, update)

    for update in crowd[0]:
        await dispatcher.feed_update(bot, update)
    await fill(redis, seed, before)
    start = time.perf_counter()
    await asyncio.gather(*(talk() for _ in range(at_once)))
    seconds = time.perf_counter() - start
    await redis.aclose()
    return {"seconds": seconds, "replies": [session.said[seed + number] for number in range(1, people + 1)]}


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    found = asyncio.run(main(given, sys.argv[2], *(int(number) for number in sys.argv[3:7])))
    print(json.dumps(found, ensure_ascii=False))
