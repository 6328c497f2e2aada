"""Failures as rows: exact for guesses one after another, and nothing more to install or to watch."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from curdbee_compat.extensions import begin_write, commit, db, give_back
from curdbee_compat.models.base import now
from curdbee_compat.models.installation import LoginFailure
from curdbee_compat.prepared import Prepared
from curdbee_compat.throttle.bounds import PER_ADDRESS, PER_NAME, WINDOW

AGE = timedelta(seconds=WINDOW)
OF_ADDRESS = LoginFailure.address == bindparam("address"), LoginFailure.at > bindparam("since")
RECENT = select(LoginFailure.at, LoginFailure.name_digest == bindparam("name")).where(*OF_ADDRESS)
LATEST = Prepared(RECENT.order_by(LoginFailure.id.desc()).limit(PER_ADDRESS), dates=True)


class InDatabase:
    """Counts in the table `login_failures`."""

    def wait(self, address: str, name: str) -> float:
        """Seconds until the oldest of the failures that fill a limit leaves the window; 0 where none is filled."""
        since = now() - AGE
        failures = LATEST.all({"address": address, "name": name, "since": since})
        give_back()  # whoever it works for, what follows may work for another
        named = [at for at, same in failures if same]
        if len(failures) >= PER_ADDRESS:
            oldest = failures[PER_ADDRESS - 1][0]
        elif len(named) >= PER_NAME:
            oldest = named[PER_NAME - 1]
        else:
            return 0
        return (oldest - since).total_seconds()

    def add(self, address: str, name: str) -> None:
        """Count it, and forget those of before the window."""
        begin_write()
        db.session.execute(delete(LoginFailure).where(LoginFailure.at <= now() - AGE))
        db.session.add(LoginFailure(address=address, name_digest=name, at=now()))
        commit()

    def check(self) -> None:
        """Nothing: whoever starts a server looks at the database anyway."""
