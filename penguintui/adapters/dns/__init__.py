"""DNS: what is asked of name servers, what should be there, and how it is published."""
