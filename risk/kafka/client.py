"""How Kafka's clients in Python reach the broker."""

from __future__ import annotations

from typing import Final

from risk.config.settings import Kafka
from risk.secret_file import secret

ISOLATION: Final = "read_committed"


def client_config(kafka: Kafka) -> dict[str, str | int]:
    """The settings as librdkafka names them, for any client: servers and security."""
    found: dict[str, str | int] = {
        "bootstrap.servers": kafka.servers,
        "security.protocol": kafka.security_protocol,
        "log_level": 2,  # what matters comes as an error
        # What a transaction has written counts once it is committed; Flink's sources say the same.
        "isolation.level": ISOLATION,
    }
    for name, value in (
        ("sasl.mechanism", kafka.sasl_mechanism),
        ("sasl.username", kafka.sasl_username),
        ("sasl.password", secret(kafka.sasl_password, kafka.sasl_password_file)),
        ("ssl.ca.location", kafka.ssl_ca_location),
        ("ssl.key.location", kafka.ssl_identity_location),
        ("ssl.certificate.location", kafka.ssl_identity_location),
    ):
        if value is not None:
            found[name] = value
    return found


def unquotable(kafka: Kafka) -> str | None:
    """What is wrong with a name or a password that a JAAS entry, in which they stand in quotation
    marks, can't hold; None if nothing is.
    """
    for name, value in (
        ("sasl_username", kafka.sasl_username),
        ("sasl_password", secret(kafka.sasl_password, kafka.sasl_password_file)),
    ):
        if value is not None and ('"' in value or "\\" in value):
            return f"kafka.{name}: a quotation mark or backslash can't be passed on: choose another"
    return None
