"""Addresses that came from outside, such as a file's in a webhook: which of them may be asked, and who answers there.

A host must be named by the channel, and its name must not lead into a network of ours. The check of the network is made
where the connection is made, so a name cannot answer differently to the check and to the connection.
"""

from __future__ import annotations

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from runtime.errors import ProviderRefused
from runtime.files import RemoteFile

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 4096


class InsideAddress(OSError):
    """A name leads to an address of ours or of nobody's: this machine, a private network, a cloud's own service."""


def checked(address: str, remote: RemoteFile) -> URL:
    """The address as it may be asked. The very object that was checked is what the request uses: one reader of URLs."""
    try:
        url = URL(address, encoded=True)
        host, port = (url.host or "").rstrip(".").lower(), url.port
    except ValueError:
        raise ProviderRefused("The file's address cannot be read; the file is not fetched.") from None
    if is_trusted(url, remote):
        return url
    named = any(host.endswith(one) if one.startswith(".") else host == one for one in remote.hosts)
    plain = url.user is not None or url.password is not None or url.scheme != "https" or port != 443
    if plain or not named or len(address) > _LONGEST or not address.isascii() or not address.isprintable():
        raise ProviderRefused("The file's address is not one of its provider's; the file is not fetched.")
    return url


def is_trusted(url: URL, remote: RemoteFile) -> bool:
    """Whether the address lies at the place that the desk's own settings name."""
    if not remote.trusted or url.user is not None or url.scheme not in ("http", "https"):
        return False
    trusted = URL(remote.trusted)
    return (url.scheme, url.host, url.port) == (trusted.scheme, trusted.host, trusted.port)


def is_inside(address: str) -> bool:
    """Whether this address is none of the open internet's."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(found, ipaddress.IPv6Address):
        within = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            within = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if within is not None:
            return is_inside(str(within))
    is_local = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return is_local or not found.is_global or found.is_multicast or found.is_reserved


class OutsideResolver(AbstractResolver):
    """Names to addresses, of the open internet alone."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses; one that lies inside spoils them all."""
        found = await self._resolver.resolve(host, port, family)
        if any(is_inside(one["host"]) for one in found):
            raise InsideAddress(f"{host} leads into a network of ours")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()
