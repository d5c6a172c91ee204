"""The one factory of Redis connections.

`Routes` are what sessions run on: wires by partition, one for ingest (appends keep their order), one for work, one
per partition for blocking reads, one for the journal. Nobody else connects.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redis.asyncio.connection import SSLConnection, parse_url
from redis.crc import key_slot

from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.sessions import scripts
from runtime.sessions.keys import PARTITIONS, TAGS
from runtime.sessions.scripts import Script
from runtime.sessions.wire import ConnectionCut, Link, Refused, Wire, pack

CONNECT_S = 3.0
_STRICT_WAIT = pack(("WAIT", 1, 1000))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Redis is and how to greet it."""

    host: str = "localhost"
    port: int = 6379
    path: str = ""
    db: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def at(self, host: str, port: int) -> Address:
        """The same greeting at another node."""
        return Address(host, port, "", self.db, self.username, self.password, self.tls)


def read_addresses(url: str) -> list[Address]:
    """The nodes of redis://user:secret@one:6379,two:6379/0: any of them may be asked for the rest."""
    scheme, mark, rest = url.partition("://")
    place, slash, tail = rest.partition("/")
    login, at, hosts = place.rpartition("@")
    return [read_address(f"{scheme}{mark}{login}{at}{host}{slash}{tail}") for host in hosts.split(",")]


def read_address(url: str) -> Address:
    """A redis://, rediss:// or unix:// URL as the parts we need."""
    try:
        given: dict[str, Any] = dict(parse_url(url))
    except ValueError as error:
        raise ConfigurationError(f"REDIS_URL is not a Redis address: {error}") from error
    tls = None
    if given.pop("connection_class", None) is SSLConnection:
        wanted = {name: value for name, value in given.items() if name.startswith("ssl_")}
        tls = SSLConnection(**wanted).ssl_context.get()
    return Address(
        host=str(given.get("host", "localhost")),
        port=int(given.get("port", 6379)),
        path=str(given.get("path", "")),
        db=int(given.get("db", 0)),
        username=str(given.get("username") or ""),
        password=str(given.get("password") or ""),
        tls=tls,
    )


async def connect(address: Address, name: str, *, with_scripts: bool, within_s: float = CONNECT_S) -> Link:
    """A greeted connection: authenticated, database chosen, scripts loaded."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(within_s):
        link = await _dial(loop, address)
        try:
            await _greet(link, address, name, with_scripts)
        except BaseException:
            link.abort()
            raise
    return link


async def _dial(loop: asyncio.AbstractEventLoop, address: Address) -> Link:
    if address.path:
        _, link = await loop.create_unix_connection(lambda: Link(loop), address.path)
    else:
        _, link = await loop.create_connection(lambda: Link(loop), address.host, address.port, ssl=address.tls)
    return link


async def _greet(link: Link, address: Address, name: str, with_scripts: bool) -> None:
    asked: list[asyncio.Future[Any]] = []
    if address.password:
        secret = (address.username, address.password) if address.username else (address.password,)
        asked.append(link.ask("AUTH", *secret))
    if address.db:
        asked.append(link.ask("SELECT", address.db))
    asked.append(link.ask("CLIENT", "SETNAME", name))
    if with_scripts:
        asked += [link.ask("SCRIPT", "LOAD", script.text) for script in scripts.ALL]
    client_id = link.ask("CLIENT", "ID")
    await asyncio.gather(*asked, client_id)
    link.client_id = client_id.result()


class Cluster:
    """Who holds which partition, asked of any node that answers."""

    def __init__(self, seeds: Sequence[Address], process: str, within_s: float) -> None:
        self._known = list(seeds)
        self._process = process
        self._within_s = within_s

    async def places(self) -> list[tuple[str, int]]:
        """Host and port by partition."""
        for address in self._known:
            try:
                return self._read(address, await self._ask(address))
            except (StorageUnavailable, OSError, TimeoutError) as error:
                if "cluster support disabled" in str(error):
                    raise ConfigurationError("FRONTDESK_REDIS_CLUSTER is set, but REDIS_URL is no cluster.") from error
        raise ConnectionCut("No node of the Redis Cluster can say who holds what.")

    async def _ask(self, address: Address) -> Any:
        link = await connect(address, f"fd-{self._process}-map", with_scripts=False, within_s=self._within_s)
        try:
            async with asyncio.timeout(self._within_s):
                return await link.ask("CLUSTER", "SLOTS")
        finally:
            link.abort()

    def _read(self, asked: Address, slots: list[Any]) -> list[tuple[str, int]]:
        ranges = [
            (first, last, [(node[0].decode() or asked.host, node[1]) for node in nodes])
            for first, last, *nodes in slots
        ]
        found = {place for _, _, nodes in ranges for place in nodes}
        self._known = [asked, *(asked.at(host, port) for host, port in found)]
        places = []
        for tag in TAGS:
            slot = key_slot(tag.encode())
            held = next((nodes[0] for first, last, nodes in ranges if first <= slot <= last), None)
            if held is None:
                raise ConnectionCut(f"The Redis Cluster has nobody for slot {slot} now.")
            places.append(held)
        return places


class Route:
    """Partition to wire, for one purpose. In a cluster several wires, learned as the cluster answers."""

    def __init__(
        self, address: Address, name: str, answer_s: float, *, apart: bool = False, strict: bool = False
    ) -> None:
        self._address = address
        self._name = name
        self._answer_s = answer_s
        self._apart = apart
        self._strict = strict
        self._nodes: dict[tuple[str, int, int], Wire] = {}
        self._addresses: dict[Wire, Address] = {}
        first = [self._wire(address.host, address.port, partition) for partition in range(PARTITIONS)]
        self._wires: list[Wire] = first
        self.cluster: Cluster | None = None

    def _wire(self, host: str, port: int, partition: int) -> Wire:
        """The wire to this node; blocking reads have one for each partition, apart from each other."""
        place = (host, port, partition if self._apart else -1)
        if place not in self._nodes:
            address = self._address if self._address.path else self._address.at(host, port)
            within_s = min(CONNECT_S, self._answer_s)
            opener = partial(connect, address, self._name, with_scripts=not self._apart, within_s=within_s)
            self._nodes[place] = Wire(opener, self._answer_s)
            self._addresses[self._nodes[place]] = address
        return self._nodes[place]

    def wire(self, partition: int) -> Wire:
        """The partition's wire as far as we know."""
        return self._wires[partition]

    async def run(self, script: Script, partition: int, *arguments: Any) -> Any:
        """Run a script once. Only answers that say "not executed" are followed up."""
        try:
            return await self._wires[partition].call(script.packed(partition, *arguments))
        except Refused as refused:
            if refused.code == "NOSCRIPT":
                return await self._send(partition, script.packed_whole(partition, *arguments))
            return await self._follow(refused, partition, script.packed_whole(partition, *arguments))

    async def run_durable(self, script: Script, partition: int, *arguments: Any) -> Any:
        """As `run`; with strict durability a replica must have it too, or this raises."""
        if not self._strict:
            return await self.run(script, partition, *arguments)
        wire = self._wires[partition]
        try:
            pair = wire.call(script.packed(partition, *arguments)), wire.call(_STRICT_WAIT)
            reply, copies = await asyncio.gather(*pair)
        except Refused as refused:
            if refused.code not in ("NOSCRIPT", "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"):
                raise
            reply = await self.run(script, partition, *arguments)
            copies = await self._wires[partition].call(_STRICT_WAIT)
        if copies < 1:
            raise StorageUnavailable("No replica has confirmed the write within 1 s (FRONTDESK_DURABILITY=strict).")
        return reply

    async def run_again(self, script: Script, partition: int, *arguments: Any) -> Any:
        """As `run`, and once more when the connection was lost: for scripts that a repetition does not harm."""
        try:
            return await self.run(script, partition, *arguments)
        except ConnectionCut:
            await self.rediscover()
            return await self.run(script, partition, *arguments)

    async def run_durable_again(self, script: Script, partition: int, *arguments: Any) -> Any:
        """As `run_durable`, and once more when the connection was lost."""
        try:
            return await self.run_durable(script, partition, *arguments)
        except ConnectionCut:
            await self.rediscover()
            return await self.run_durable(script, partition, *arguments)

    async def call(self, partition: int, *command: Any) -> Any:
        """One plain command."""
        return await self._send(partition, pack(command))

    async def _send(self, partition: int, packed: bytes) -> Any:
        try:
            return await self._wires[partition].call(packed)
        except Refused as refused:
            return await self._follow(refused, partition, packed)

    async def _follow(self, refused: Refused, partition: int, packed: bytes) -> Any:
        """A cluster that has moved a partition says where to; a replica says READONLY."""
        if refused.code == "READONLY":
            self._wires[partition].drop()
        if self.cluster is None or refused.code not in ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"):
            raise refused
        if refused.code in ("TRYAGAIN", "CLUSTERDOWN"):
            await asyncio.sleep(0.1)
            return await self._wires[partition].call(packed)
        _, _, place = refused.detail.partition(" ")
        host, _, port = place.rpartition(":")
        wire = self._wire(host or self._address.host, int(port), partition)
        if refused.code == "ASK":
            asking = wire.call(pack(("ASKING",)))
            return (await asyncio.gather(asking, wire.call(packed)))[1]
        self._wires[partition] = wire
        return await wire.call(packed)

    async def rediscover(self) -> None:
        """Ask the cluster who holds what; nothing to do without one."""
        if self.cluster is not None:
            self.settle(await self.cluster.places())

    def settle(self, places: Sequence[tuple[str, int]]) -> None:
        """Use these nodes from now on, by partition."""
        for partition, (host, port) in enumerate(places):
            self._wires[partition] = self._wire(host, port, partition)

    def address(self, partition: int) -> Address:
        """Where the partition is as far as we know."""
        return self._addresses[self._wires[partition]]

    async def close(self) -> None:
        """Close all wires."""
        await asyncio.gather(*(wire.close() for wire in self._nodes.values()))


@dataclass(slots=True)
class Routes:
    """All connections of one process."""

    address: Address
    work: Route
    ingest: Route
    reads: Route
    journal: Route
    cluster: Cluster | None = None
    _subscribed: int = -1

    def all(self) -> tuple[Route, ...]:
        """Every route."""
        return self.work, self.ingest, self.reads, self.journal

    def subscriber_address(self) -> Address:
        """Where to subscribe: in a cluster any node hears all that is published, so each try takes the next one."""
        self._subscribed += 1
        places = list(dict.fromkeys(self.work.address(partition) for partition in range(PARTITIONS)))
        return places[self._subscribed % len(places)]

    async def rediscover(self) -> None:
        """After a failure: ask the cluster once who holds what now; nothing to do without one."""
        if self.cluster is not None:
            places = await self.cluster.places()
            for route in self.all():
                route.settle(places)

    async def close(self) -> None:
        """Close everything."""
        await asyncio.gather(*(route.close() for route in self.all()))


async def open_routes(
    url: str, process: str, answer_s: float, block_s: float, *, cluster: bool, strict: bool
) -> Routes:
    """Routes to this Redis; connections open when first used."""
    address, *others = read_addresses(url) if cluster else [read_address(url)]
    routes = Routes(
        address=address,
        work=Route(address, f"fd-{process}-work", answer_s, strict=strict),
        ingest=Route(address, f"fd-{process}-ingest", answer_s, strict=strict),
        reads=Route(address, f"fd-{process}-reads", answer_s + block_s, apart=True),
        journal=Route(address, f"fd-{process}-journal", answer_s + block_s),
    )
    if cluster:
        routes.cluster = Cluster([address, *others], process, min(CONNECT_S, answer_s))
        for route in routes.all():
            route.cluster = routes.cluster
        await asyncio.gather(*(route.rediscover() for route in routes.all()))
    return routes
