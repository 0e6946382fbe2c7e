"""A stand-in for Stripe on loopback: the real SDK talks to it, no money moves."""

API_VERSION = "2026-10-28.endive"
