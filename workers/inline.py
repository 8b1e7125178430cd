"""Promised work done in the calling process, by the jobs' own functions: for a simulation without a worker at hand."""

from __future__ import annotations

import hashlib

from workers.completeness import check_application
from workers.decoding import Decoded, Options, decode
from workers.photos import look_at, record
from workers.runtime import run_prepared


class Inline:
    """Does one row at a time. The same picture is decoded once: invented people share a few drawn ones."""

    def __init__(self) -> None:
        self._decoded: dict[tuple[bytes, Options], Decoded] = {}

    def process_page(self, outbox_id: str) -> None:
        """As the job of that name."""
        run_prepared(outbox_id, lambda page_id: look_at(page_id, self._decode), record)

    def check_application(self, outbox_id: str) -> None:
        """As the job of that name."""
        check_application(outbox_id)

    def _decode(self, data: bytes, options: Options) -> Decoded:
        key = hashlib.sha256(data).digest(), options
        if key not in self._decoded:
            self._decoded[key] = decode(data, options)
        return self._decoded[key]
