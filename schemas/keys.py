"""How message keys are built and read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CopyKey:
    """Which text a message of an output topic is: the latest message per key is what is published."""

    subject: str
    locale: str

    def encode(self) -> bytes:
        """Give the key's bytes: `subject|locale`; a locale never contains a bar, a subject may."""
        return f"{self.subject}|{self.locale}".encode()

    @classmethod
    def decode(cls, raw: bytes) -> CopyKey:
        """Read a key; raises ValueError when it is not one."""
        subject, bar, locale = raw.decode().rpartition("|")
        if not bar:
            raise ValueError("not a copy key: no '|'")
        return cls(subject, locale)
