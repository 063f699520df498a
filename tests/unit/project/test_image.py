"""The image: versions, packages and user of docker/Dockerfile, held to the project."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from risk.stack import flink_config, flink_lib, java
from risk.stack.process import Home
from tests.compose import project, read

IMAGE = read("docker/Dockerfile")


def dockerfile(text: str) -> Iterator[str]:
    """Versions of the project, packages from the lock, no secrets, not root, and all code in it."""
    found = project()
    python = found["project"]["requires-python"].removeprefix("==").removesuffix(".*")
    for tag in re.findall(r"FROM python:(\S+)", text):
        if not re.match(rf"{re.escape(python)}\.\d+-", tag):
            yield f"Python is not {python}, or not to the last digit: {tag}"
    runs_on = {"".join(one) for one in re.findall(r"openjdk-(\d+)-|temurin-(\d+)", text)}
    if runs_on != {str(java.VERSION)}:
        yield f"Java is not {java.VERSION}"
    if "dependency:copy@flink" not in text or "<id>flink</id>" not in read("pom.xml"):
        yield "the connector is not what pom.xml copies"
    for command in re.findall(r"pip install[^\n]*", text):
        if not re.search(r"--require-hashes|--no-index", command):
            yield f"{command}: not from the lock"
    if re.search(r"^(ENV|ARG).*(PASSWORD|SECRET|TOKEN)", text, re.MULTILINE):
        yield "a secret stays in the image"
    if re.findall(r"^USER (.*)", text, re.MULTILINE)[-1:] != ["risk"]:
        yield "it runs as root"
    for folder in found["tool"]["setuptools"]["packages"]["find"]["include"]:
        if f"COPY {folder.rstrip('*')} {folder.rstrip('*')}\n" not in text:
            yield f"{folder.rstrip('*')}: not in the image"


def test_the_image_is_built_as_it_should_be() -> None:
    assert list(dockerfile(IMAGE)) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("FROM python:3.11.14-slim-bookworm\n", "FROM python:3.11-slim\n", "not to the last digit"),
        ("python:3.11.14", "python:3.12.1", "Python is not 3.11"),
        ("eclipse-temurin-17", "eclipse-temurin-21", "Java is not 17"),
        ("dependency:copy@flink", "dependency:copy@kafka", "the connector is not what pom.xml"),
        ("USER risk\n", "USER root\n", "runs as root"),
        ("COPY sinks sinks\n", "", "sinks: not in the image"),
        ("--require-hashes ", "", "not from the lock"),
        ("ENV PYTHONUNBUFFERED=1", "ENV REDIS_PASSWORD=x", "a secret stays in the image"),
    ],
)
def test_a_fault_of_the_image_is_found(before: str, after: str, words: str) -> None:
    assert before in IMAGE
    found = list(dockerfile(IMAGE.replace(before, after)))
    assert any(re.search(words, problem) for problem in found), found


def test_what_the_image_is_built_from_is_not_held_back() -> None:
    kept = {
        line.removeprefix("!") for line in read(".dockerignore").splitlines() if line[:1] == "!"
    }
    copied = {
        source.split("/")[0]
        for line in IMAGE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    assert copied == kept
    assert read(".dockerignore").splitlines()[1] == "*"
    assert "**/.env" in read(".dockerignore")


def test_flink_by_hand_has_the_environment_of_the_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flink_lib, "JARS", tmp_path / "nobody may write there")
    flat = re.sub(r"\\\n\s*", "", IMAGE)
    said = dict(re.findall(r"\b(FLINK_\w+)=(\S+)", flat))
    said = {name: value.replace("$FLINK_HOME", said["FLINK_HOME"]) for name, value in said.items()}
    own = flink_config.environment(Home(tmp_path))
    home = str(flink_config.distribution())
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert said["FLINK_HOME"] == f"/opt/venv/lib/{version}/site-packages/pyflink"
    for name, value in said.items():
        here = own[name].replace(home, said["FLINK_HOME"])
        assert value == here.replace(str(tmp_path), "/var/lib/risk"), name
