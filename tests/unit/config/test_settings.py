"""The settings file and the environment: what is refused, where it stands, and what is taken."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import hypothesis
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.config import checks
from risk.config.section import Section
from risk.config.settings import (
    Flink,
    Settings,
    SettingsError,
    parse,
    to_environment,
    with_secrets,
    without_secrets,
)
from risk.config.types import (
    is_host,
    is_path,
    is_servers,
    is_topic,
    is_url,
    is_webhook_secret,
)
from risk.stack import flink_config

HOME = {"HOME": "/home/ada"}


def leaves(section: type[Section], path: str = "") -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(section):
        inner = f"{path}.{field.name}" if path else field.name
        if isinstance(field.type, type) and issubclass(field.type, Section):
            yield from leaves(field.type, inner)
        else:
            yield inner, field.type


def refused(text: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as error:
        parse(text, environment)
    (line,) = str(error.value).splitlines()
    return line


@pytest.mark.parametrize(("path", "kind"), list(leaves(Settings)))
def test_every_setting_has_a_check(path: str, kind: Any) -> None:
    """A text says what it may be, or is one of a few; a number has bounds on both sides."""
    parts = [part for part in (kind, *typing.get_args(kind)) if part is not type(None)]
    if bool in parts:
        return
    if int in {part for outer in parts for part in (outer, *typing.get_args(outer))}:
        metas = [m for part in parts for m in getattr(part, "__metadata__", ())]
        assert any(meta.ge is not None and meta.le is not None for meta in metas), path
        return
    if not checks.choices(Settings, path):
        assert checks.fits_of(kind) is not None, path


def test_the_defaults_are_right() -> None:
    assert checks.first(Settings()) is None
    assert parse("", {}) == Settings()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kafka: {port: 1}\nkafka: {}", "risk.yaml:2:1: kafka: stands here twice"),
        ("kafka:\n  port: 1\n  port: 2", "risk.yaml:3:3: kafka.port: stands here twice"),
        ("kafka:\n  port: 011", "risk.yaml:2:9: kafka.port: YAML reads this as something else"),
        ("kafka: {port: 2:30}", "risk.yaml:1:15: kafka.port: YAML reads this as something else"),
        ("kafka: {port: 0x10}", "risk.yaml:1:15: kafka.port: YAML reads this as something else"),
        ("kafka: {port: 1_0}", "risk.yaml:1:15: kafka.port: YAML reads this as something else"),
        ("scoring: {huge_pages: yes}", "risk.yaml:1:23: scoring.huge_pages: YAML reads this as"),
        ("scoring: {ruleset: 2026-01-01}", "risk.yaml:1:20: scoring.ruleset: YAML reads this as"),
        ("data_dir: ~", "risk.yaml:1:11: data_dir: YAML reads this as something else"),
        ("kafka:\n  port:", "risk.yaml:2:8: kafka.port: there is no value here"),
        ("redis: {password: }", "risk.yaml:1:18: redis.password: there is no value here"),
        ("x: &a [1]\ny: *a", "risk.yaml:2:4: not YAML: '*' starts an alias"),
        ("x: &a [*a]", "risk.yaml:1:8: not YAML: '*' starts an alias"),
        ("x: !!python/name:os.system", "risk.yaml:1:4: x: YAML reads this as something else"),
        ("[" * 100_000, "risk.yaml:1:33: not YAML: nested too deep"),
        ("{a: " * 100_000, "risk.yaml:1:"),
        ("a\0b", "risk.yaml:1:2: a character that YAML forbids"),
        ("- 1", "risk.yaml:1:1: expected 'key: value' lines"),
        ("kafka:\n  ? [1]\n  : 2", "risk.yaml:2:5: kafka: a key is a plain word"),
        ("kafka: {colour: red}", "risk.yaml:1:17: kafka: Object contains unknown field `colour`"),
        ("a: 1\ncolour: red", "risk.yaml:1:4: Object contains unknown field `a`"),
        ("topics:\n  dlq: risk.transactions", "risk.yaml:2:8: topics.dlq: risk.transactions is "),
        ("topics: {late: risk_late, dlq: risk.late}", "risk.yaml:1:32: topics.dlq: "),
        ("topics: {late: 'a b'}", "risk.yaml:1:16: topics.late: 'a b': expected 1 to 249 of"),
        ("topics: {late: '..'}", "risk.yaml:1:16: topics.late: '..': expected"),
        ("elasticsearch: {index_prefix: '*'}", "risk.yaml:1:31: elasticsearch.index_prefix: '*': "),
        ("elasticsearch: {index_prefix: Risk}", "risk.yaml:1:31: elasticsearch.index_prefix: "),
        ("elasticsearch: {index_prefix: ''}", "risk.yaml:1:31: elasticsearch.index_prefix: '': "),
        (
            "postgres: {sslmode: maybe}",
            "risk.yaml:1:21: postgres.sslmode: Invalid enum value 'maybe': use one of disable, ",
        ),
        ("kafka: {security_protocol: TLS}", "risk.yaml:1:28: kafka.security_protocol: Invalid"),
        ("kafka: {sasl_mechanism: plain}", "risk.yaml:1:25: kafka.sasl_mechanism: Invalid"),
        ("kafka: {security_protocol: SASL_SSL}", "risk.yaml:1:28: kafka.sasl_mechanism: "),
        ("kafka: {sasl_password: x}", "risk.yaml:1:24: kafka.sasl_password: "),
        ("kafka: {ssl_ca_location: /x}", "risk.yaml:1:26: kafka.ssl_ca_location: "),
        ("redis: {ca_location: /x}", "risk.yaml:1:22: redis.ca_location: redis.tls is false"),
        ("postgres: {ca_location: /x, sslmode: prefer}", "risk.yaml:1:25: postgres.ca_location: "),
        ("redis: {tls: true, ca_location: x}", "risk.yaml:1:33: redis.ca_location: 'x': expected"),
        ("redis: {host: 'a b'}", "risk.yaml:1:15: redis.host: 'a b': expected a host name or"),
        ("redis: {host: '[::1]'}", "risk.yaml:1:15: redis.host: '[::1]': expected a host name"),
        ("kafka: {bootstrap: 'a'}", "risk.yaml:1:20: kafka.bootstrap: 'a': expected host:port"),
        ("api: {port: 9090}", "risk.yaml:1:13: api.port: port 9090 of 127.0.0.1 is that of"),
        ("api: {tls_cert: /a.pem}", "risk.yaml:1:17: api.tls_key: api.tls_cert needs it"),
        ("postgres: {port: 6380}", "risk.yaml:1:18: redis.port: port 6380 of 127.0.0.1 is that of"),
        (
            "kafka: {brokers: 3, port: 9092, controller_port: 9096}",
            "risk.yaml:1:27: kafka.port: port 9096",
        ),
        ("scoring: {lateness_ms: 600001}", "risk.yaml:1:24: scoring.dedup_ms: 600000 is less "),
        ("delivery: {retry_min_ms: 20000}", "risk.yaml:1:26: delivery.retry_max_ms: 10000 is "),
        ("scoring: {future_ms: 86400001}", "risk.yaml:1:22: scoring.future_ms: Expected `int`"),
        ("data_dir: ~eve/x", "risk.yaml:1:11: data_dir: '~eve/x': expected a folder's path"),
        ("data_dir: ~/x", "risk.yaml:1:11: data_dir: '~/x': HOME is not set"),
        ("data_dir: ''", "risk.yaml:1:11: data_dir: '': expected a folder's path"),
    ],
)
def test_a_mistake_is_refused_where_it_stands(text: str, line: str) -> None:
    assert refused(text).startswith(line)


def test_the_environment_is_held_to_the_same() -> None:
    assert refused("", RISK_DATA_DIR="").startswith("RISK_DATA_DIR: data_dir: '': expected")
    assert refused("", RISK_TOPICS__DLQ="risk.scores").startswith("RISK_TOPICS__DLQ: topics.dlq: ")
    assert refused("", RISK_kafka__PORT="1") == "RISK_kafka__PORT: write it in capitals"
    assert refused("", RISK_KAFKA__PORT="011").startswith("RISK_KAFKA__PORT: kafka.port: ")
    assert refused("", RISK_API__COLOUR="1").startswith("RISK_API__COLOUR: api: Object contains")


def test_a_variable_with_one_underscore_after_its_section_is_told_to_have_two() -> None:
    assert refused("", RISK_API_PORT="1").endswith(": write RISK_API__PORT for api.port")
    assert refused("", RISK_COLOUR="1") == "RISK_COLOUR: Object contains unknown field `colour`"


@pytest.mark.parametrize(
    ("variable", "value", "bound"),
    [
        ("RISK_DELIVERY__REFUSED_LIMIT", "100001", "Expected `int` <= 100000"),
        ("RISK_DELIVERY__REFUSED_LIMIT", "-1", "Expected `int` >= 0"),
        ("RISK_DELIVERY__DOUBTFUL_TRIES", "0", "Expected `int` >= 1"),
        ("RISK_DELIVERY__DOUBTFUL_TRIES", "9" * 18, "Expected `int` <= 2147483647"),
        ("RISK_DELIVERY__DOUBTFUL_TRIES", "9" * 5_000, "Expected `int`, got `str`"),
        ("RISK_DELIVERY__DOUBTFUL_TRIES", "many", "Expected `int`, got `str`"),
        ("RISK_LOGGING__FORMAT", "1", "Invalid enum value '1': use one of text, json"),
        ("RISK_POSTGRES__ALLOW_PLAINTEXT", "2", "Expected `bool`"),
    ],
)
def test_a_number_of_the_environment_is_told_its_bounds(
    variable: str, value: str, bound: str
) -> None:
    assert bound in refused("", **{variable: value})


def test_a_secret_is_not_shown() -> None:
    assert "hunter" not in refused("", RISK_REDIS__PASSWORD="hunter\n2")
    assert "0123" not in refused("redis: {password: 0123}")
    assert "1234" not in refused("redis: {password: 1234}")


@pytest.mark.parametrize("key", ["a\nb", "a\u2028b", "a" * 10_000, "\x1b[31m", "\ufeff!"])
def test_an_odd_key_is_shown_in_one_line(key: str) -> None:
    quoted = msgspec.json.encode(key).decode()
    for text in (f"{quoted}: 1", f"kafka: {{{quoted}: 1}}", f"{quoted}: "):
        assert len(refused(text)) < 700
        assert refused(text).isprintable()


def test_a_section_of_comments_has_the_defaults() -> None:
    text = "kafka:\n  # port: 1\nredis: # later\npostgres: {port: 5}\n"
    found = parse(text, {"RISK_KAFKA__PARTITIONS": "7"})
    assert (found.kafka.partitions, found.redis, found.postgres.port) == (7, Settings().redis, 5)
    assert parse("# nothing\n---\n", {}) == Settings()
    assert parse("redis: {password: null}", {}) == Settings()


def test_a_tilde_is_the_home_folder() -> None:
    text = "{data_dir: ~/data, redis: {tls: true, ca_location: ~/ca.pem}}"
    found = parse(text, HOME)
    assert (found.data_dir, found.redis.ca_location) == ("/home/ada/data", "/home/ada/ca.pem")
    assert parse("", {**HOME, "RISK_DATA_DIR": "~"}).data_dir == "/home/ada"


def test_an_address_of_version_6_stands_in_brackets() -> None:
    text = "{kafka: {host: '::1'}, flink: {host: '::1'}, elasticsearch: {host: '::1'}}"
    found = parse(text, {})
    assert found.kafka.servers == "[::1]:9092"
    assert (found.flink.url, found.elasticsearch.url) == ("http://[::1]:8081", "http://[::1]:9200")


def test_settings_survive_the_environment() -> None:
    text = "{kafka: {host: '::1'}, scoring: {huge_pages: false}, postgres: {sslmode: require}}"
    found = parse(text, {"RISK_REDIS__PASSWORD": "null", "RISK_POSTGRES__PASSWORD": " 01 "})
    assert parse("", to_environment(found)) == found


def test_no_secret_travels_in_a_job_graph() -> None:
    paths = [
        path for path, kind in leaves(Settings) if (fits := checks.fits_of(kind)) and fits.secret
    ]
    assert "redis.password" in paths
    assert all(path.count(".") == 1 for path in paths), "risk.config.settings looks no deeper"
    told = {f"RISK_{path.replace('.', '__').upper()}": f"told {path}" for path in paths}
    settings = msgspec.convert({}, Settings)
    known = with_secrets(settings, told)
    assert {path: value for path, value, fits in checks.texts(known) if fits.secret} == {
        path: f"told {path}" for path in paths
    }
    assert with_secrets(known, {}) == known
    assert without_secrets(known) == settings


def test_with_an_authority_the_host_is_checked() -> None:
    assert parse("", {}).postgres.tls_mode == "prefer"
    assert parse("postgres: {ca_location: /ca.pem}", {}).postgres.tls_mode == "verify-full"
    chosen = "postgres: {ca_location: /ca.pem, sslmode: verify-ca}"
    assert parse(chosen, {}).postgres.tls_mode == "verify-ca"


def test_flink_has_as_many_metric_ports_as_processes() -> None:
    assert checks.FLINK_PROCESSES == flink_config.TASKMANAGERS + 1
    last = Flink().metrics_port + flink_config.TASKMANAGERS
    assert "flink.metrics_port" in refused(f"redis: {{port: {last}}}")


@hypothesis.settings(deadline=None)  # of a machine under load
@given(st.text(max_size=60))
def test_any_text_gives_settings_or_one_line(text: str) -> None:
    for document in (text, f"data_dir: {text}", f"kafka: {{host: {text}}}"):
        try:
            found = parse(document, HOME)
        except SettingsError:
            assert refused(document, **HOME)
        else:
            assert is_host(found.kafka.host)
            assert is_path(found.data_dir)


@given(st.text(max_size=300))
def test_any_text_can_be_checked(text: str) -> None:
    """No check raises, and what is taken is harmless where it is put."""
    assert not is_topic(text) or text.isascii()
    assert not is_host(text) or not set(text) & set("/@?#[] \n\0")
    assert not is_servers(text) or "\n" not in text.strip()


def test_a_variable_that_is_no_text_is_told() -> None:
    with pytest.raises(SettingsError, match="RISK_KAFKA__BOOTSTRAP: not UTF-8"):
        parse("", {"RISK_KAFKA__BOOTSTRAP": "a\udcee:9092"})


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://example.org", True),
        ("https://hooks.example.org:8443/T/B?x=1#y", True),
        ("https://user:word@example.org/", True),
        ("https://[2001:db8::1]:443/", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://localhost", True),
        ("http://[::1]:1/", True),
        ("http://127.0.0.1:x@example.org/", False),  # example.org, without TLS
        ("http://localhost@example.org/", False),
        ("http://example.org/", False),
        ("http://127.0.0.1:'/", False),
        ("https://example.org:99999/", False),
        ("https://:80/", False),
        ("https://[::1/", False),
        ("https://1.2.3.4.5/", False),
        ("https://a b/", False),
        ("https://" + "a" * 2_100, False),
    ],
)
def test_an_address_is_one_that_can_be_asked(text: str, right: bool) -> None:
    assert is_url(text) is right


@pytest.mark.parametrize(("length", "right"), [(31, False), (32, True), (33, False), (86, True)])
def test_a_webhook_secret_is_whole_bytes(length: int, right: bool) -> None:
    assert is_webhook_secret("whsec_" + "A" * length) is right
