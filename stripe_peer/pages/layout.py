"""The frame of every page: plain HTML, no script, everything escaped."""

from collections.abc import Iterable
from html import escape

from stripe_peer.wire import Answer

STYLE = (
    "body{font:18px/1.5 sans-serif;max-width:32em;margin:2em auto;padding:0 1em}"
    "button{font:inherit;display:block;width:100%;margin:.5em 0;padding:.6em}"
    "table{width:100%}td:last-child{text-align:right}.note{background:#fe9;padding:.5em}"
)


def page(title: str, *parts: str, status: int = 200) -> Answer:
    """An HTML answer; the parts are HTML already."""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><p class=note>Stand-in for Stripe: no money moves.</p>"
        f"<h1>{escape(title)}</h1>{''.join(parts)}</html>"
    )
    return Answer(status, html, content_type="text/html")


def paragraph(text: str) -> str:
    """One paragraph."""
    return f"<p>{escape(text)}</p>"


def buttons(choices: Iterable[tuple[str, str]]) -> str:
    """A form that posts `outcome` to the page's own address."""
    rows = "".join(
        f'<button name="outcome" value="{escape(value)}">{escape(label)}</button>'
        for value, label in choices
    )
    return f'<form method="post">{rows}</form>'


def link(url: str | None, label: str) -> str:
    """A link, or nothing when there is nowhere to go."""
    return f'<p><a href="{escape(url)}">{escape(label)}</a></p>' if url else ""


def amount(minor: int, currency: str, digits: int) -> str:
    """45.00 USD."""
    return f"{minor / 10**digits:.{digits}f} {currency.upper()}"
