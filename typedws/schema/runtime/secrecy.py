"""Which names are those of secrets, where nobody has said so: variables of a URL, query parameters, header fields."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["sounds_secret"]

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORDS: Final = frozenset(
    {"auth", "cookie", "jwt", "passphrase", "passwd", "pwd", "sig", "sign", "ticket", "authorization", "authentication"}
)
_ENDINGS: Final = ("credential", "credentials", "key", "password", "secret", "signature", "token")


def sounds_secret(name: str) -> bool:
    """Whether a name speaks of a secret, as `accessToken`, `api_key` and `listenkey` do. Rather one too many."""
    words = [word.lower() for word in _WORD.findall(name)]
    return any(word in _WORDS or word.endswith(_ENDINGS) for word in words)
