"""Which HTTP requests are answered: none that a page of another site sends in the name of whoever looks at it."""

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from omnibind_ros.errors import ConfigurationError

READING = ("GET", "HEAD")
# What a browser says of a request that no other site caused.
_OWN_SITES = ("same-origin", "none")


class Access:
    """Judges requests by their headers.

    A page that was made to point to this computer (DNS rebinding) sends its own name as `Host`: besides `localhost` and
    addresses, which nobody can make point elsewhere, only the names given here are answered.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {"localhost", *(name.rstrip(".").lower() for name in names if name)}

    def refusal(self, method: str, headers: Mapping[str, str]) -> str | None:
        """Why a request is refused; None when it is answered. headers: by their canonical names, any case."""
        given = {name.lower(): text for name, text in headers.items()}
        host = given.get("host", "")
        if not self._is_known(_hostname(f"//{host}")):
            return f"the name {host!r} is not one of this dashboard's; list it in the parameter `allowed_hosts`"
        if given.get("sec-fetch-site", "none") not in _OWN_SITES and given.get("sec-fetch-mode") != "navigate":
            return "another site's page asked for it"
        if method in READING:
            return None
        if "origin" in given and urlsplit(given["origin"]).netloc.lower() != host.lower():
            return "another site's page asked for it"
        # No form can send this type, so a page of another site has to ask first, and is told no.
        if given.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return "the request is not JSON"
        return None

    def _is_known(self, hostname: str) -> bool:
        return hostname in self._names or _is_address(hostname)


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server that listens on `host`."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def check_host(host: str) -> str:
    """The host to listen on. Raises ConfigurationError for one that is neither an address nor `localhost`."""
    if host != "localhost" and not _is_address(host):
        raise ConfigurationError(
            f"{host!r} is no address to listen on",
            remedy="set `host` to 127.0.0.1, to 0.0.0.0 for every network, or to one of this computer's addresses",
        )
    return host


def _hostname(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
