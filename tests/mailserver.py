"""A real SMTP server on the loopback interface that keeps what it takes, and refuses what a test tells it to."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from served import free_port

LOGIN = LoginPassword(b"shop", b"secret")


@dataclass
class Taken:
    """A mail as it came: the envelope, and the message in it."""

    sender: str
    recipients: list[str]
    content: bytes
    login: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)


@dataclass
class MailServer:
    """`refused`: a reply by recipient or sender. `answers`: replies to the next messages. `busy` is set by a message;
    its reply waits for `go_on`, or for `pause` seconds."""

    port: int
    taken: list[Taken] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    busy: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    pause: float = 0

    def settings(self, **more: str) -> dict[str, str]:
        """What the app is told about it."""
        address = {"CURDBEE_MAIL_SERVER": "127.0.0.1", "CURDBEE_MAIL_PORT": str(self.port)}
        return address | {"CURDBEE_MAIL_FROM": "Billing <billing@example.test>"} | more

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            login = session.auth_data.login.decode() if session.auth_data else None
            self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content, login))
        self.busy.set()
        if self.pause:
            await server.loop.run_in_executor(None, self.go_on.wait, self.pause)
        return answer or "250 OK"


@contextmanager
def serving(**options: Any) -> Iterator[MailServer]:
    """The server while the block runs."""
    server = MailServer(free_port())
    controller = Controller(server, "127.0.0.1", server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        server.go_on.set()
        controller.stop()


@contextmanager
def serving_encrypted(folder: Path) -> Iterator[MailServer]:
    """One that takes mail only after STARTTLS and a login; its certificate is `folder`/mail.pem."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    options = {"require_starttls": True, "auth_required": True, "authenticator": _authenticate}
    with serving(tls_context=context, **options) as server:
        yield server


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data == LOGIN, handled=False, auth_data=data)


def _certificate(folder: Path) -> Path:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    today = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(today).not_valid_after(today + datetime.timedelta(1))
    certificate = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "mail.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
