"""The page an account link leads to: three ways of leaving it."""

from stripe_peer import form
from stripe_peer.books import Books
from stripe_peer.pages.layout import buttons, page, paragraph
from stripe_peer.resources import account_links, accounts
from stripe_peer.wire import Answer, Call

CHOICES = (
    ("complete", "Give everything Stripe asks for"),
    ("pending", "Give everything, and wait for a check"),
    ("leave", "Leave without finishing"),
)


def answer(books: Books, call: Call, link_id: str) -> Answer:
    """GET shows the page, POST with `outcome` ends it; a used or old link goes to refresh_url."""
    link = books.get(account_links.KIND, link_id)
    if link is None:
        return page("No such page", paragraph("Nobody asked for this."), status=404)
    flow = link["use_case"]["account_onboarding"]
    if not account_links.usable(books, link):
        return Answer.see_other(flow["refresh_url"])
    account = books.find(accounts.KIND, link["account"])
    name = account["display_name"] or account["id"]
    if call.method == "GET":
        return page("Onboarding", paragraph(f"For {name}."), buttons(CHOICES))
    outcome = str(form.decode(call.body.decode("utf-8", "replace")).get("outcome", ""))
    if outcome not in account_links.OUTCOMES:
        allowed = ", ".join(account_links.OUTCOMES)
        return page("What now?", paragraph(f"The outcome is one of {allowed}."), status=400)
    account_links.finish(books, link, outcome)
    return Answer.see_other(flow.get("return_url") or flow["refresh_url"])
