"""Google Postmaster Tools."""
