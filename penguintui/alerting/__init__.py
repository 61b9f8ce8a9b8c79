"""Who must know: rules in Prometheus' format, the life of their alerts, and their unit tests."""
