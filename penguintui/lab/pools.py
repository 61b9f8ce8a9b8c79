"""The platform's pools of sending addresses, as its API tells them."""

from __future__ import annotations

from collections.abc import Sequence

from penguintui.model.clock import Time

POOL = "shared_default"
CAPACITY = 6_000_000
"""Mails a day that an address can send when it is warm."""
WARM_UP_LIMIT = 2000
"""Mails a day that the spare may send."""
WARM_UP_DAY = 9
_DAY = 86_400
_BANDS = ((95, "excellent"), (90, "good"), (50, "watch"))

Row = Sequence[object]
QUERY = "SELECT address, state, reputation, daily_volume FROM sending_addresses"


def addresses(rows: Sequence[Row], now: Time) -> list[dict[str, object]]:
    """Each address with its state, the band of its reputation and, for a spare, its warm-up."""
    found = []
    for address, state, reputation, volume in rows:
        sent = int(str(volume))
        row: dict[str, object] = {
            "ip_id": f"ip_{str(address).rpartition('.')[2]}",
            "ip_address": address,
            "status": state,
            "pool": POOL,
            "reputation_band": band(int(str(reputation))),
            "capacity_score": round(1 - min(1.0, sent / CAPACITY), 3),
        }
        if state == "warming":
            today = round(sent * (now % _DAY) / _DAY)
            row["warmup"] = {"in_progress": True, "day": WARM_UP_DAY, "daily_limit": WARM_UP_LIMIT, "sent_today": today}
        found.append(row)
    return found


def pools(rows: Sequence[Row]) -> list[dict[str, object]]:
    """The one pool there is: its load is what its active addresses send of what they could."""
    volumes = [int(str(volume)) for _, state, _, volume in rows if state == "active"]
    load = sum(volumes) / (CAPACITY * len(volumes)) if volumes else 1.0
    pool = {"pool_id": f"pool_{POOL}", "name": POOL, "ip_count": len(rows), "status": "active"}
    return [pool | {"current_load_factor": round(load, 3)}]


def band(reputation: int) -> str:
    """The word for a score of 0 to 100."""
    return next((name for least, name in _BANDS if reputation >= least), "bad")
