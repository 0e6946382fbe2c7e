"""The frame: settings, our own PostgreSQL, logs, health, the command."""
