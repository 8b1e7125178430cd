"""The chat on a terminal, from a script."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from bot_adapter.channels import terminal
from models.application.tables import Application
from models.errors import PackError
from models.extensions import db


def run(app: Flask, *lines: str, language: str = "zh") -> str:
    out = io.StringIO()
    terminal.run(app, "orchard", [f"{line}\n" for line in lines], out, language)
    return out.getvalue()


def test_a_whole_application_by_script(
    chat_app: Flask, tmp_path: Path, id_number: str, photograph: Callable[..., bytes]
) -> None:
    photos = []
    for number in range(3):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(photograph(number * 40))
        photos.append(f"photo {path}")
    heard = run(
        chat_app,
        *("1", "1", "1", "1", "2", "1", "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过"),
        *("2010.9", "至今", "红星果园", "完成", "没有"),
        *(photos[0], photos[1], "发完了", photos[2], "跳过", "1", "1"),
    )
    application = db.session.scalars(select(Application)).one()
    assert application.status == "submitted"
    assert application.receipt in heard
    assert heard.rstrip().endswith("再见。")


def test_only_replies_are_written(chat_app: Flask) -> None:
    heard = run(chat_app, "1", "独一无二的输入")
    assert heard.startswith("您好")
    assert heard.count("独一无二的输入") == 0


def test_a_photo_that_is_not_there_is_said(chat_app: Flask) -> None:
    assert "没有这个文件：/nowhere.jpg" in run(chat_app, "photo /nowhere.jpg")


def test_english(chat_app: Flask) -> None:
    heard = run(chat_app, "1", language="en")
    assert "Hello" in heard
    assert "Goodbye" in heard


def test_an_unknown_programme(chat_app: Flask) -> None:
    with pytest.raises(PackError):
        terminal.run(chat_app, "nowhere", [], io.StringIO())
