"""What we listen to at Stripe, and which floor of the house each kind of news is for."""

#: Type of event -> the floor that applies it. Everything else is kept and ignored.
HANDLED = {
    "checkout.session.completed": "orders",
    "checkout.session.expired": "orders",
    "checkout.session.async_payment_succeeded": "orders",
    "checkout.session.async_payment_failed": "orders",
    "account.updated": "payouts",
    "capability.updated": "payouts",
    "v2.core.account[configuration.recipient].capability_status_updated": "payouts",
}
