"""The example configuration and the secrets that stand in for real ones."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"

CANARY = "canary-4711"
"""In every secret, so that it can be looked for in what comes out."""

SECRETS = {
    name: f"{CANARY}-{name.lower()}"
    for name in (
        "PENGUINMAILS_TOKEN",
        "PENGUINMAILS_AUTHORIZATION",
        "PENGUINMAILS_REGISTRY_TOKEN",
        "PENGUINTUI_BACKUP_PASSWORD",
        "PENGUINTUI_OLTP_URL",
        "PENGUINTUI_OLAP_URL",
        "PENGUINTUI_QUEUE_URL",
        "PENGUINTUI_ONCALL_URL",
        "PENGUINTUI_RSPAMD_PASSWORD",
        "PENGUINTUI_BOUNCES_PASSWORD",
        "PENGUINTUI_CANARY_PASSWORD",
        "PENGUINTUI_SEED_PASSWORD",
        "PENGUINTUI_SUPPRESSIONS_URL",
        "PENGUINTUI_DOVEADM_KEY",
        "PENGUINTUI_MAILU_TOKEN",
        "PENGUINTUI_SNDS_KEY",
        "PENGUINTUI_POSTMASTER_KEY",
        "PENGUINTUI_TSIG_KEY",
        "PENGUINTUI_CLOUDFLARE_TOKEN",
    )
}
