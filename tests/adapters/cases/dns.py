"""The contract for the DNS adapter."""

from penguintui.adapters.dns.probe import DnsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import DnsProbe

from ..nameserver import name_server_cases
from ..servers import HOST


def _adapter(port: int) -> DnsAdapter:
    return DnsAdapter(DnsProbe(type="dns", domain="shop.example", nameserver=f"{HOST}:{port}"), SystemClock())


name_server_cases("dns", "dns.reach", _adapter)
