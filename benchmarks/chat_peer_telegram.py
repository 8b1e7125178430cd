"""python-telegram-bot's ConversationHandler, flushed each turn, in a process and an environment of its own:
`chat_turns.py` starts it.

    chat_peer_telegram.py SCRIPT FOLDER PEOPLE SEED BEFORE     prints {"seconds": …, "replies": […]}

It asks and answers the words of SCRIPT, our own conversation: a state a question, whose handler keeps what was said and
goes to the next. PicklePersistence writes once a turn (`on_flush`, so not once for the answers and once for the state)
and the file is synced, then the reply is sent. To be generous: nothing is checked beyond "not empty", nothing is
deduplicated or encrypted, updates are parsed before the clock starts, and nothing but the answers and the states is in
the file. BEFORE others have begun already: the file holds everybody, so a turn costs the more the more there are.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from telegram import Bot, Update
from telegram.ext import (
    Application,
    ContextTypes,
    ConversationHandler,
    ExtBot,
    MessageHandler,
    PersistenceInput,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest, RequestData

TOKEN = "42:" + "A" * 35  # nobody's


class Recorder(BaseRequest):
    """The place of the network: what was sent, by person."""

    def __init__(self) -> None:
        self.said: dict[int, list[str]] = {}

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **_timeouts: Any
    ) -> tuple[int, bytes]:
        name, result = url.rpartition("/")[2], {}
        if name == "getMe":
            result = {"id": 42, "is_bot": True, "first_name": "B", "username": "bench_bot"}
        elif name == "sendMessage":
            assert request_data is not None
            given = request_data.parameters
            self.said.setdefault(given["chat_id"], []).append(given["text"])
            result = {
                "message_id": 1,
                "date": 1_700_000_000,
                "chat": {"id": given["chat_id"], "type": "private"},
                "text": given["text"],
            }
        return 200, json.dumps({"ok": True, "result": result}).encode()


def flow(script: list[list[str]]) -> ConversationHandler[Any]:
    words = filters.TEXT & ~filters.COMMAND
    states = {number: [MessageHandler(words, _handler(number, script))] for number in range(1, len(script))}
    start = [MessageHandler(words, _handler(0, script))]
    return ConversationHandler(start, states, [], name="application", persistent=True)  # type: ignore[arg-type]


def _handler(number: int, script: list[list[str]]) -> Any:
    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int | None:
        assert update.message is not None
        text = (update.message.text or "").strip()
        if not text:
            return None
        assert context.user_data is not None
        context.user_data[number] = text
        context.user_data["reply"] = script[number][1]
        return number + 1 if number + 1 < len(script) else ConversationHandler.END

    return answer


def updates(script: list[list[str]], person: int, bot: Bot) -> list[Update]:
    who = {"id": person, "is_bot": False, "first_name": "P"}
    chat = {"id": person, "type": "private"}
    made = []
    for number, (text, _reply) in enumerate(script):
        message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": who, "text": text}
        update = Update.de_json({"update_id": person * 1000 + number, "message": message}, bot)
        assert update is not None
        made.append(update)
    return made


async def main(script: list[list[str]], folder: Path, people: int, seed: int, before: int) -> dict[str, Any]:
    request = Recorder()
    bot = ExtBot(TOKEN, request=request, get_updates_request=Recorder())
    kept = folder / "peer.pickle"
    only = PersistenceInput(bot_data=False, chat_data=False, callback_data=False)
    persistence: PicklePersistence[Any, Any, Any] = PicklePersistence(kept, only, on_flush=True)
    application = Application.builder().bot(bot).persistence(persistence).updater(None).build()
    application.add_handler(flow(script))
    for number in range(before):  # as if so many more had come to the end
        other = seed * 1_000_000 + number
        await persistence.update_user_data(other, dict(enumerate(text for text, _reply in script)))
        await persistence.update_conversation("application", (other, other), len(script) - 1)
    await application.initialize()
    crowd = [updates(script, seed + number, bot) for number in range(people + 1)]

    async def turn(person: int, update: Update) -> None:
        await application.process_update(update)
        await application.update_persistence()
        await persistence.flush()
        with kept.open("rb") as file:
            os.fsync(file.fileno())
        await bot.send_message(person, application.user_data[person]["reply"])

    for update in crowd[0]:
        await turn(seed, update)
    start = time.perf_counter()
    for number, own in enumerate(crowd[1:], start=1):
        for update in own:
            await turn(seed + number, update)
    seconds = time.perf_counter() - start
    await application.shutdown()
    return {"seconds": seconds, "replies": [request.said[seed + number] for number in range(1, people + 1)]}


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    found = asyncio.run(main(given, Path(sys.argv[2]), *(int(number) for number in sys.argv[3:6])))
    print(json.dumps(found, ensure_ascii=False))
