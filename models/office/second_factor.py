"""The second factor of an account: an authenticator's secret and recovery codes, sealed for exactly its row, in the
attributes that Flask-Security knows. What they are made and compared with is the library's (`webforms.second_factor`).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models import crypto
from models.office import sealing

METHOD = "authenticator"  # the library's name of the one method there is


class SecondFactor:
    """Mixed into `Staff`. `second_factor`: JSON with the secret and the recovery codes that are left, sealed; None
    without. `factor_counter`: the step of time whose code was used last, so that none is used twice."""

    id: Any
    second_factor: Mapped[bytes | None] = mapped_column(LargeBinary)
    factor_counter: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def has_factor(self) -> bool:
        """Whether signing in asks for a code."""
        return self.second_factor is not None

    def set_factor(self, secret: str, codes: list[str]) -> None:
        """Keep a new secret and its recovery codes."""
        held = json.dumps({"secret": secret, "codes": codes}).encode()
        self.second_factor = crypto.ring().seal(held, sealing.second_factor(self.id))

    def drop_factor(self) -> None:
        """From now on the password is enough."""
        self.second_factor = self.factor_counter = None

    def _held(self) -> dict[str, Any]:
        if self.second_factor is None:
            return {}
        found: dict[str, Any] = json.loads(crypto.ring().open(self.second_factor, sealing.second_factor(self.id)))
        return found

    @property
    def tf_primary_method(self) -> str | None:
        """For the library: how the second step is made."""
        return METHOD if self.has_factor else None

    @property
    def tf_totp_secret(self) -> str | None:
        """For the library: the secret that the authenticator has as well."""
        return self._held().get("secret")

    @property
    def mf_recovery_codes(self) -> list[str]:
        """For the library: what is left of the codes for a lost telephone."""
        return list(self._held().get("codes", ()))

    @mf_recovery_codes.setter
    def mf_recovery_codes(self, codes: list[str]) -> None:
        self.set_factor(self._held()["secret"], codes)
