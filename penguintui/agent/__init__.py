"""The loop that runs it all: schedule, supervision, control socket. Never draws anything."""
