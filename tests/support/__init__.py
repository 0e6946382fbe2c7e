"""What several test folders need: the real processes, started and driven."""
