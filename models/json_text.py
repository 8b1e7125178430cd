"""JSON as it is kept: one encoder for the process, since making one costs thrice what a small value does."""

from __future__ import annotations

from json import JSONEncoder

dumps = JSONEncoder(ensure_ascii=False).encode  # as json.dumps(value, ensure_ascii=False)
