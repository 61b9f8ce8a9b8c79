"""How mail to a domain is protected on its way."""
