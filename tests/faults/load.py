"""Writers and a reader that go on whatever the server does, and write down what they sent and what was answered."""

import http.client
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from inprocess import basic

from faults import messages
from faults.figures import Figures
from faults.journal import Journal, Record, State
from faults.messages import FORMATS, Message

PATIENCE = 30  # seconds until a client gives up; longer than any request may take
BULK = 60_000  # characters of notes, of which few rows fill a table


@dataclass(frozen=True)
class Account:
    """A user with a client, and with invoices that are paid."""

    id: int
    token: str
    client_id: int
    invoice_ids: Sequence[int]


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Client:
    """One connection at a time, opened anew when it broke."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._authorization = basic(token, "X")

    def connect(self) -> None:
        """OSError where nobody listens: nothing can have been sent."""
        if self._connection.sock is None:
            self._connection.connect()

    def send(self, message: Message) -> Answer:
        """The answer, read. OSError or HTTPException where it is missing or broken off."""
        headers = {"Authorization": self._authorization}
        if message.body:
            headers["Content-Type"] = message.content_type
        try:
            self._connection.request(message.method, message.path, message.body or None, headers)
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Load:
    """Threads from `start` to `stop`. `bulky` invoices carry long notes."""

    def __init__(self, port: int, accounts: Sequence[Account], figures: Figures, writers: int, bulky: bool) -> None:
        self.journal, self.figures = Journal(), figures
        self._port, self._bulky = port, bulky
        self._stopped = threading.Event()
        shares = [accounts[n % len(accounts)] for n in range(writers)]
        self._threads = [threading.Thread(target=self._write, args=(share, n)) for n, share in enumerate(shares)]
        self._threads.append(threading.Thread(target=self._read, args=(accounts[0],)))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every request under way end, and no other begin."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def await_acknowledged(self, count: int = 1) -> None:
        """Until so many more writes were acknowledged. RuntimeError where that takes too long."""
        wanted, deadline = self.journal.acknowledged + count, time.monotonic() + PATIENCE
        while self.journal.acknowledged < wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"no write was acknowledged for {PATIENCE} s")
            time.sleep(0.005)

    def _write(self, account: Account, seed: int) -> None:
        client, chance = Client(self._port, account.token), random.Random(seed)
        known: dict[str, list[Record]] = {"payment": [], "invoice": []}
        while not self._stopped.is_set():
            self._write_once(client, account, chance, known)
        client.close()

    def _write_once(
        self, client: Client, account: Account, chance: random.Random, known: dict[str, list[Record]]
    ) -> None:
        """One request: more creates than changes, more payments than invoices."""
        kind, form = chance.choice(["payment", "payment", "invoice"]), chance.choice(FORMATS)
        act = chance.choice(["create", "create", "create", "update", "destroy"])
        record = known[kind].pop(chance.randrange(len(known[kind]))) if act != "create" and known[kind] else Record()
        if act == "destroy" and record.path:
            message, state = Message("DELETE", f"{record.path}.{'xml' if form == 'xml' else 'json'}"), None
        elif kind == "payment":
            path = record.path or f"/invoices/{chance.choice(account.invoice_ids)}/payments"
            state = (self.journal.mark(),)
            message = messages.payment("PUT" if record.path else "POST", path, form, *state)
        else:
            message, state = self._invoice(account, record, chance, form)
        if self._sent(client, record, message, state) and state:
            known[kind].append(record)

    def _invoice(self, account: Account, record: Record, chance: random.Random, form: str) -> tuple[Message, State]:
        """A new invoice with two lines, or one line more for one that is known."""
        if record.path:
            added = (self.journal.mark(),)
            return messages.invoice("PUT", record.path, form, {}, added), (record.hoped or ()) + added
        added = (self.journal.mark(), self.journal.mark())
        attributes = {"client_id": str(account.client_id), "tax": "7.5"}
        if self._bulky:
            attributes["notes"] = chance.randbytes(BULK // 2).hex()
        return messages.invoice("POST", "/invoices", form, attributes, added), added

    def _sent(self, client: Client, record: Record, message: Message, state: State) -> bool:
        """Send it and write down what came of it; whether it was acknowledged."""
        try:
            client.connect()
        except OSError:
            time.sleep(0.02)
            return False
        self.journal.sent(record, state)
        response = self._timed(client, message, reading=False)
        if response is None or response.status == 503:
            self.journal.lost_answer()
            return False
        if response.status not in (200, 201):
            return False
        if response.status == 201:
            # A payment is changed below its invoice, whatever its Location says.
            record.path = f"{message.path.rpartition('.')[0]}/{response.headers['Location'].rpartition('/')[2]}"
        self.journal.answered(record)
        return True

    def _read(self, account: Account) -> None:
        client = Client(self._port, account.token)
        while not self._stopped.is_set():
            try:
                client.connect()
            except OSError:
                time.sleep(0.02)
                continue
            for suffix in ("json", "xml"):
                self._timed(client, Message("GET", f"/invoices/{account.invoice_ids[0]}.{suffix}"), reading=True)
            time.sleep(0.02)
        client.close()

    def _timed(self, client: Client, message: Message, reading: bool) -> Answer | None:
        """The answer, or None where it is missing. Any but success and a proper 503 is written down as wrong."""
        began = time.monotonic()
        try:
            response = client.send(message)
        except (OSError, http.client.HTTPException):
            response = None
        self.figures.took(time.monotonic() - began, reading)
        if response is not None and (fault := wrong_with(response, message)):
            self.figures.violated("failed", f"{message.method} {message.path}: {fault}")
        return response


def wrong_with(response: Answer, message: Message) -> str | None:
    """Why an answer may not be: neither a success nor a 503 that says in the client's format when to come again."""
    if response.status in (200, 201):
        return None
    if response.status != 503:
        return f"status {response.status}: {response.body[:300]!r}"
    if not response.headers.get("Retry-After", "").isdigit():
        return "503 without Retry-After"
    kind = response.headers.get_content_type()
    return None if kind == message.expected else f"503 as {kind}"
