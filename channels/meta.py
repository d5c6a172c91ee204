"""What Meta's channels share: the handshake, the signature over the raw bytes, and reading a batch.

Secrets: `app_secret` (and `app_secret_previous` while it is rotated) signs what Meta sends. `verify_token` is ours, and
Meta repeats it when the address is entered (https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
Signed are the bytes as they came: Meta escapes letters in its own way, so JSON is never written anew before.
"""

from __future__ import annotations

import hashlib
import hmac

from runtime.errors import NotAllowed
from runtime.ports import RawRequest, Secrets

_SIGNATURE = "x-hub-signature-256"
_PREFIX = "sha256="
LONGEST_CHALLENGE = 1000


def check_signature(request: RawRequest, secrets: Secrets) -> None:
    """Raise NotAllowed unless our app, now or before a rotation, signed exactly these bytes."""
    given = request.headers.get(_SIGNATURE, "").encode()
    known = (secrets.get("app_secret", ""), secrets.get("app_secret_previous", ""))
    matches = [hmac.compare_digest(given, _signed(secret, request.body)) for secret in known if secret]
    if not given or not any(matches):
        raise NotAllowed("The request lacks Meta's signature. Check that app_secret is this app's secret.")


def _signed(secret: str, body: bytes) -> bytes:
    return f"{_PREFIX}{hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}".encode()


def answer_handshake(request: RawRequest, secrets: Secrets) -> str:
    """What Meta wants to hear when the address is entered; raises NotAllowed when the token is not ours."""
    given = request.query.get("hub.verify_token", "").encode(errors="replace")
    known = secrets.get("verify_token", "").encode()
    right = hmac.compare_digest(given, known)
    if request.query.get("hub.mode") != "subscribe" or not known or not right:
        raise NotAllowed("The verify token is not this connection's. Copy verify_token into Meta's webhook settings.")
    return request.query.get("hub.challenge", "")[:LONGEST_CHALLENGE]
