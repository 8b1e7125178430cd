"""Photos that the platform only names by an address (PicUrl): fetched from its own hosts, never from inside our
network, in little time and with a limit."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

import httpx
import structlog

from models.application.pages import MAX_BYTES

HOSTS = ("qpic.cn",)  # and every name below
SECONDS = 3.0  # of the five in which the platform wants its reply
log = structlog.get_logger(__name__)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's: no loopback, private, link-local or reserved one."""
    return ipaddress.ip_address(address).is_global


def fetch(
    url: str,
    *,
    hosts: Collection[str] = HOSTS,
    allowed: Callable[[str], bool] = is_public,
    seconds: float = SECONDS,
    most: int = MAX_BYTES,
) -> bytes | None:
    """The picture at `url`; None where it may not be asked for or does not come in time and size.

    The address that was checked is the one that is connected to, whatever the name resolves to a moment later; nothing
    is redirected. The reason goes to the log, without the address.
    """
    try:
        return _fetch(url, hosts, allowed, time.monotonic() + seconds, most)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as exc:
        log.warning("photo_not_fetched", error=type(exc).__name__)
        return None


def _fetch(
    url: str, hosts: Collection[str], allowed: Callable[[str], bool], deadline: float, most: int
) -> bytes | None:  # fmt: skip
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not any(host == one or host.endswith(f".{one}") for one in hosts):
        log.warning("photo_not_fetched", error="host")
        return None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found or not all(allowed(address) for address in found):
        log.warning("photo_not_fetched", error="address")
        return None
    address = sorted(found)[0]
    target = httpx.URL(url).copy_with(host=address)
    left = max(0.1, deadline - time.monotonic())
    with (
        httpx.Client(timeout=left, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "GET", target, headers={"Host": parts.netloc.rpartition("@")[2]}, extensions={"sni_hostname": host}
        ) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            log.warning("photo_not_fetched", error="status", status=answer.status_code)
            return None
        data = bytearray()
        for chunk in answer.iter_bytes():
            data += chunk
            if len(data) > most or time.monotonic() > deadline:
                log.warning("photo_not_fetched", error="too long")
                return None
        return bytes(data)
