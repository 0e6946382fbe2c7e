"""The shape of the house, read from its code."""
