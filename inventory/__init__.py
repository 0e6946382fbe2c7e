"""Inventory: designs, deliveries, pieces with tags, where they are, holds and listings."""
