"""A small mail platform on loopback, to try, to break, to train on. A world, not a part of the dashboard."""
