"""What can be done: catalogue, plan, gates, lock, run, undo, audit."""
