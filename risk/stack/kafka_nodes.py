"""The nodes of the embedded Kafka: one, or several that are broker and controller each.

How many there are is settled when the data folder is made: a cluster's voters are written into it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from risk.config.settings import PORT_STEP, Settings
from risk.errors import StackError
from risk.stack.process import Home

NAME = "kafka"


class Node(NamedTuple):
    """One process. `name` is the process's, `folder` its own."""

    id: int
    name: str
    folder: Path
    port: int
    controller_port: int
    broker_port: int  # between brokers; of a secure stack alone


def nodes(settings: Settings, home: Home) -> list[Node]:
    """The nodes, in the order of their ids. A node that is alone has no number to its name."""
    kafka = settings.kafka
    return [
        Node(
            n + 1,
            NAME if kafka.brokers == 1 else f"{NAME}-{n + 1}",
            home.path / NAME if kafka.brokers == 1 else home.path / NAME / str(n + 1),
            kafka.port + PORT_STEP * n,
            kafka.controller_port + PORT_STEP * n,
            kafka.broker_port + PORT_STEP * n,
        )
        for n in range(kafka.brokers)
    ]


def recorded(home: Home) -> int | None:
    """How many nodes the data folder was made for; None if it holds no cluster yet."""
    folder = home.path / NAME
    try:
        return int((folder / "brokers").read_text(encoding="ascii"))
    except FileNotFoundError:
        return 1 if (folder / "data" / "meta.properties").exists() else None
    except NotADirectoryError:
        raise StackError(f"data_dir: {home.path}: no folder: set it to one") from None
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}") from None
    except ValueError:
        raise StackError(f"{folder / 'brokers'}: not a number of brokers") from None


def record(settings: Settings, home: Home) -> None:
    """Settle how many nodes there are. Raises `StackError` if that is settled otherwise."""
    check(home, settings.kafka.brokers)
    path = home.folder(NAME) / "brokers"
    path.write_text(f"{settings.kafka.brokers}\n", encoding="ascii")


def check(home: Home, brokers: int) -> None:
    """Raise `StackError` if the data folder was made for another number of brokers."""
    known = recorded(home)
    if known not in (None, brokers):
        raise StackError(
            f"kafka.brokers: {home.path / NAME} was made for {known}, not {brokers}: keep to "
            f"{known}, set data_dir to a new folder, or `risk down` and remove {home.path / NAME}, "
            "which loses its records"
        )


def with_recorded(settings: Settings, home: Home) -> Settings:
    """The settings with as many brokers as the data folder was made for.

    Where they say more than 1, which is the default, they are left as they are.
    """
    known = recorded(home) if settings.kafka.brokers == 1 else None
    return replace(settings, kafka=replace(settings.kafka, brokers=known)) if known else settings
