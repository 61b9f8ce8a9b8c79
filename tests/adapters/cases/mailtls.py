"""The contract for the probe of protected transport, which begins with the domain's name server."""

from penguintui.adapters.mailtls.probe import MailTlsAdapter
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import MailTlsProbe

from ..nameserver import name_server_cases
from ..servers import HOST


def _adapter(port: int) -> MailTlsAdapter:
    settings = MailTlsProbe(type="mail-tls", domain="shop.example", nameserver=f"{HOST}:{port}")
    return MailTlsAdapter(settings, SystemClock())


name_server_cases("mail-tls", "dns.reach", _adapter)
