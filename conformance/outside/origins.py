"""The one policy for every URL that was learned from a target: may it be asked, and with whose credentials.

Manifests, `next` links, Content-Location, token endpoints, attachments, redirects: all the supplier's words.
Credentials go only to the origins that the target file lists; addresses that are not public (private,
loopback, link-local, cloud metadata) are asked only if the target itself has such an address; and the address
that was checked is the one that is connected to, so that a name cannot mean two things.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import httpx

from conformance.errors import TargetFileError
from conformance.model.target import Target

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Reach = Literal["public", "private", "loopback", "link-local", "metadata", "reserved"]
Resolver = Callable[[str, int], list[str]]
"""From a host name and a port to its addresses. Raises OSError."""

_PORTS = {"http": 80, "https": 443}
_METADATA = {ipaddress.ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")}
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """The policy does not allow to ask there; the message says why."""


@dataclass(frozen=True)
class Decision:
    """What may be done with a URL; `reason` says why something may not be done."""

    credentials: bool
    allowed: bool
    reason: str = ""


def resolve(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives for a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@lru_cache(maxsize=256)
def reach(address: str) -> Reach:
    """How far away an address is; one that embeds another (mapped, NAT64, 6to4) is judged by that."""
    ip = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    kinds: tuple[tuple[Reach, bool], ...] = (
        ("metadata", ip in _METADATA),
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("reserved", ip.is_unspecified or ip.is_multicast or ip.is_reserved),
        ("private", not ip.is_global),
    )
    return next((kind for kind, holds in kinds if holds), "public")


def _embedded(ip: Address) -> Address:
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
    return ip


class Origins:
    """The policy for one target. `resolver` is the system's, unless a test brings its own."""

    def __init__(self, target: Target, resolver: Resolver = resolve) -> None:
        self._target = httpx.URL(target.endpoint)
        self._secure = self._target.scheme == "https"
        self._own = {_origin(self._target)} | {_listed(text) for text in target.origins}
        self._resolver = resolver
        self._proxied = bool(target.proxy)
        self._reaches: frozenset[Reach] | None = None
        self._lock = threading.Lock()

    def decide(self, url: str | httpx.URL) -> Decision:
        """Whether this URL may be asked, and whether the tester's credentials may go there."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            return Decision(credentials=False, allowed=False, reason=f"it is no URL ({error})")
        problem = _form_problem(parsed) or self._address_problem(parsed.host)
        if problem:
            return Decision(credentials=False, allowed=False, reason=problem)
        reason = self._foreign(parsed)
        return Decision(credentials=not reason, allowed=True, reason=reason)

    def _foreign(self, url: httpx.URL) -> str:
        """Why credentials may not go there; empty where they may."""
        if self._secure and url.scheme == "http":
            return "the target is https and this URL is http"
        if _origin(url) not in self._own:
            place = f"{url.scheme}://{url.netloc.decode()}"
            return f"{place} is neither the target's origin nor listed in the target file under origins"
        return ""

    def _address_problem(self, host: str) -> str:
        try:
            kind = reach(host)
        except ValueError:
            return ""  # a name: judged by its addresses when it is connected to
        try:
            if kind == "public" or host == self._target.host or kind in self._permitted():
                return ""
        except OSError as error:
            return f"{host} is a {kind} address, and the target's own could not be looked up ({error})"
        return _not_there(host, host, kind)

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to. Raises Refused where none may be, OSError."""
        found = self._resolver(host, port)
        permitted = self._permitted()
        good = [address for address in found if reach(address) == "public" or reach(address) in permitted]
        if not good:
            address = found[0] if found else host
            raise Refused(_not_there(host, address, reach(address)) if found else f"{host} has no address")
        return good

    def _permitted(self) -> frozenset[Reach]:
        """The kinds of address that the target itself has: settled once, so that it cannot move later."""
        with self._lock:
            if self._reaches is None:
                host, port = self._target.host, self._target.port or _PORTS[self._target.scheme]
                try:
                    self._reaches = frozenset(map(reach, self._resolver(host, port)))
                except OSError:
                    if not self._proxied:
                        raise
                    self._reaches = frozenset()  # only the proxy knows the name
            return self._reaches


def _form_problem(url: httpx.URL) -> str:
    if url.scheme not in _PORTS:
        return f"only http and https are asked, not {url.scheme or 'a URL without a scheme'}"
    if not _HOST.fullmatch(url.raw_host):
        return "the URL names no host"
    return "the URL holds a user name or password" if url.userinfo else ""


def _not_there(host: str, address: str, kind: Reach) -> str:
    place = host if host == address else f"{host} ({address})"
    return f"{place} is a {kind} address, and the target is not at one"


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme, 0)


def _listed(text: str) -> tuple[str, str, int]:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in _PORTS or not url.host or url.userinfo:
        raise TargetFileError(
            f"origins lists {text!r}, which is no http or https origin",
            hint="An origin is scheme, host and port, as in https://files.example.org",
        )
    return _origin(url)
