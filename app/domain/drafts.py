"""When a draft leaves a version behind before it is saved anew."""

from datetime import datetime, timedelta

stretch = timedelta(minutes=10)
"""How long one person types, on the house's clock, before what stands there is kept as a version."""
turn = timedelta(minutes=1)
"""How long after a version the next is kept at the earliest when people save in turns."""
most_versions = 50
newest_kept = 20
BY_OTHER, BY_TIME, BY_RESTORE, BY_IMPORT = "person", "time", "restore", "import"


def reason_to_keep(
    begun_at: datetime, versioned_at: datetime | None, now: datetime, *, by_other: bool, changes: bool
) -> str | None:
    """Give why the draft that is about to be replaced stays as a version: another person saves, or time went by."""
    if not changes:
        return None
    if by_other and (versioned_at is None or now - versioned_at >= turn):
        return BY_OTHER
    return BY_TIME if now - (versioned_at or begun_at) >= stretch else None
