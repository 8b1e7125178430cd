"""Promised work done in the calling process, by the jobs' own functions: for a simulation without a worker at hand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random

from models.programme import idnumber
from workers.completeness import check
from workers.decoding import Decoded, Options, decode
from workers.photos import look_at, record
from workers.runtime import run, run_prepared

_CARD_MEGAPIXELS = 1.5  # of a drawn ID card: enough to be read, little to keep


class Inline:
    """Does one row at a time. The same picture is decoded once: invented people share a few drawn ones, which is
    therefore neither said nor flagged."""

    def __init__(self) -> None:
        self._decoded: dict[tuple[bytes, Options], Decoded] = {}

    def process_page(self, outbox_id: str) -> None:
        """As the job of that name."""
        run_prepared(outbox_id, lambda page_id: look_at(page_id, self._decode), record)

    def check_application(self, outbox_id: str) -> None:
        """As the job of that name."""
        run(outbox_id, check)

    def id_card(self, side: str, name: str, sex: str, ethnicity: str, id_number: str, address: str, seed: str) -> bytes:
        """A photo of one side (``id_front``, ``id_back``) of the card of somebody invented; `seed` gives the rest, and
        the address where that is empty."""
        from workers.ocr.generated import id_cards, people  # only where cards are wanted
        from workers.ocr.generated.photographing import easy, photograph

        random = Random(seed)  # noqa: S311 - repeatable, nothing secret
        birth = idnumber.birth_date(id_number)
        home = people.person(random)
        where = address or home.address
        someone = people.Person(name, sex, ethnicity, birth, where, id_number, home.province, home.city)
        draw = id_cards.front if side == "id_front" else id_cards.back
        sheet, _ = draw(random, "plain", of=someone)
        return photograph(sheet.image, replace(easy(random), megapixels=_CARD_MEGAPIXELS), random)

    def _decode(self, data: bytes, options: Options) -> Decoded:
        key = hashlib.sha256(data).digest(), options
        if key not in self._decoded:
            self._decoded[key] = decode(data, options)
        return self._decoded[key]
