"""Keys that sign the record: Ed25519 (RFC 8032). A public key's text is the base64 of its 32 bytes, and is its name."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_BYTES = 32


class SigningKey:
    """An agent's key in its state folder, its owner's alone; the public half lies beside it as `.pub`."""

    def __init__(self, path: Path) -> None:
        """Makes the key when there is none. Raises ValueError for a file that is another kind of key."""
        self._key = _load_or_make(path)
        self.public = _text(self._key.public_key())

    def sign(self, data: bytes) -> str:
        """The signature's base64."""
        return base64.b64encode(self._key.sign(data)).decode("ascii")


def signed_by(public: str, signature: str, data: bytes) -> bool:
    """Whether the holder of a public key made a signature. A text that is no key signed nothing."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(text: str) -> bool:
    """Whether this is the text of a public key, as it is always written."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == _BYTES and base64.b64encode(raw).decode("ascii") == text


def load_public(path: Path) -> str | None:
    """The text of the public key in an agent's `.pub` file; None when there is none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        loaded = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        return None
    return _text(loaded) if isinstance(loaded, Ed25519PublicKey) else None


def _load_or_make(path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if path.exists():
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise ValueError(f"{path} is no Ed25519 key; move it away to have a new one made")
        return loaded
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.with_suffix(".pub").write_bytes(public)
    return key


def _text(public: Ed25519PublicKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode("ascii")
