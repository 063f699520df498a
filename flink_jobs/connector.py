"""What the SQL tables of both edges have in common: how they reach Kafka, and how SQL quotes."""

from __future__ import annotations

from collections.abc import Mapping

from risk.config.settings import ENV_PREFIX, Kafka

_SHADED = "org.apache.flink.kafka.shaded.org.apache.kafka.common"
# Flink's processes find the password where each of them runs: a job's graph travels without it.
_PASSWORD = f"{ENV_PREFIX}KAFKA__SASL_PASSWORD"


def client(kafka: Kafka) -> dict[str, str]:
    """How a table's connector reaches the broker: servers and security."""
    found = {
        "properties.bootstrap.servers": kafka.servers,
        "properties.security.protocol": kafka.security_protocol,
    }
    if kafka.sasl_mechanism:
        module = (
            "scram.ScramLoginModule"
            if "SCRAM" in kafka.sasl_mechanism
            else "plain.PlainLoginModule"
        )
        found["properties.sasl.mechanism"] = kafka.sasl_mechanism
        name, provider, password = _provided(kafka.sasl_password_file)
        found["properties.sasl.jaas.config"] = (
            f"{_SHADED}.security.{module} required "
            f'username="{kafka.sasl_username}" password="{password}";'
        )
        found["properties.config.providers"] = name
        found[f"properties.config.providers.{name}.class"] = f"{_SHADED}.config.provider.{provider}"
    if kafka.ssl_ca_location:
        found["properties.ssl.truststore.type"] = "PEM"
        found["properties.ssl.truststore.location"] = kafka.ssl_ca_location
    if kafka.ssl_identity_location:
        found["properties.ssl.keystore.type"] = "PEM"
        found["properties.ssl.keystore.location"] = kafka.ssl_identity_location
    return found


def _provided(file: str | None) -> tuple[str, str, str]:
    """Whence Kafka's client in Java takes the password: the provider's name, its class, a
    placeholder.
    """
    if file is None:
        return "env", "EnvVarConfigProvider", f"${{env:{_PASSWORD}}}"
    folder, _, name = file.rpartition("/")
    return "directory", "DirectoryConfigProvider", f"${{directory:{folder or '/'}:{name}}}"


def with_options(options: Mapping[str, str]) -> str:
    """The options of a table's WITH."""
    return ",\n      ".join(f"{_quoted(name)} = {_quoted(text)}" for name, text in options.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(character: str) -> str:
    """A character that text in SQL may not hold as it is."""
    return f"U&'\\{ord(character):04X}'"
