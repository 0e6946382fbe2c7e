"""Payments: the wall to Stripe. The one place that imports its SDK, and the inbox for its news."""
