"""Photos that the platform only names by an address (PicUrl): fetched from its own hosts, never from inside our
network, in little time and with a limit. An account with rights may ask for them by their id (MediaId) as well."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

import httpx
import structlog

from bot_adapter.channels.base import MediaLost
from bot_adapter.channels.trust import trust
from bot_adapter.channels.wechat.api import Api, Away, Refused
from bot_adapter.channels.within import within
from models.application.photo_format import MAX_BYTES

HOSTS = ("qpic.cn",)  # and every name below
SECONDS = 3.0  # of the five in which the platform wants its reply
FIRST = 1.5  # of which an address has so many where the id can be tried after it
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given to anybody
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # IPv4, where a network has only the other
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # of it Python's lists name a part only
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
log = structlog.get_logger(__name__)


def reference(url: str, media_id: str) -> str:
    """What `photo` finds the photo by."""
    return f"{media_id if _MEDIA_ID.fullmatch(media_id) else ''} {url}"


def photo(reference: str, api: Api | None, seconds: float = SECONDS) -> bytes:
    """The photo at its address, or else by its id. Raises MediaLost: expired, not there in time, too large."""
    media_id, _, url = reference.partition(" ")
    until = time.monotonic() + seconds
    if api is None or not media_id:
        data = fetch(url, seconds=seconds)
    else:
        data = (fetch(url, seconds=min(FIRST, seconds)) if url else None) or _by_id(api, media_id, until)
    if data is None:
        raise MediaLost("the photo did not come")
    return data


def _by_id(api: Api, media_id: str, until: float) -> bytes | None:
    try:
        return api.media(media_id, until - time.monotonic(), MAX_BYTES)
    except Refused as exc:
        log.warning("photo_not_fetched", error="refused", code=exc.code)
    except Away as exc:
        log.warning("photo_not_fetched", error=exc.reason)
    return None


def is_public(address: str) -> bool:
    """Whether an IP address is one machine's on the internet: no loopback, private, link-local, reserved or multicast
    one, nor one of these in the clothes of IPv6."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found not in _UNICAST and found not in _NAT64 and found.ipv4_mapped is None:
            return False
        inner = found.ipv4_mapped or found.sixtofour
        inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else inner
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found in _PROTOCOLS)


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
    is redirected. The look-up of the name is a part of the time. The reason goes to the log, without the address.
    """
    until = time.monotonic() + seconds
    try:
        return within(seconds, lambda: _fetch(url, hosts, allowed, until, most))
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
        httpx.Client(timeout=left, follow_redirects=False, trust_env=False, verify=trust()) as client,
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
