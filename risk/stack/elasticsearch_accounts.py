"""The accounts of a secure stack's Elasticsearch, in the files of its file realm.

The node looks at them every few seconds, so a password changes without a restart. There is no other
realm, and no built-in user.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from risk.config.names import user_of
from risk.stack.private import write_private
from risk.stack.process import Home
from risk.stack.roles import accounts, password_of
from risk.stack.user import own

SERVER = "elasticsearch"
ROUNDS = 10_000  # of a password with 192 bits of randomness
READ = ("read", "view_index_metadata", "maintenance")  # the last is for `_refresh`
WRITE = (*READ, "create_index", "write", "indices:admin/mapping/put")
TEMPLATES = ("monitor", "manage_index_templates")


def roles(prefix: str) -> dict[str, Any]:
    """Each account's role, by its user's name: what it may do, to the engine's indices alone."""

    def role(
        cluster: tuple[str, ...], *privileges: str, erased: tuple[str, ...] = READ
    ) -> dict[str, Any]:
        indices = [
            {"names": [f"{prefix}-*"], "privileges": list(privileges)},
            {"names": [f"erased-{prefix}"], "privileges": list(erased)},
        ]
        return {"cluster": list(cluster), "indices": indices if privileges else []}

    found = {
        "admin": role(("monitor",)),
        "ops": role(TEMPLATES, *WRITE, "manage", "delete_index", erased=WRITE),
        "reader": role((), *READ),
        "writer": role(TEMPLATES, *WRITE),
    }
    assert sorted(found) == accounts(SERVER), "each account has its role"
    return {user_of(SERVER, account): what for account, what in found.items()}


def passwords(home: Home) -> dict[str, str]:
    """Each account's, as it is now."""
    return {account: password_of(home, SERVER, account) for account in accounts(SERVER)}


def write(folder: Path, prefix: str, user: int | None, passwords: Mapping[str, str]) -> None:
    """Write the files to the configuration's folder, for `user`: whole, as the node reads them."""
    rights = roles(prefix)
    users = [user_of(SERVER, account) for account in passwords]
    hashes = [_hash(password) for password in passwords.values()]
    texts = {
        # JSON is YAML; a role has a line of its own, by which the node tells them apart.
        "roles.yml": "".join(f"{name}: {json.dumps(one)}\n" for name, one in rights.items()),
        "users": "".join(f"{name}:{one}\n" for name, one in zip(users, hashes, strict=True)),
        "users_roles": "".join(f"{name}:{name}\n" for name in users),
    }
    for name, text in texts.items():
        draft = folder / f"{name}.new"
        write_private(draft, text)
        own(draft, user)
        draft.replace(folder / name)


def _hash(password: str) -> str:
    """As the node's own tool writes it: PBKDF2 with HMAC-SHA-512."""
    salt = os.urandom(32)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, 32)
    shown = (base64.b64encode(part).decode() for part in (salt, key))
    return f"{{PBKDF2}}{ROUNDS}${'$'.join(shown)}"
