"""All that is wanted of a domain's records: what the configuration says, and what Mailu says where it is asked."""

from __future__ import annotations

from penguintui.adapters.failure import NotAnswered, from_httpx, local
from penguintui.adapters.mailu.api import MailuApi
from penguintui.adapters.mailu.records import wanted as wanted_by_mailu
from penguintui.config.zones import MailuSource, ZoneSettings, plain_name
from penguintui.mail.desired import Wanted


async def with_mailu(
    zone_name: str, zone: ZoneSettings, domain: str, configured: tuple[Wanted, ...]
) -> tuple[Wanted, ...]:
    """The configured records, and of Mailu's those for which nothing is configured. Raises NotAnswered.

    Only domains under `domains` are asked for. Records outside the zone are somebody else's and left out.
    """
    if zone.mailu is None or plain_name(domain) not in map(plain_name, zone.domains):
        return configured
    found = await _asked(zone.mailu, plain_name(domain))
    apex = plain_name(zone_name)
    inside = [one for one in found if one.name == apex or one.name.endswith(f".{apex}")]
    own = {(one.name, one.type, one.purpose) for one in configured}
    return (*configured, *(one for one in inside if (one.name, one.type, one.purpose) not in own))


async def _asked(source: MailuSource, domain: str) -> tuple[Wanted, ...]:
    api = MailuApi(source.url, source.token, source.ca_file)
    try:
        row = await api.domain(domain)
    except NotAnswered:
        raise
    except Exception as error:
        raise NotAnswered(from_httpx(error, api.place)) from error
    finally:
        await api.close()
    sets, refused = wanted_by_mailu(row)
    if refused:
        why = f"a record that it wants of {domain} cannot be read: {refused[0]}"
        raise NotAnswered(local(api.place, why, "Write the records into `dns.zones` by hand, without `mailu`."))
    return sets
