"""Who may do what in the Valkey of a secure stack. There is no default user.

What is the engine's begins with `risk:`; nobody reaches anything else. `risk-admin` makes accounts
and sees that the server answers; it reaches no key. Neither of the others may do what concerns the
server: CONFIG, ACL, SHUTDOWN, FLUSHALL, MONITOR and so on.
"""

from __future__ import annotations

import hashlib
from types import MappingProxyType

from risk.config.names import user_of
from risk.stack.process import Home
from risk.stack.roles import password_of

SERVER = "redis"
RIGHTS = MappingProxyType(
    {
        "admin": "resetkeys resetchannels -@all +@connection -@dangerous +acl|setuser +acl|whoami",
        # KEYS is what its wiping of the engine's keys begins with.
        "writer": "~risk:* resetchannels -@all +@connection +@read +@write +@transaction "
        "+eval +evalsha +script|load -@dangerous +keys",
        "reader": "%R~risk:* resetchannels -@all +@connection +@read +@transaction -@dangerous",
    }
)


def lines(home: Home) -> str:
    """The lines of `redis.conf`. They hold SHA-256s of passwords, and no password."""
    found = "user default off resetkeys resetchannels -@all\n"
    for account, rights in RIGHTS.items():
        kept = digest(password_of(home, SERVER, account))
        found += f"user {user_of(SERVER, account)} on #{kept} {rights}\n"
    return found


def digest(password: str) -> str:
    """What Valkey keeps of a password: its SHA-256, in hexadecimal."""
    return hashlib.sha256(password.encode()).hexdigest()
