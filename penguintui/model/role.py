"""What a caller may do."""

from __future__ import annotations

import enum

from penguintui.model.record import record


class Role(enum.IntEnum):
    """Ordered: an operator may all that a viewer may, an admin all that an operator may."""

    VIEWER = 0
    OPERATOR = 1
    ADMIN = 2


@record
class Caller:
    """Who asks, as the channel knows it: peer credentials and login uid, never what a message claims.

    `login` is the name behind the login uid, which `sudo` and `su` do not change; `user` that of the
    effective uid. Two callers with the same `person` are one person.

    Of who comes through a shared store the database's server knows the name and the groups (roles of the database), and
    this host no uid: it is -1. groups: None for those of the host.
    """

    user: str
    uid: int
    login: str
    login_uid: int | None
    host: str
    pid: int = 0
    groups: tuple[str, ...] | None = None

    @property
    def person(self) -> str:
        return self.login or self.user

    def __str__(self) -> str:
        who = self.user if self.login in ("", self.user) else f"{self.login} (as {self.user})"
        return f"{who}@{self.host}"
