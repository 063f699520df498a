"""A stack is secure from the beginning or not at all, and a role is told its own accounts alone."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509
from msgspec.structs import replace

from risk.cli.main import main
from risk.config.kafka import of_job
from risk.config.names import SCORE
from risk.config.settings import Settings, parse, to_environment
from risk.errors import StackError
from risk.stack import authority, redis_accounts, secured
from risk.stack.elasticsearch_accounts import roles
from risk.stack.kafka_config import properties
from risk.stack.kafka_grants import grants
from risk.stack.kafka_nodes import nodes
from risk.stack.lock import locked
from risk.stack.private import read, write_private
from risk.stack.process import Home
from risk.stack.roles import DELIVERIES, ROLES, Role, accounts, password_of
from risk.stack.rotation import rotate
from risk.stack.secrets import with_generated
from risk.stack.up import up
from sinks import registry


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def secure(home: Home) -> Home:
    secured.settle(home)
    return home


def test_a_folder_that_has_data_can_not_become_secure(home: Home) -> None:
    home.folder("postgres/data")
    with pytest.raises(StackError, match=r"^--secure: .*postgres/data was made without: set data_"):
        secured.settle(home)
    assert not secured.is_so(home)


def test_it_is_settled_once(secure: Home) -> None:
    secure.folder("postgres/data")
    secured.settle(secure)
    assert secured.is_so(secure)


def test_flink_is_closed_to_other_machines(secure: Home) -> None:
    flink = Settings().flink
    for host in ("127.0.0.1", "::1", "localhost"):
        secured.check_flink(Settings(flink=replace(flink, host=host)))
    for host in ("0.0.0.0", "::", "10.0.0.7", "flink.example"):
        settings = Settings(flink=replace(flink, host=host))
        with pytest.raises(StackError, match=r"^flink\.host: .* is open to other machines"):
            up(settings, secure, ("flink",), lambda _: None)
    assert not [*secure.run.glob("*.pid")]


@pytest.mark.parametrize("role", get_args(Role))
def test_a_role_is_told_its_accounts_and_no_password(secure: Home, role: Role) -> None:
    found = with_generated(Settings(), secure, role)
    own = ROLES[role]
    assert found.kafka.sasl_username == f"risk-{own.kafka}"
    assert found.kafka.security_protocol == "SASL_SSL"
    assert found.kafka.sasl_password is None
    assert found.kafka.sasl_password_file == str(secure.path / "secrets" / f"kafka-{own.kafka}")
    assert found.kafka.ssl_ca_location == str(secure.path / "secrets" / "tls" / "ca.pem")
    assert parse("", to_environment(found)) == found
    if own.postgres is None:  # it has nothing to do with the stores
        assert (found.postgres, found.redis) == (Settings().postgres, Settings().redis)
        assert found.elasticsearch == Settings().elasticsearch
        return
    assert found.postgres.user == f"risk_{own.postgres}"
    assert found.redis.username == f"risk-{own.redis}"
    assert found.elasticsearch.username == f"risk-{own.elasticsearch}"
    assert found.postgres.tls_mode == "verify-full"
    assert found.redis.tls
    assert found.elasticsearch.url.startswith("https://")
    for section in (found.postgres, found.redis, found.elasticsearch):
        assert section.password is None
        assert section.password_file is not None
        assert Path(section.password_file).is_relative_to(secure.path / "secrets")
        assert section.ca_location == str(secure.path / "secrets" / "tls" / "ca.pem")


def test_a_process_that_inherits_a_role_takes_its_own(secure: Home) -> None:
    inherited = with_generated(Settings(), secure, "ops")
    assert with_generated(inherited, secure, "reader") == with_generated(
        Settings(), secure, "reader"
    )


def test_an_account_of_the_users_own_is_kept(secure: Home) -> None:
    text = (
        "{redis: {password: x}, postgres: {user: me, password: y}, kafka: {bootstrap: 'k:9092', "
        "security_protocol: SASL_SSL, sasl_mechanism: PLAIN, sasl_username: me, sasl_password: z}}"
    )
    given = parse(text, {})
    found = with_generated(given, secure, "ops")
    assert (found.redis, found.postgres) == (given.redis, given.postgres)
    assert found.kafka == given.kafka
    without = parse("kafka: {bootstrap: 'k:9092'}", {})
    assert with_generated(without, secure, "jobs").kafka == without.kafka


def test_each_delivery_job_has_an_account_of_its_own(secure: Home) -> None:
    jobs = with_generated(Settings(), secure, "jobs").kafka
    for store, fields in DELIVERIES.items():
        kafka = of_job(jobs, store)
        assert kafka.sasl_username == f"risk-deliver-{store}"
        assert kafka.sasl_password_file == str(secure.path / "secrets" / f"kafka-deliver-{store}")
        assert Path(kafka.sasl_password_file).is_file()
        assert registry.delivery(store).topics == fields
    assert set(DELIVERIES) == set(registry.delivery_names())
    assert of_job(jobs, SCORE) == jobs
    assert of_job(Settings().kafka, "redis") == Settings().kafka


def test_without_secure_a_password_elsewhere_needs_tls(home: Home) -> None:
    elsewhere = parse("redis: {host: cache}", {})
    with pytest.raises(StackError, match=r"^redis.tls: a password would go to cache in plaintext"):
        with_generated(elsewhere, home)


def test_each_account_has_its_rights() -> None:
    assert set(redis_accounts.RIGHTS) == set(accounts("redis"))
    assert set(roles("x")) == {f"risk-{account}" for account in accounts("elasticsearch")}
    assert {*grants(Settings().topics), "admin"} == set(accounts("kafka"))


def test_no_password_stands_in_what_valkey_is_told(secure: Home) -> None:
    text = redis_accounts.lines(secure)
    assert text.startswith("user default off ")
    for account in accounts("redis"):
        secret = (secure.path / "secrets" / f"redis-{account}").read_text(encoding="ascii")
        assert secret not in text


def test_no_password_stands_in_what_a_broker_is_told(secure: Home) -> None:
    settings = with_generated(Settings(), secure, "admin")
    every = nodes(settings, secure)
    text = properties(settings, every[0], every, secure)
    for account in accounts("kafka"):
        assert password_of(secure, "kafka", account) not in text
    assert "listeners=SASL_SSL://127.0.0.1:9092,BROKERS://127.0.0.1:9110,CONTROLLER://" in text
    for listener in ("brokers", "controller"):
        assert f"listener.name.{listener}.ssl.client.auth=required\n" in text
    assert "allow.everyone.if.no.acl.found=false\n" in text
    assert "PLAINTEXT" not in text
    assert stat.S_IMODE((secure.path / "kafka" / "identity.pem").stat().st_mode) == 0o600


def test_a_certificate_is_for_this_machine_and_for_its_host(home: Home) -> None:
    first = authority.files(home, "redis", ["cache.example", "192.0.2.7"])
    found = x509.load_pem_x509_certificate(first.certificate.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    shown = {str(name.value) for name in names}
    assert shown >= {"127.0.0.1", "::1", "localhost", "cache.example", "192.0.2.7"}
    ca = x509.load_pem_x509_certificate(first.authority.read_bytes())
    found.verify_directly_issued_by(ca)
    for path in (first.key, first.certificate, home.path / "secrets/tls/ca.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((home.path / "secrets").stat().st_mode) == 0o700


def test_a_certificate_stays_until_another_host_is_wanted(home: Home) -> None:
    first = authority.files(home, "redis").certificate.read_bytes()
    assert authority.files(home, "redis").certificate.read_bytes() == first
    ca = authority.authority(home).read_bytes()
    other = authority.files(home, "redis", ["other.example"]).certificate.read_bytes()
    assert other != first
    assert authority.authority(home).read_bytes() == ca


def test_a_certificate_that_is_none_is_named(home: Home) -> None:
    files = authority.files(home, "redis")
    files.certificate.write_text("no certificate", encoding="ascii")
    with pytest.raises(StackError, match=r"redis\.pem: "):
        authority.files(home, "redis")


def test_commands_refuse_what_is_settled_otherwise(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RISK_DATA_DIR", str(home.path))
    home.folder("kafka/data")
    assert main(["secrets", "rotate"]) == 2
    assert "was not made with `risk up --secure`" in capsys.readouterr().err
    assert main(["up", "--secure", "--only", "redis"]) == 2
    assert "kafka/data was made without" in capsys.readouterr().err
    assert not secured.is_so(home)


def test_the_users_own_plaintext_to_another_host_stays_refused(secure: Home) -> None:
    own = replace(Settings().redis, host="cache", password="x")
    with pytest.raises(StackError, match=r"redis\.tls"):
        with_generated(replace(Settings(), redis=own), secure)


@pytest.mark.parametrize("held", [b"", b"\n", b"\xff\xfe", b"a\nb", b"x" * 600])
def test_a_file_that_holds_no_password_is_named_and_no_server_told(
    home: Home, secure: Home, held: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home.folder("secrets") / "redis-writer"
    file.write_bytes(held)
    for asked in (lambda: with_generated(Settings(), home, "ops"), lambda: read(file)):
        with pytest.raises(StackError, match=r"secrets/redis-writer: it holds no password: put"):
            asked()
    with pytest.raises(StackError, match=r"redis-writer: it holds no password"):
        redis_accounts.lines(secure)


def test_a_private_file_is_there_whole_or_as_it_was(home: Home) -> None:
    file = home.folder("secrets") / "one"
    write_private(file, "before")
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "after \udcff")
    assert file.read_text(encoding="ascii") == "before"
    assert [one.name for one in file.parent.iterdir()] == ["one"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_command_changes_no_passwords_meanwhile(secure: Home) -> None:
    with locked(secure), pytest.raises(StackError, match="`risk secrets rotate` is at work"):
        rotate(Settings(), secure, ("redis",))
    assert not list(secure.folder("secrets").glob("*.next"))
