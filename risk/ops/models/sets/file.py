"""A training set as files: the rows as Parquet, and the manifest beside them.

The same rows give the same bytes under one version of pyarrow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from risk.ops.files import replace
from risk.ops.models.sets import manifest as manifests
from risk.ops.models.sets.manifest import Manifest, SetInput
from risk.ops.models.sets.rows import Row

TYPES = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
OWN = {
    "event_id": pa.string(),
    "user_id": pa.string(),
    "event_time": pa.int64(),
    "currency": pa.string(),
    "country": pa.string(),
    "channel": pa.string(),
    "source": pa.string(),
    "score": pa.int64(),
    "decision": pa.string(),
    "verdict": pa.string(),
    "known_at": pa.int64(),
    "earlier": pa.list_(pa.struct([("verdict", pa.string()), ("known_at", pa.int64())])),
    "weight": pa.float64(),
}
MAY_LACK = ("verdict", "known_at")


def schema(inputs: Sequence[SetInput]) -> Any:
    """The columns: those of every set, then the inputs."""
    fields = [pa.field(name, kind, name in MAY_LACK) for name, kind in OWN.items()]
    fields += [pa.field(one.stored, TYPES[one.type], False) for one in inputs]
    return pa.schema(fields)


def encoded(rows: Sequence[Row], inputs: Sequence[SetInput]) -> bytes:
    """The Parquet file."""
    own = zip(*(row[: len(OWN)] for row in rows), strict=True)
    values = zip(*(row.inputs for row in rows), strict=True)
    columns = [*own, *values] or [()] * (len(OWN) + len(inputs))
    whole = schema(inputs)
    arrays = [pa.array(one, field.type) for one, field in zip(columns, whole, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=whole), sink, compression="zstd")
    found: bytes = sink.getvalue().to_pybytes()
    return found


def sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write(path: Path, data: bytes, manifest: Manifest) -> None:
    """Both files, the manifest last: it says of which bytes it is. Raises `UserError`."""
    replace(path, data)
    replace(manifests.beside(path), manifests.encode(manifest))
