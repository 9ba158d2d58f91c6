"""What a process says of itself while it works: numbers, health, traces. Both processes say it in the same way."""
