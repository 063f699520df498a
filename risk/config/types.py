"""The types of the settings' values. Numbers have bounds, texts a check that tells what is wanted.

A text's type is `Annotated[str, Fits(…)]`; `risk.config.checks` holds the values to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Annotated, NamedTuple

import msgspec

MOST = 2**31 - 1  # what the least of the servers' whole numbers holds; in ms it is 24 days
DAY_MS = 86_400_000

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]
Millis = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
UpTo100000 = Annotated[int, msgspec.Meta(ge=0, le=100_000)]

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_URL = re.compile(
    r"(https?)://([^/?#\\@\s]+@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:\\@\[\]\s]+)(?::([0-9]{1,5}))?([/?#].*)?"
)
_PRINTED = re.compile(r"[!-~]{1,2010}")
_OWN = ("127.0.0.1", "localhost", "::1")
_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}")
_PATH = re.compile(r"(~/|/|[^~/]).*", re.DOTALL)
_FILE = re.compile(r"(~/|/).+", re.DOTALL)


class Fits(NamedTuple):
    """A check of a text, and what is wanted, for a message. A secret is never shown in one."""

    check: Callable[[str], bool]
    wanted: str
    secret: bool = False
    path: bool = False  # a folder or file of this machine, in which ~ is the user's home


def is_host(text: str) -> bool:
    """Whether it is a host name, an IPv4 or an IPv6 address; without brackets, port or zone."""
    try:
        if ":" in text:
            return "%" not in text and bool(IPv6Address(text))
        if text.rstrip(".").rpartition(".")[2].isdecimal():
            return bool(IPv4Address(text))
    except AddressValueError:
        return False
    return len(text) <= 253 and _HOST_NAME.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether what is sent to it stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def is_servers(text: str) -> bool:
    """Whether it is `host:port,…`; an IPv6 address stands in brackets."""
    return all(_is_server(part) for part in text.split(","))


def _is_server(text: str) -> bool:
    host, colon, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    known = is_host(bare) and (bare == host) == (":" not in bare)
    return bool(colon) and known and port.isdecimal() and port.isascii() and 0 < int(port) < 65536


def is_topic(text: str) -> bool:
    """Whether Kafka takes it as the name of a topic."""
    return text not in (".", "..") and _TOPIC.fullmatch(text) is not None


def is_index(text: str) -> bool:
    """Whether Elasticsearch takes it as the beginning of an index's name."""
    return _INDEX.fullmatch(text) is not None


def is_text(text: str) -> bool:
    """Whether it holds something, and neither line breaks nor other control characters."""
    return text == text.strip() != "" and not _has_control(text)


def is_options(text: str) -> bool:
    """Whether it can be options in one line, or none."""
    return not _has_control(text)


def is_identifier(text: str) -> bool:
    """Whether Postgres takes it as a name; it would cut off what is longer."""
    return is_text(text) and len(text.encode()) <= 63


def is_secret(text: str) -> bool:
    """Whether it can be a password."""
    return 0 < len(text) <= 512 and not _has_control(text)


def is_url(text: str) -> bool:
    """Whether it is an address of HTTPS; or of HTTP, but of this machine."""
    found = _URL.fullmatch(text) if _PRINTED.fullmatch(text) else None
    if found is None:
        return False
    scheme, user, host, port = found.group(1, 2, 3, 4)
    bare = host.strip("[]")
    if not is_host(bare) or (":" in bare) != (host != bare) or not 0 < int(port or 1) < 65_536:
        return False
    # In `http://127.0.0.1:x@elsewhere/` the address that one reads first is a user's name.
    return scheme == "https" or (bare in _OWN and user is None)


def is_webhook_secret(text: str) -> bool:
    """Whether Standard Webhooks takes it as a key: 24 to 64 bytes."""
    # One character more than a multiple of four is the half of a byte.
    return _WEBHOOK_SECRET.fullmatch(text) is not None and len(text[6:].rstrip("=")) % 4 != 1


def is_path(text: str) -> bool:
    """Whether it is a path of a folder; `~` alone is one, too."""
    return text == "~" or (is_text(text) and _PATH.fullmatch(text) is not None)


def is_file(text: str) -> bool:
    """Whether it is a whole path of a file."""
    return is_text(text) and _FILE.fullmatch(text) is not None


def _has_control(text: str) -> bool:
    return any(c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" for c in text)


Host = Annotated[str, Fits(is_host, "a host name or an IP address")]
Servers = Annotated[str, Fits(is_servers, "host:port, more of them with commas between")]
Topic = Annotated[str, Fits(is_topic, "1 to 249 of the characters A-Z a-z 0-9 . _ -")]
IndexPrefix = Annotated[
    str, Fits(is_index, "up to 200 of a-z 0-9 . _ -, the first a letter or a digit")
]
Identifier = Annotated[str, Fits(is_identifier, "a name of up to 63 bytes")]
Text = Annotated[str, Fits(is_text, "a text in one line, not an empty one")]
Options = Annotated[str, Fits(is_options, "options in one line")]
Secret = Annotated[str, Fits(is_secret, "1 to 512 characters, no control characters", secret=True)]
Url = Annotated[str, Fits(is_url, "https://…, or http:// of this machine")]
SecretUrl = Annotated[str, Fits(is_url, "https://…, or http:// of this machine", secret=True)]
WebhookSecret = Annotated[
    str, Fits(is_webhook_secret, "whsec_ and 24 to 64 bytes in Base64", secret=True)
]
Folder = Annotated[str, Fits(is_path, "a folder's path: /x, ~/x or x", path=True)]
File = Annotated[str, Fits(is_file, "a file's whole path: /x or ~/x", path=True)]


def in_url(host: str) -> str:
    """A host as it stands in a URL or before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
