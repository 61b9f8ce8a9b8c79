"""How the world is asked and told: one module per system, an `Observation` out, verbs in."""
