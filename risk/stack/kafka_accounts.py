"""The accounts of a secure stack's Kafka. What each may do says `risk.stack.kafka_grants`.

`risk-admin` is made when the data folder is formatted, and makes the others. Kafka is sent what it
derives a SCRAM verifier from, and no password.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from risk.config.names import user_of
from risk.config.settings import Topics
from risk.errors import StackError
from risk.stack.kafka_grants import Grant, grants
from risk.stack.process import Home
from risk.stack.roles import KAFKA, MECHANISM, accounts, password_of

ITERATIONS: Final = 8_192  # of a password with 192 bits of randomness
TIMEOUT_S: Final = 20.0
_ANY_HOST: Final = "*"


def first(home: Home) -> str:
    """The administrator's credential as the tool that formats a data folder takes it.

    As good as a password: tell it by a file.
    """
    salt = os.urandom(32)
    salted = hashlib.pbkdf2_hmac(
        "sha512", password_of(home, KAFKA, "admin").encode(), salt, ITERATIONS
    )
    shown = {"salt": salt, "saltedpassword": salted}
    texts = ",".join(f'{name}="{base64.b64encode(part).decode()}"' for name, part in shown.items())
    return f"{MECHANISM}=[name={user_of(KAFKA, 'admin')},iterations={ITERATIONS},{texts}]"


def make(admin: AdminClient, home: Home, topics: Topics) -> None:
    """Make the accounts that aren't there, and let each do what the table says and no more.

    Raises `StackError`.
    """
    users = {user_of(KAFKA, account): account for account in accounts(KAFKA)}
    try:
        known = admin.describe_user_scram_credentials(request_timeout=TIMEOUT_S).result()
        missing = [account for user, account in users.items() if user not in known]
        change(admin, {account: password_of(home, KAFKA, account) for account in missing})
        wanted = set(_bindings(grants(topics)))
        there = {one for one in _there(admin) if one.principal.removeprefix("User:") in users}
        if lacking := [*(wanted - there)]:
            _all(admin.create_acls(lacking, request_timeout=TIMEOUT_S))
        if surplus := [_exactly(one) for one in there - wanted]:
            _all(admin.delete_acls(surplus, request_timeout=TIMEOUT_S))
    except KafkaException as error:
        raise StackError(f"kafka: {error.args[0].str()}") from None


def change(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    """Let accounts log in with these passwords from now on; those who are in stay in.

    Raises `KafkaException`.
    """
    if passwords:
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        told: list[Any] = [
            UserScramCredentialUpsertion(user_of(KAFKA, account), info, password.encode())
            for account, password in passwords.items()
        ]
        _all(admin.alter_user_scram_credentials(told, request_timeout=TIMEOUT_S))


def _bindings(found: Mapping[str, Iterable[Grant]]) -> Iterator[AclBinding]:
    for account, theirs in found.items():
        for grant in theirs:
            pattern = ResourcePatternType.PREFIXED if grant.prefix else ResourcePatternType.LITERAL
            for operation in grant.operations:
                yield AclBinding(
                    ResourceType[grant.kind.upper()],
                    grant.name,
                    pattern,
                    f"User:{user_of(KAFKA, account)}",
                    _ANY_HOST,
                    AclOperation[operation],
                    AclPermissionType.ALLOW,
                )


def _there(admin: AdminClient) -> list[AclBinding]:
    everything = AclBindingFilter(
        ResourceType.ANY,
        None,
        ResourcePatternType.ANY,
        None,
        None,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found: list[AclBinding] = admin.describe_acls(everything, request_timeout=TIMEOUT_S).result()
    return found


def _exactly(one: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        *(one.restype, one.name, one.resource_pattern_type, one.principal, one.host),
        *(one.operation, one.permission_type),
    )


def _all(futures: Mapping[Any, Future[Any]]) -> None:
    for future in futures.values():
        future.result()
