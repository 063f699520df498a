"""The whole of a secure stack: all jobs on it, payments through it, and passwords that change."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.ops import jobs
from risk.stack.direct import open_url
from risk.stack.process import MARK, Home, alive
from risk.stack.roles import accounts
from risk.stack.up import down
from sinks import registry
from tests.integration.secure_stack import Secure, all_holders, own_ports, readable
from tests.integration.test_stack import free_port, quiet
from tests.pipeline import risk, until

SERVERS = ("kafka", "postgres", "redis", "elasticsearch")
WAIT_S = "240"

pytestmark = pytest.mark.timeout(1_800)


def done(secure: Secure, *words: str) -> str:
    """What a command prints; it ends well."""
    found = risk(secure.bare, *words)
    assert found.returncode == 0, found.stderr or found.stdout
    return found.stdout


@pytest.fixture(scope="module")
def secure(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("secure")
    folder.chmod(0o755)
    home = Home(folder / "data")
    rpc_port, _ = free_port(), free_port()  # the port after `rpc_port` is taken, too
    flink = replace(settings.flink, rest_port=free_port(), rpc_port=rpc_port)
    found = Secure(replace(own_ports(settings), flink=flink, data_dir=str(home.path)), home)
    try:
        done(found, "up", "--secure")
        done(found, "migrate")
        done(found, "submit", "all")
        yield found
    finally:
        down(found.bare, home, say=quiet)


def verified(secure: Secure, seed: int) -> None:
    """Payments of every kind are sent; all outputs and stores agree with the oracle."""
    stream = ("--duration", "20", "--rate", "50", "--seed", str(seed), "--unpaced")
    done(secure, "generate", *stream)
    report = json.loads(done(secure, "verify", "--json", "--wait", WAIT_S))
    assert report["mismatches"] == 0, report["first"]
    assert report["scored"] > 900
    assert set(report["stores"]) == set(registry.delivery_names())
    assert report["stores"]["postgres"]["rows"] > 900


def passwords(secure: Secure) -> dict[str, str]:
    """The file of each password of each server."""
    files = [f"secrets/{server}-{one}" for server in SERVERS for one in accounts(server)]
    return {(secure.home.path / file).read_text(encoding="ascii"): file for file in files}


def test_every_store_has_what_the_oracle_says(secure: Secure) -> None:
    verified(secure, 1)


def test_no_password_is_in_a_job_a_log_or_an_environment(secure: Secure) -> None:
    every = passwords(secure)
    assert all_holders(secure.home, every) == {text: [file] for text, file in every.items()}
    assert readable(secure.home) == []
    shown = []
    for process in psutil.process_iter(["environ", "cmdline"]):
        environment = process.info["environ"] or {}
        if environment.get(MARK) == str(secure.home.path):
            shown += [*(process.info["cmdline"] or ()), *environment.values()]
    assert len(shown) > 100
    url = secure.bare.flink.url
    found = [job.id for job in jobs.running(secure.bare, "")]
    assert len(found) == 1 + len(registry.delivery_names())
    for job in found:
        for path in ("", "/config", "/plan", "/exceptions"):
            shown.append(open_url(f"{url}/jobs/{job}{path}", 10).read().decode())
    for path in ("/jobmanager/config", "/jobmanager/environment"):
        shown.append(open_url(f"{url}{path}", 10).read().decode())
    text = "\n".join(shown)
    assert [file for password, file in every.items() if password in text] == []


def test_flink_takes_no_submission_and_answers_no_other_page(secure: Secure) -> None:
    url = secure.bare.flink.url
    sent = urllib.request.Request(f"{url}/jars/upload", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError):
        open_url(sent, 10)
    asked = urllib.request.Request(f"{url}/jobs", headers={"Origin": "https://evil.example"})
    told = open_url(asked, 10).headers.get("Access-Control-Allow-Origin")
    assert told == url


def test_passwords_change_while_jobs_run(secure: Secure) -> None:
    before = passwords(secure)
    named = {job.name: job.id for job in jobs.running(secure.bare, "")}
    changed = done(secure, "secrets", "rotate")
    assert changed.count("has another password") == len(before)
    assert not before.keys() & passwords(secure).keys()
    verified(secure, 2)
    # Each client has to log in again now, and does so with what the files hold.
    broker = alive(secure.home, "kafka")
    assert broker is not None
    os.kill(broker, signal.SIGKILL)
    until(lambda: alive(secure.home, "kafka") is None, "the broker has gone")
    done(secure, "up", "--only", "kafka")
    verified(secure, 3)
    assert {job.name: job.id for job in jobs.running(secure.bare, "")} == named
    assert all_holders(secure.home, passwords(secure)) == {
        text: [file] for text, file in passwords(secure).items()
    }


def test_commands_of_every_role_work(secure: Secure, tmp_path: Path) -> None:
    done(secure, "status")
    done(secure, "health")
    done(secure, "dlq")
    done(secure, "alerts", "--json", "--limit", "1")
    done(secure, "runs", "--json")
    done(secure, "provision")
    done(secure, "backup", str(tmp_path / "backup"))
