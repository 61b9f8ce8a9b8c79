"""The policy file of MTA-STS, fetched as a sending server fetches it (RFC 8461, 3.3)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from penguintui.adapters.certificates import verifying
from penguintui.adapters.failure import from_httpx
from penguintui.mail.mtasts import LARGEST, PATH
from penguintui.mail.records import Verdict
from penguintui.model.status import Status


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the web server gave. trouble: why senders take none of it; its words and what to do."""

    text: str = ""
    media_type: str = ""
    trouble: Verdict | None = None


async def fetch_policy(
    domain: str, address: str, *, seconds: float, port: int = 443, ca_file: str | None = None
) -> Fetched:
    """The policy of a domain from the web server at an address. Raises NotAnswered when `ca_file` is none.

    seconds: that each step may take; the caller bounds the whole.

    The certificate must be one for mta-sts.DOMAIN; redirects are not followed and at most 64 KiB are read (3.2, 3.3).
    """
    import httpx

    host = f"mta-sts.{domain}"
    place = f"https://{host}{PATH}"
    context = verifying(place, ca_file)
    where = f"[{address}]" if ":" in address else address
    try:
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=seconds) as client:
            request = client.build_request(
                "GET", f"https://{where}:{port}{PATH}", headers={"Host": host}, extensions={"sni_hostname": host}
            )
            response = await client.send(request, stream=True)
            try:
                return await _read(place, response)
            finally:
                await response.aclose()
    except (httpx.HTTPError, ssl.SSLError, OSError) as error:
        failure = from_httpx(error, place)
        return Fetched(trouble=Verdict(Status.CRITICAL, failure.text, failure.remedy))


async def _read(place: str, response: object) -> Fetched:
    import httpx

    assert isinstance(response, httpx.Response)  # noqa: S101 - httpx is not imported before it is needed
    if response.is_redirect:
        onward = response.headers.get("location", "")[:200]
        summary = f"{place} redirects to {onward}: senders do not follow (RFC 8461, 3.3)"
        return Fetched(trouble=Verdict(Status.CRITICAL, summary, "Serve the file itself there."))
    if response.status_code != 200:
        summary = f"{place} answered {response.status_code}: senders find no policy"
        return Fetched(trouble=Verdict(Status.CRITICAL, summary, "Serve the file there with status 200."))
    body = bytearray()
    async for piece in response.aiter_bytes(8192):
        body += piece
        if len(body) > LARGEST:
            summary = f"{place} has more than {LARGEST >> 10} KiB: senders stop reading"
            return Fetched(trouble=Verdict(Status.CRITICAL, summary, "Serve the policy and nothing else there."))
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(bytes(body).decode("utf-8", "replace"), media_type)
