"""The walk through the parts: ask, try, write, one part after the other; interrupted, it goes on where it stopped."""

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.errors import SettingsError
from config.settings import Settings
from gateway.desk import open_desk
from gateway.doctor.examine import Examined
from gateway.doctor.finding import Check, Level
from gateway.doctor.round import Asked, checks_for
from gateway.domain.person import Role
from gateway.errors import ReferloopError
from gateway.mail_login import log_in
from gateway.mailboxes import MAIN, Mailbox, mailboxes
from gateway.services.access.accounts import By
from gateway.services.mail_grants import MailGrants
from gateway.setup.asking import Asker
from gateway.setup.question import Answers, Part, Question, Value
from gateway.setup.questions import ADMINISTRATOR, PARTS
from gateway.setup.writing import ClinicFolder, fresh_value, present, secrets_of, values_of, write_private
from outbound.errors import OutboundError

Run = Callable[[Sequence[Check]], list[Examined]]
"""Tries checks, and shows what they find."""


class Stopped(Exception):
    """The person stopped; what was answered is kept for the next time."""


@dataclass(slots=True)
class Setup:
    """One walk. `try_out` runs the doctor's checks; `become_owner` goes on as the daemon's user."""

    place: ClinicFolder
    asker: Asker
    try_out: Run
    become_owner: Callable[[Path], None]
    actor: str
    answers: Answers = field(default_factory=dict[str, Value])
    done: list[str] = field(default_factory=list[str])

    def run(self, chosen: Sequence[Part]) -> list[Path]:
        """Every chosen part, in order; which files were written.

        Raises:
            Stopped: the person wants to go on another time.
            SettingsError: a file of the clinic cannot be used.
        """
        self._resume()
        self.place.make()
        written: list[Path] = []
        for part in chosen:
            if part.name in self.done:
                continue
            written += self._part(part)
            self.done.append(part.name)
            self._keep()
        self.place.progress.unlink(missing_ok=True)
        self._log_in_to_mailboxes()
        return written

    def _resume(self) -> None:
        """What was answered before an interruption is offered as defaults; parts that were written are passed over."""
        try:
            kept: dict[str, Any] = json.loads(self.place.progress.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        done = ", ".join(kept.get("done", [])) or "nothing"
        if self.asker.agrees(f"Setup was interrupted (done: {done}). Go on there?", default=True):
            self.answers |= kept.get("answers", {})
            self.done += kept.get("done", [])

    def _keep(self) -> None:
        secret = {one.id for part in PARTS for one in part.questions if one.is_secret}
        answers = {name: value for name, value in self.answers.items() if name not in secret}
        told = {"done": self.done, "answers": answers}
        with contextlib.suppress(OSError):
            write_private(self.place.progress, json.dumps(told))

    def _part(self, part: Part) -> list[Path]:
        self.asker.begin(part)
        while True:
            self._ask(part)
            verdict = self._tried(part)
            if verdict == "stop":
                self._keep()
                raise Stopped
            if verdict != "change":
                break
        written = self._write(part)
        if part is ADMINISTRATOR:
            self._add_administrator()
        return written

    def _ask(self, part: Part) -> None:
        for question in part.questions:
            if not question.is_asked(self.answers):
                self.answers.pop(question.id, None)
                continue
            has_secret = bool(question.credential) and self.place.secret(question.credential).exists()
            answer = self.asker.ask(question, self._default(question), has_secret=has_secret)
            if answer is None:
                self.answers.pop(question.id, None)
            else:
                self.answers[question.id] = answer
            self._keep()

    def _default(self, question: Question) -> Value:
        """What was answered before, else what the files say, else what is usual."""
        if question.id in self.answers:
            return self.answers[question.id]
        found = present(question, self.place)
        return found if found is not None else question.default(self.answers)

    def _tried(self, part: Part) -> str:
        """How it goes on: `change` asks again, `stop` ends, anything else writes."""
        while True:
            try:
                with self.place.tried((part,), self.answers) as (settings, file):
                    if not self._has_fault(part, settings, file):
                        return "well"
            except SettingsError as error:
                self.asker.say(f"✗ {str(error).replace('.referloop-tried.toml', 'referloop.toml')}")
                return "change" if self.asker.after_fault() != "stop" else "stop"  # it could not be read again
            verdict = self.asker.after_fault()
            if verdict != "again":
                return verdict

    def _has_fault(self, part: Part, settings: Settings, file: Path) -> bool:
        if not part.checks or part is ADMINISTRATOR:
            return False
        every = checks_for(settings, file, lambda: datetime.now(UTC), Asked(login_follows=True))
        found = self.try_out([check for check in every if check.name in part.checks])
        return any(one.level is Level.FAULT for one in found)

    def _write(self, part: Part) -> list[Path]:
        """After asking, where another value is there already."""
        values, secrets = values_of((part,), self.answers), secrets_of((part,), self.answers)
        replaced = [one for one in part.questions if self._differs(one, values)]
        replaced_secrets = [name for name in secrets if self.place.secret(name).exists()]
        if replaced or replaced_secrets:
            names = ", ".join([*(one.words for one in replaced), *replaced_secrets])
            if not self.asker.agrees(f"Given already and other than now: {names}. Overwrite?", default=False):
                self.asker.say(f"{part.name}: left as it was")
                return []
        return self.place.write((part,), self.answers)

    def _differs(self, question: Question, values: dict[str, Value]) -> bool:
        """Whether a person's own answer stands there, and is another. What `init` writes is nobody's answer."""
        found = present(question, self.place)
        is_told = any(key in values for key in question.keys)
        is_anothers = found not in (None, self.answers.get(question.id), fresh_value(question))
        return is_told and is_anothers

    def _add_administrator(self) -> None:
        """The last step: the store is opened as the daemon's user, and the whole is tried."""
        settings = self.place.load()
        self.become_owner(settings.storage.data_dir)
        name = str(self.answers.get("administrator.name") or "")
        if name:
            with open_desk(settings) as desk:
                if not desk.access.accounts.nobody_yet():
                    self.asker.say("somebody has an account already: `referloop person add` makes more")
                else:
                    password = str(self.answers["administrator.password"])
                    try:
                        desk.access.accounts.add(name, Role.ADMINISTRATOR, password, By(self.actor), must_change=False)
                        self.asker.say(f"{name} can log in as administrator")
                    except ReferloopError as error:
                        self.asker.say(f"✗ {error}")
        every = checks_for(settings, self.place.settings, lambda: datetime.now(UTC), Asked())
        self.try_out([check for check in every if check.name in ADMINISTRATOR.checks])

    def _log_in_to_mailboxes(self) -> None:
        """Mailboxes without a password: last of all, because their grants are kept in the store."""
        settings = self.place.load()
        boxes = [box for box in mailboxes(settings) if box.needs_grant]
        if not boxes:
            return
        self.become_owner(settings.storage.data_dir)
        with open_desk(settings) as desk:
            with desk.store.transaction() as tx:
                kept = desk.grants.kept(tx)
            names = [box.name for box in boxes if kept[box.name] is None and self._logged_in(box, desk.grants)]
        checks = [
            f"{way}{'' if name == MAIN else f' {name}'}" for name in names for way in ("mailbox", "outgoing mail")
        ]
        every = checks_for(settings, self.place.settings, lambda: datetime.now(UTC), Asked())
        self.try_out([check for check in every if check.name in checks])

    def _logged_in(self, box: Mailbox, grants: MailGrants) -> bool:
        later = f"`referloop mail login {box.name} -c {self.place.settings}` opens mailbox {box.name}"
        if not self.asker.is_person or not self.asker.agrees(f"Log in to mailbox {box.name} now?", default=True):
            self.asker.say(f"{later}; until then no mail goes out or comes in")
            return False
        try:
            log_in(box, grants, self.asker.say)
        except OutboundError as error:
            self.asker.say(f"✗ {error}; {later}")
            return False
        self.asker.say(f"mailbox {box.name} is open")
        return True
