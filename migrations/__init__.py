"""The way of the database from empty to now, one numbered step after the other."""
