"""The diary of the tests: free times and appointments in memory, and outcomes that a test dictates."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Service
from runtime.core.effects import Act
from runtime.core.events import Outcome
from runtime.core.opening import openings_on
from runtime.core.values import ANY, Offer, Value, When

DAYS = 30
LEAD = timedelta(hours=1)
STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment."""

    id: str
    service: str
    staff: str
    start: datetime
    name: str = ""
    phone: str = ""
    guest: str = ""
    booked: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: the appointment after and before it."""

    act: Act
    outcome: Outcome
    after: Appointment | None = None
    before: Appointment | None = None


@dataclass(slots=True)
class Diary:
    """Runs reads and writes; `dictated` holds outcomes by action that come instead of what the diary would say."""

    business: Business
    appointments: dict[str, Appointment] = field(default_factory=dict)
    dictated: dict[str, list[Outcome]] = field(default_factory=dict)
    reads: list[Act] = field(default_factory=list)
    written: dict[str, Written] = field(default_factory=dict)

    def run(self, act: Act, now: datetime) -> Outcome:
        """The outcome of an action."""
        if not act.write:
            self.reads.append(act)
        outcome = self._dictated(act) or self._carried_out(act, now)
        if act.write and act.key not in self.written:
            self.written[act.key] = Written(act, outcome)
        return outcome

    @property
    def booked(self) -> list[Appointment]:
        """What stands in the diary, the earliest first."""
        return sorted((a for a in self.appointments.values() if a.booked), key=lambda a: a.start)

    def add(self, service: str, start: datetime, staff: str = "anna") -> Appointment:
        """An appointment that was there before."""
        appointment = Appointment(f"old{len(self.appointments)}", service, staff, start)
        self.appointments[appointment.id] = appointment
        return appointment

    def _dictated(self, act: Act) -> Outcome | None:
        waiting = self.dictated.get(act.action)
        return waiting.pop(0) if waiting else None

    def _carried_out(self, act: Act, now: datetime) -> Outcome:
        match act.action:
            case "booking.find_free_times":
                return self._find(act.arguments, now)
            case "booking.my_appointments":
                return self._mine(act.arguments, now)
            case "booking.book":
                return self._book(act)
            case "booking.move":
                return self._move(act)
            case "booking.cancel":
                return self._cancel(act)
            case "booking.wait":
                return Outcome("done", "done", {"service": act.arguments["service"]})
            case "booking.remind" | "booking.follow_up":
                return self._claim(act)
            case _:
                return self._undo(act)

    # ---- reads

    def _find(self, arguments: Mapping[str, Value], now: datetime) -> Outcome:
        moving = self.appointments.get(str(arguments.get("appointment", "")))
        service = self.business.service(moving.service if moving else str(arguments.get("service", "")))
        if service is None:
            return Outcome("refused", "failed")
        wish = arguments.get("start")
        when = wish if isinstance(wish, When) else When()
        free = [one for one in self._free(service, arguments, now, moving) if _not_refused(one, arguments)]
        fitting = [one for one in free if _fits(one[0], when, arguments)]
        if when.exact and fitting and "after" not in arguments and "before" not in arguments:
            return self._offers("found", "", fitting[:1], service)
        if not when.exact and fitting:
            return self._offers("offers", "", _apart(fitting), service)
        notice = self._why_not(when, now)
        return self._offers("offers" if free else "none", notice, _apart(_near(free, when)), service)

    def _free(
        self, service: Service, arguments: Mapping[str, Value], now: datetime, moving: Appointment | None
    ) -> Iterator[tuple[datetime, str]]:
        wished = arguments.get("staff", ANY)
        able = [p.id for p in self.business.staff if not service.staff or p.id in service.staff]
        able = [p for p in able if wished in (ANY, p)] or able
        length = timedelta(minutes=service.duration_min)
        for start, end in self._openings(now):
            moment = start
            while moment + length <= end:
                free = [p for p in able if self._is_free(p, moment, length, moving)]
                if free and moment >= now + LEAD and not (moving and moment == moving.start):
                    yield moment, free[0]
                moment += STEP

    def _openings(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.business.timezone)
        today = now.astimezone(zone).date()
        for number in range(DAYS):
            day = today + timedelta(days=number)
            for opening in openings_on(self.business, day):
                yield datetime.combine(day, opening.start, zone), datetime.combine(day, opening.end, zone)

    def _is_free(self, staff: str, start: datetime, length: timedelta, moving: Appointment | None) -> bool:
        return not any(
            a.staff == staff and a != moving and a.start < start + length and start < a.start + self._length(a)
            for a in self.booked
        )

    def _length(self, appointment: Appointment) -> timedelta:
        service = self.business.service(appointment.service)
        return timedelta(minutes=service.duration_min if service else 60)

    def _why_not(self, when: When, now: datetime) -> str:
        if when.exact and when.days[0] < now.date():
            return "past"
        if when.days and not any(openings_on(self.business, day) for day in when.days):
            return "closed"
        return "taken" if when.exact else "nothing_then"

    def _offers(self, name: str, notice: str, free: list[tuple[datetime, str]], service: Service) -> Outcome:
        offers = tuple(self._offer(start, staff, service) for start, staff in free)
        return Outcome("done", name, {"notice": notice}, offers)

    def _offer(self, start: datetime, staff: str, service: Service) -> Offer:
        person = self.business.person(staff)
        end = start + timedelta(minutes=service.duration_min)
        values: dict[str, Value] = {"start": start.isoformat(), "staff": staff, "end": end.isoformat()}
        facts = {"staff_name": person.name if person else "", "service_name": service.names["de"]}
        return Offer(f"{start.astimezone(UTC):%Y%m%dT%H%M}-{staff}", values, facts)

    def _mine(self, arguments: Mapping[str, Value], now: datetime) -> Outcome:
        mine = [a for a in self.booked if a.start > now]
        when = arguments.get("when")
        if isinstance(when, When):
            fitting = [a for a in mine if _fits(a.start, when, {})]
            mine = fitting if len(fitting) == 1 else mine
        name = {0: "none", 1: "one"}.get(len(mine), "several")
        return Outcome("done", name, {"count": len(mine)}, tuple(self._own_offer(a) for a in mine))

    def _own_offer(self, appointment: Appointment) -> Offer:
        service = self.business.service(appointment.service)
        facts = {
            "service": appointment.service,
            "service_name": service.names["de"] if service else appointment.service,
            "start": appointment.start.isoformat(),
            "staff": appointment.staff,
            "staff_name": appointment.staff.title(),
        }
        return Offer(appointment.id, {"appointment": appointment.id}, facts)

    # ---- writes

    def _book(self, act: Act) -> Outcome:
        text = {name: str(value) for name, value in act.arguments.items()}
        service = self.business.service(text["service"])
        start = datetime.fromisoformat(text["start"])
        length = timedelta(minutes=service.duration_min if service else 60)
        if not self._is_free(text["staff"], start, length, None):
            return Outcome("refused", "taken")
        number = f"a{len(self.appointments) + 1}"
        who = (text.get("name", ""), text.get("phone", ""), text.get("guest", ""))
        return self._keep(act, Appointment(number, text["service"], text["staff"], start, *who), None)

    def _move(self, act: Act) -> Outcome:
        before = self.appointments[str(act.arguments["appointment"])]
        start, staff = datetime.fromisoformat(str(act.arguments["start"])), str(act.arguments["staff"])
        if not self._is_free(staff, start, self._length(before), before):
            return Outcome("refused", "taken")
        return self._keep(act, dataclasses.replace(before, start=start, staff=staff), before)

    def _cancel(self, act: Act) -> Outcome:
        before = self.appointments.get(str(act.arguments["appointment"]))
        if before is None or not before.booked:
            return Outcome("refused", "gone")
        return self._keep(act, dataclasses.replace(before, booked=False), before)

    def _undo(self, act: Act) -> Outcome:
        done = self.written.get(str(act.arguments["of"]))
        if done is None or done.after is None:
            return Outcome("refused", "gone")
        back = done.before or dataclasses.replace(done.after, booked=False)
        return self._keep(act, back, done.after)

    def _claim(self, act: Act) -> Outcome:
        told = self.appointments.get(str(act.arguments["appointment"]))
        return Outcome("done", "done") if told is not None and told.booked else Outcome("refused", "gone")

    def _keep(self, act: Act, after: Appointment, before: Appointment | None) -> Outcome:
        assert act.key not in self.written, "a write runs once under its key"
        self.appointments[after.id] = after
        values: dict[str, Value] = {
            "appointment": after.id, "start": after.start.isoformat(), "staff": after.staff, "service": after.service,
            "end": (after.start + self._length(after)).isoformat(),
        }  # fmt: skip
        if before is not None:
            values["before_start"] = before.start.isoformat()
        outcome = Outcome("done", "done", values)
        self.written[act.key] = Written(act, outcome, after, before)
        return outcome


def _not_refused(one: tuple[datetime, str], arguments: Mapping[str, Value]) -> bool:
    """Neither shown before nor on the wrong side of "later" and "earlier"."""
    start, staff = one
    after, before = arguments.get("after"), arguments.get("before")
    if isinstance(after, str) and start <= datetime.fromisoformat(after):
        return False
    if isinstance(before, str) and start >= datetime.fromisoformat(before):
        return False
    shown = str(arguments.get("shown", "")).split(",")
    return f"{start.astimezone(UTC):%Y%m%dT%H%M}-{staff}" not in shown


def _fits(start: datetime, when: When, arguments: Mapping[str, Value]) -> bool:
    day, clock = start.date(), start.time()
    if arguments.get("other_time") == "yes" and any(clock == c for c in when.clock):
        return False
    return (
        (not when.days or day in when.days)
        and (when.from_day is None or day >= when.from_day)
        and (when.until_day is None or day <= when.until_day)
        and (not when.weekdays or day.weekday() in when.weekdays)
        and day not in when.not_days
        and day.weekday() not in when.not_weekdays
        and (not when.clock or clock in when.clock)
        and (when.from_clock is None or clock >= when.from_clock)
        and (when.until_clock is None or clock < when.until_clock)
    )


def _near(free: list[tuple[datetime, str]], when: When) -> list[tuple[datetime, str]]:
    """The times closest to the wished day and clock."""
    if not when.days:
        return free
    wished = datetime.combine(when.days[0], when.clock[0] if when.clock else time(12), ZoneInfo("Europe/Berlin"))
    return sorted(free, key=lambda one: (abs((one[0] - wished).total_seconds()), one[0]))


def _apart(free: list[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """The first three that lie an hour apart, in order."""
    picked: list[tuple[datetime, str]] = []
    for one in free:
        if len(picked) < 3 and all(abs(one[0] - other[0]) >= timedelta(hours=1) for other in picked):
            picked.append(one)
    return sorted(picked)
