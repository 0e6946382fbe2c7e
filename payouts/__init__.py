"""Payouts: what makers are owed, the ledger, and how the money reaches them exactly once."""
