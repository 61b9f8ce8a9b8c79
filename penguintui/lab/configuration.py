"""The configuration by which penguintui watches and operates one lab."""

from __future__ import annotations

from pathlib import Path
from string import Template

from penguintui.lab.parts import Parts


def demo_configuration(world: Parts, control_url: str) -> str:
    """YAML with the ports, folders and secrets of this lab. See `demo.yaml`, of which this is the filled-in form."""
    template = Template(Path(__file__).with_name("demo.yaml").read_text())
    words = {
        "folder": str(world.folder),
        "api_url": world.api_url,
        "blue_url": world.colours.address("blue"),
        "green_url": world.colours.address("green"),
        "web_url": world.web_url,
        "control_url": control_url,
        "database": f"sqlite:///{world.database.path}?timeout=1",
        "web_port": str(world.website.port),
        "smtp_port": str(world.mail.port),
        "dns_port": str(world.dns.port),
        "imap_port": str(world.mailbox.port),
    }
    return template.substitute({name: _quotable(value) for name, value in words.items()})


def _quotable(text: str) -> str:
    """As it stands between double quotes in YAML."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
