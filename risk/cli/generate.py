"""`risk generate`: publish synthetic traffic, or write it to a file."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import msgspec

from generator import metrics, stream_file
from generator.attacks import UnknownAttack, selected
from generator.config import StreamConfig
from generator.habits import UnknownHabit
from generator.habits import selected as habits
from generator.publish import Publisher, Unreachable
from generator.record import Record
from generator.stream import broken, records
from generator.tally import Tally
from risk.cli.generate_options import arguments
from risk.cli.generate_progress import Progress, Summary, show
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.ops.settings import in_role, load_settings

SLOW_S = 1.0  # so far behind is worth a word


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk generate`."""
    text = "publish synthetic payments with attacks, disorder and their truth"
    arguments(subparsers.add_parser("generate", help=text, description=text)).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: all were delivered; 1: some were not; 130: stopped."""
    settings = in_role(load_settings(), "generator")
    config = _config(args, settings)
    summary = _write(args, config) if args.to_file else _publish(args, config, settings)
    if args.json:
        sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    else:
        show(summary)
    if summary.most_behind_s >= SLOW_S:
        what = f"could not keep up: up to {summary.most_behind_s:.1f} s behind the schedule"
        print(f"risk: {what}: ask for a lower --rate, or --unpaced", file=sys.stderr)
    if summary.errors:
        what = f"{summary.errors:,} records or labels were not delivered"
        print(f"risk: {what}: {summary.first_error}", file=sys.stderr)
    return 130 if summary.stopped else 1 if summary.errors else 0


def _config(args: argparse.Namespace, settings: Settings) -> StreamConfig:
    """The stream that is asked for. Without --start-time, one that holds nothing of the future."""
    fields = {
        field.name: getattr(args, field.name)
        for field in msgspec.structs.fields(StreamConfig)
        if getattr(args, field.name, None) is not None
    }
    fields["partitions"] = settings.kafka.partitions
    fields.setdefault("start_time", 0)
    try:
        selected(args.attack)
        habits(args.habits)
        config = msgspec.convert(fields, StreamConfig)
    except UnknownAttack as error:
        raise UserError(f"--attack: {error}") from None
    except UnknownHabit as error:
        raise UserError(f"--habits: {error}") from None
    except msgspec.ValidationError as error:
        what, _, field = str(error).rstrip("`").partition(" - at `$.")
        option = "duration" if field == "duration_s" else field.replace("_", "-")
        raise UserError(f"--{option}: {what[0].lower()}{what[1:]}") from None
    if args.start_time is None:
        paced = not (args.unpaced or args.to_file)
        begin = time.time_ns() // 1_000_000 - (0 if paced else int(config.duration_s * 1_000))
        config = msgspec.structs.replace(config, start_time=max(0, begin))
    return config


def _stream(args: argparse.Namespace, config: StreamConfig) -> Iterator[Record]:
    if args.from_file:
        return _read(args.from_file)
    if args.malformed_only:
        return broken(config, args.malformed_only)
    return records(config)


def _read(path: Path) -> Iterator[Record]:
    """The records of a file, all of which was read once: a bad line is told before any is sent."""
    try:
        for _ in stream_file.read(path):
            pass
    except stream_file.BadLine as error:
        raise UserError(f"--from-file: {error}") from None
    except OSError as error:
        raise UserError(f"--from-file: {path}: {error.strerror}") from None
    return stream_file.read(path)


def _write(args: argparse.Namespace, config: StreamConfig) -> Summary:
    tally, begin = Tally(), time.monotonic()
    truth = msgspec.json.Decoder(dict[str, object]).decode
    try:
        for record in stream_file.write(args.to_file, _stream(args, config)):
            tally.records[record.kind] += 1
            if record.label is not None:
                tally.truth[str(truth(record.label)["attack"] or "none")] += 1
    except OSError as error:
        raise UserError(f"--to-file: {args.to_file}: {error.strerror}") from None
    return Summary.of(tally, time.monotonic() - begin, config, stopped=False)


def _publish(args: argparse.Namespace, config: StreamConfig, settings: Settings) -> Summary:
    progress = Progress()
    publisher = Publisher(settings, client_config(settings.kafka), progress.tick)
    progress.watch(publisher.tally)
    try:
        if args.metrics_port:
            metrics.serve(publisher.tally, args.metrics_host, args.metrics_port)
    except OSError as error:
        where = f"{args.metrics_host}:{args.metrics_port}"
        raise UserError(f"--metrics-port: {where}: {error.strerror}: name another") from None
    try:
        config = msgspec.structs.replace(config, partitions=publisher.partitions())
    except Unreachable as error:
        what = f"{error} at {settings.kafka.servers}"
        raise UserError(f"{what}: start it with `risk up`, or set kafka.bootstrap") from None
    stream = _stream(args, config)

    def stop(number: int, frame: FrameType | None) -> None:
        publisher.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a second one ends at once

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    begin = time.monotonic()
    try:
        with progress:
            publisher.run(stream, paced=not args.unpaced)
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    return Summary.of(publisher.tally, time.monotonic() - begin, config, publisher.interrupted)
