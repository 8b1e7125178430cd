"""A real S3 server in this process (moto), that can be stopped and started again without losing what it holds."""

from __future__ import annotations

import itertools

import httpx
from moto.server import ThreadedMotoServer

from models.settings import Settings

_numbers = itertools.count(1)


class ObjectServer:
    """`start()` before use; `bucket()` makes an empty one. Its address stays the same when it is started again."""

    def __init__(self) -> None:
        self._port = 0
        self._server: ThreadedMotoServer | None = None

    def start(self) -> None:
        """Answer again, on the same port as before."""
        if self._server is None:
            self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
            self._server.start()
            self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            server, self._server = self._server, None
            server.stop()
            server._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def bucket(self) -> str:
        """The name of a new, empty bucket."""
        name = f"bole-{next(_numbers)}"
        httpx.put(f"{self.endpoint}/{name}").raise_for_status()
        return name

    def settings(self, before: Settings) -> Settings:
        """`before`, with its files in a new bucket here."""
        return before.model_copy(
            update={
                "storage_url": f"s3://{self.bucket()}/files",
                "storage_endpoint": self.endpoint,
                "storage_region": "us-east-1",
                "storage_key_id": "invented",
                "storage_secret": "invented too",
            }
        )
