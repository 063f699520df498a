"""The stack's own certificate authority, and a certificate of it for each server.

All of it is made when the data folder is, in `secrets/tls/`, for its owner alone. `renew` makes a
server's certificate again; the authority stays, so that its clients need not be told.
"""

from __future__ import annotations

import datetime
import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from risk.errors import StackError
from risk.stack.private import write_private
from risk.stack.process import Home

FOLDER = "secrets/tls"
AUTHORITY_DAYS = 3_650
SERVER_DAYS = 825  # more than that some clients take for a mistake
OWN = ("127.0.0.1", "::1", "localhost")

Key = ec.EllipticCurvePrivateKey


class Files(NamedTuple):
    """Where a certificate, its key (PKCS #8) and its authority are, as PEM."""

    certificate: Path
    key: Path
    authority: Path


def authority(home: Home) -> Path:
    """The authority's certificate; made, with its key, when it is first asked for."""
    return _authority(home)[0]


def files(home: Home, name: str, hosts: Iterable[str] = ()) -> Files:
    """The files of a server or client; made when they are first asked for.

    Its certificate is for this machine's names and loopback addresses, and `hosts`. It is made
    again where one of these is missing, or where it ends within a month. Raises `StackError`.
    """
    ca = authority(home)
    folder = home.folder(FOLDER)
    found = Files(folder / f"{name}.pem", folder / f"{name}.key", ca)
    wanted = {*OWN, socket.gethostname(), *hosts} - {""}
    try:
        if not _good(found.certificate, wanted):
            _make(home, found, name, wanted)
    except (OSError, ValueError) as error:
        raise StackError(f"{found.certificate}: {error}: it is a certificate of yours") from None
    return found


def _authority(home: Home) -> tuple[Path, Path]:
    folder = home.folder(FOLDER)
    certificate, secret = folder / "ca.pem", folder / "ca.key"
    try:
        lock = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(lock, "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # two commands may be the first at once
            if not certificate.exists():
                key = ec.generate_private_key(ec.SECP256R1())
                write_private(secret, _pem(key))
                write_private(certificate, _sign_own(key))
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}: it holds a key") from None
    return certificate, secret


def _good(path: Path, wanted: set[str]) -> bool:
    if not path.exists():
        return False
    found = x509.load_pem_x509_certificate(path.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    have = {str(name.value) for name in names}
    month = datetime.timedelta(days=30)
    return wanted <= have and found.not_valid_after_utc > _now() + month


def _make(home: Home, where: Files, name: str, wanted: set[str]) -> None:
    ca, secret = _authority(home)
    issuer = x509.load_pem_x509_certificate(ca.read_bytes())
    signing = load_pem_private_key(secret.read_bytes(), None)
    assert isinstance(signing, Key), "it was made here"
    key = ec.generate_private_key(ec.SECP256R1())
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    names = x509.SubjectAlternativeName([_name(host) for host in sorted(wanted)])
    made = (
        _begun(name, SERVER_DAYS, issuer.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(both, critical=False)
        .add_extension(_authority_id(signing), critical=False)
        .sign(signing, hashes.SHA256())
    )
    write_private(where.key, _pem(key))
    write_private(where.certificate, made.public_bytes(Encoding.PEM).decode())


def _sign_own(key: Key) -> str:
    name = f"risk embedded stack {_now():%Y-%m-%d}"
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(name, AUTHORITY_DAYS, _subject(name), key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def _begun(name: str, days: int, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = _now()
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))  # clocks differ
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _authority_id(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
