"""Signed links to one appointment: who has the link may read it, nobody can guess or change one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from runtime.errors import NotFound

SIGNATURE_BYTES = 16


class AppointmentLinks:
    """Makes and reads them. Without an address or before the key is there, it makes none."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.key = b""

    def url(self, tenant: str, appointment: str) -> str:
        """Where the appointment's calendar file lies."""
        if not self.address or not self.key:
            return ""
        return f"{self.address}/appointments/{self.token(tenant, appointment)}.ics"

    def token(self, tenant: str, appointment: str) -> str:
        """What stands in the link."""
        named = f"{tenant}/{appointment}".encode()
        return base64.urlsafe_b64encode(self._signature(named) + named).decode().rstrip("=")

    def read(self, token: str) -> tuple[str, str]:
        """The tenant and the appointment of a link of ours; NotFound for any other."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            signature, named = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
            tenant, _, appointment = named.decode().partition("/")
        except (binascii.Error, ValueError):
            signature, named, tenant, appointment = b"", b"", "", ""
        if not self.key or not appointment or not hmac.compare_digest(signature, self._signature(named)):
            raise NotFound("There is no such appointment; ask for a new link.")
        return tenant, appointment

    def _signature(self, named: bytes) -> bytes:
        return hmac.digest(self.key, b"appointment:" + named, hashlib.sha256)[:SIGNATURE_BYTES]
