"""PromQL, the one language in which numbers are asked for, over our store or a compatible server."""
