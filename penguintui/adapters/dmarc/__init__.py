"""Who sends in our domains' names, from the DMARC reports of a mailbox."""
