"""The ground floor: money, clock, errors, database, later work; knows nothing of weaving."""
