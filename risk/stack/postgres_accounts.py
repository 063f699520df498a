"""The accounts of a secure stack's Postgres. What they may do to tables is granted by migrations.

`risk_admin` is the superuser that the cluster was made with, and the stack's alone; `risk_owner`
owns the database, and so runs migrations. The others own nothing. Postgres is sent what it keeps of
a password, its SCRAM verifier, so that no log can hold one.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from risk.config.names import user_of
from risk.stack.process import Home
from risk.stack.roles import accounts, password_of

SERVER = "postgres"
CASES = "risk_cases"  # a group of the migrations, which the owner may not make itself
Connection = psycopg.Connection[tuple[Any, ...]]


def make(connection: Connection, home: Home, database: str) -> None:
    """Make the accounts that aren't there, and let the owner have the database."""
    known = {str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for account in accounts(SERVER):
        user = user_of(SERVER, account)
        if user not in known:
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(user)))
            change(connection, account, password_of(home, SERVER, account))
    if CASES not in known:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(CASES)))
    words = (
        sql.SQL("GRANT {} TO {}").format(
            sql.Identifier(CASES), sql.Identifier(user_of(SERVER, "console"))
        ),
        sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
            sql.Identifier(database), sql.Identifier(user_of(SERVER, "owner"))
        ),
    )
    for statement in words:
        connection.execute(statement)


def change(connection: Connection, account: str, password: str) -> None:
    """Let an account log in with this password from now on; those who are in stay in."""
    user = user_of(SERVER, account)
    kept = connection.pgconn.encrypt_password(
        password.encode(), user.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(user), sql.Literal(kept))
    )
