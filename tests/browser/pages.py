"""Every page of the workbench, as the story fills it: what holds for each is tested of all that stand here."""

from collections.abc import Mapping
from urllib.parse import quote

SIGN_IN = "/workbench/sign-in"
CLOSED = "as_of=2021-09-01&known_at=2021-09-02&tz=Asia/Jakarta"
"""When a cluster was closed on paper, as known the next day (domain.md 14.2, act 6)."""
A_MONTH_LATER = "as_of=2021-09-01&known_at=2021-10-01&tz=Asia/Jakarta"
LATER = "against=2021-10-01"
SAID = "as_of=2023-07-26&known_at=2023-09-01&tz=Asia/Jakarta"
"""The day that a claim speaks of, as known in September (act 8)."""
UNKNOWN = "/workbench/subject?subject=listing:lazada-id:none"
"""A page of what is not there, which says so."""

EACH: Mapping[str, str] = {
    "sign-in": SIGN_IN,
    "unknown subject": UNKNOWN,
    "overview": "/",
    "time": "/workbench/time",
    "list": f"/workbench/lists/listings?{CLOSED}",
    "list with a difference": f"/workbench/lists/breaches?log=lazada-id&{CLOSED}&{LATER}",
    "subject": "/workbench/subject?subject=seller:taobao:gf00001",
    "subject with a difference": f"/workbench/subject?subject=listing:lazada-id:L12&{CLOSED}&{LATER}",
    "event": "/workbench/events/lazada-id/L12-K12",
    "event corrected": "/workbench/events/public-record/smc-meet1",
    "search": "/workbench/search?q=textile",
    "policies": "/workbench/policies",
    "closure": f"/workbench/policies?policy=policy:lazada-id:akar&{CLOSED}",
    "claims": "/workbench/claims",
    "claim": f"/workbench/claims?claim=claim:tiktok:c1-literal&{SAID}",
    "durations": "/workbench/durations",
    "reports": "/workbench/reports",
    "report": "/workbench/reports/transparency?log=lazada-id&from=2020-01-01&to=2021-12-31",
    "jobs": "/workbench/jobs",
    "tokens": "/workbench/tokens",
    "taking a token back": "/workbench/tokens/{token}/revocation",
}
"""One of each, by name, with its query; `{token}` stands for the id of the token that one is signed in with."""
OF_THE_LEDGER = tuple(name for name in EACH if name not in {"sign-in", "unknown subject", "taking a token back"})
"""Those that show what a ledger holds."""

LISTS = ("takedowns", "disputes", "flags", "deadlines", "meetings")
SUBJECTS = (
    "agreement:bpkn-kca",
    "body:aaca-smc",
    "claim:tiktok:c1-literal",
    "dispute:kca:D2",
    "investigation:aaca:OFF-2021-1",
    "ip_right:EUIPO:TRADEMARK:018000001",
    "membership:aaca:001",
    "order:kemenkop-ukm:2023-TT-1",
    "party:yiwu-trading",
    "platform:tiktok",
    "policy:lazada-id:akar",
    "programme:iacc-marketsafe",
    "takedown_case:alibaba-ipp:T02",
)
"""One of each further kind that the story tells of."""
PAGES: Mapping[str, str] = {
    **EACH,
    "time with a difference": f"/workbench/time?{CLOSED}&{LATER}",
    "event with a name": "/workbench/events/bpkn/d4-f",
    "claim without a reading": "/workbench/claims?claim=claim:tiktok:c3-no-foreign",
    **{f"list of {name}": f"/workbench/lists/{name}?tz=Asia/Jakarta" for name in LISTS},
    **{f"subject {name}": f"/workbench/subject?subject={quote(name)}" for name in SUBJECTS},
}
"""All of them: what shows the same template otherwise, beside one of each."""

FILES = frozenset({"GET /workbench/reports/{name}/file"})
"""Routes of the workbench that answer with a file to take along, and not with a page."""
