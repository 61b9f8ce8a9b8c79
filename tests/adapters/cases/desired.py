"""The contract for the probe of desired records, which asks a zone's own servers."""

from penguintui.adapters.dns.desired import DesiredDnsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.zones import MailDomain, ZoneSettings

from ..nameserver import name_server_cases
from ..servers import HOST


def _adapter(port: int) -> DesiredDnsAdapter:
    domains = {"shop.example": MailDomain(mx=["10 mx1.shop.example"])}
    zones = {"shop.example": ZoneSettings(servers=[f"{HOST}:{port}"], domains=domains)}
    return DesiredDnsAdapter(DesiredDnsProbe(type="dns-desired", domain="shop.example", zones=zones), SystemClock())


name_server_cases("dns-desired", "dns.servers", _adapter)
