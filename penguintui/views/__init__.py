"""What a person should see at a moment: functions that build plain models from a reader."""
