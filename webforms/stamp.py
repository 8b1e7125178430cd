"""The stamp that makes a second start warm: what was prepared, for which code, packs, database and day."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from models.settings import Settings

_ROOT = Path(__file__).parent.parent
_CHINA = timezone(timedelta(hours=8))


def fingerprint(settings: Settings) -> str:
    """Changes when a migration, a pack, the demo code, the database address or the demo switch changes."""
    digest = hashlib.sha256()
    digest.update(f"{settings.sqlalchemy_url}|{settings.demo}".encode())
    folders = (_ROOT / "models" / "migrations", _ROOT / "models" / "packs", _ROOT / "models" / "office")
    for folder in folders:
        whole = folder.name == "packs"  # official templates too
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and (whole or p.suffix == ".py")):
            stat = path.stat()
            digest.update(f"{path.relative_to(_ROOT)}|{stat.st_size}|{stat.st_mtime_ns}".encode())
    return digest.hexdigest()


def _path(settings: Settings) -> Path:
    return settings.data / "run" / "prepared.json"


def _today(settings: Settings) -> date:
    return settings.today or datetime.now(UTC).astimezone(_CHINA).date()


def read_stamp(settings: Settings) -> dict[str, Any] | None:
    """What was prepared, if it still holds today; None: prepare again."""
    stored = _load(_path(settings))
    if stored is None or stored.get("fingerprint") != fingerprint(settings):
        return None
    if stored.get("valid_until", "") < _today(settings).isoformat():
        return None
    if not settings.has_database:
        return None
    return stored


def write_stamp(settings: Settings, programmes: list[dict[str, Any]], accounts: list[dict[str, str]]) -> None:
    """Written last, by rename, readable by the owner only (it names the demo passwords)."""
    # The open/closed line is only right for today; preparing again costs two seconds a day.
    data = {
        "fingerprint": fingerprint(settings),
        "valid_until": _today(settings).isoformat(),
        "programmes": programmes,
        "accounts": accounts,
    }
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False)
    temporary.replace(path)


def demo_marker(settings: Settings) -> Path:
    """A file that is there once a demo has got its invented applications."""
    return settings.data / "run" / "demo-people"


def _load(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
