"""The promises, each with a test that arranges the worst case."""
