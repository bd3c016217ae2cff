"""Instants as the tables keep them: text of a fixed form, so that text order is time order."""

from datetime import UTC, datetime

#: What callers may give: an ISO text or an aware date-time.
Instant = str | datetime


def local_maintenant() -> str:
    """Local date-time with its offset, to the millisecond: the form of the trail."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def utc(instant: Instant | None = None) -> str:
    """UTC ISO to the second. None or an empty text is now; a naive value is taken as UTC.

    :raises ValueError: the text is no ISO date-time.
    """
    if not instant:
        moment = datetime.now(UTC)
    elif isinstance(instant, str):
        moment = datetime.fromisoformat(instant)
    else:
        moment = instant
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def local(instant: Instant | None = None) -> str:
    """Local ISO with offset, to the second; a text is kept as given."""
    if not instant:
        return datetime.now().astimezone().isoformat(timespec="seconds")
    return instant if isinstance(instant, str) else instant.astimezone().isoformat(
        timespec="seconds")
