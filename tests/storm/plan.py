"""A storm's plan: from a seed, the same deeds in the same order, as far as the house lets them."""

import random

from tests.storm.deeds import Deed

#: What may follow a sale, and how likely each is.
AFTER = {
    "hand_over": 0.8,
    "refund": 0.35,
    "dispute": 0.12,
    "refund_in_dashboard": 0.06,
    "reverse_in_dashboard": 0.1,
    "refund_again": 0.12,
}
CASH = 0.2
#: One of each for so many orders.
EVERY = {
    "give_advance": 12,
    "pay_by_hand": 6,
    "decide": 10,
    "spend": 15,
    "arm_a_fault": 4,
    "kill_the_worker": 20,
    "pay_day": 20,
}


def plan(orders: int, seed: int) -> list[Deed]:
    """Each order's deeds in their own order, shuffled among all others'."""
    dice = random.Random(seed)
    timed: list[tuple[float, Deed]] = []
    for which in range(orders):
        begin = dice.random() * 0.8
        for step, name in enumerate(_life(dice)):
            after = dice.random() * 0.05 if name == "pay" else dice.random() * 0.2
            begin = min(begin + (after if step else 0), 0.999)
            timed.append((begin, Deed(name, which, dice.getrandbits(32))))
    for name, every in EVERY.items():
        times = max(1, orders // every)
        timed += [(dice.random(), Deed(name, 0, dice.getrandbits(32))) for _ in range(times)]
    return [deed for _when, deed in sorted(timed, key=lambda one: one[0])]


def _life(dice: random.Random) -> list[str]:
    """One order's deeds."""
    if dice.random() < CASH:
        life = ["sell_for_cash", "hand_over"]
        return [*life, "refund"] if dice.random() < AFTER["refund"] else life
    life = ["buy", "pay"]
    life += [name for name, likely in AFTER.items() if dice.random() < likely]
    if "dispute" in life:
        life += ["move_dispute"] * 3
    if "refund" in life and dice.random() < 0.2:
        life.append("bank_sends_refund_back")
    return ["refund" if name == "refund_again" else name for name in life]
