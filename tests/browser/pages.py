"""Every page of the workbench, as the story fills it: what holds for each is tested of all that stand here."""

from collections.abc import Mapping
from urllib.parse import quote

SIGN_IN = "/workbench/sign-in"
CLOSED = "as_of=2021-09-01&known_at=2021-09-02&tz=Asia/Jakarta"
"""When a cluster was closed on paper, as known the next day (domain.md 14.2, act 6)."""
LATER = "against=2021-10-01"
SUBJECTS = (
    "agreement:bpkn-kca",
    "body:aaca-smc",
    "claim:tiktok:c1-literal",
    "dispute:kca:D2",
    "investigation:aaca:OFF-2021-1",
    "ip_right:EUIPO:TRADEMARK:018000001",
    "listing:lazada-id:L07",
    "membership:aaca:001",
    "order:kemenkop-ukm:2023-TT-1",
    "party:yiwu-trading",
    "platform:tiktok",
    "policy:lazada-id:akar",
    "programme:iacc-marketsafe",
    "seller:taobao:gf00001",
    "takedown_case:alibaba-ipp:T02",
)
"""One of each kind that the story tells of."""
UNKNOWN = "a subject that is not there"
LISTS = ("breaches", "listings", "takedowns", "disputes", "flags", "deadlines", "meetings")

PAGES: Mapping[str, str] = {
    "sign-in": SIGN_IN,
    UNKNOWN: f"/workbench/subject?subject={quote('listing:lazada-id:none')}",
    "overview": "/",
    "time": "/workbench/time",
    "time with a difference": f"/workbench/time?{CLOSED}&{LATER}",
    **{f"list of {name}": f"/workbench/lists/{name}?tz=Asia/Jakarta" for name in LISTS},
    "list with a difference": f"/workbench/lists/breaches?log=lazada-id&{CLOSED}&{LATER}",
    **{f"subject {name}": f"/workbench/subject?subject={quote(name)}" for name in SUBJECTS},
    "subject with a difference": f"/workbench/subject?subject=listing:lazada-id:L12&{CLOSED}&{LATER}",
    "event": "/workbench/events/lazada-id/L12-K12",
    "search": "/workbench/search",
    "search for words": "/workbench/search?q=textile",
    "policies": "/workbench/policies",
    "claims": "/workbench/claims",
    "durations": "/workbench/durations",
    "reports": "/workbench/reports",
    "report": "/workbench/reports/transparency?log=lazada-id&from=2020-01-01&to=2021-12-31",
    "jobs": "/workbench/jobs",
    "tokens": "/workbench/tokens",
}
"""By name, each with its query."""

OF_THE_LEDGER = tuple(name for name in PAGES if name not in {"sign-in", UNKNOWN})
"""Those that show what a ledger holds."""
FILES = frozenset({"GET /workbench/lists/{name}/export"})
"""Routes of the workbench that answer with a file to take along, and not with a page."""
