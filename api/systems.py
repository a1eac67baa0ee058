"""Where to look: what the ledger shows of each system, body and rule that it was made for (domain.md 15.3).

The demonstration prints this table with the live answers. Every request is one that a user may send.
"""

from msgspec import Struct


class System(Struct, frozen=True):
    """One row: the system, what the ledger can show of it, and the request that shows it."""

    name: str
    capability: str
    request: str


SYSTEMS: tuple[System, ...] = (
    System(
        "AACA",
        "register of members, brands and tiers over time",
        "/v1/memberships?log=alibaba&body=body:aaca&status=ACTIVE&as_of=2020-09-28",
    ),
    System(
        "AACA industry working groups",
        "groups, meetings and recommendations",
        "/v1/bodies?kind=WORKING_GROUP",
    ),
    System(
        "SME Advisory Committee",
        "meetings, cadence and composition",
        "/v1/meetings?body=body:aaca-smc",
    ),
    System(
        "China SME sister committee",
        "announced is not established",
        "/v1/bodies?subject=body:aaca-china-smc",
    ),
    System(
        "IP protection platform",
        "rights and their validity over time",
        "/v1/ip-rights?log=alibaba-ipp",
    ),
    System(
        "Online takedown form for SMEs",
        "notices by channel and size of the right holder",
        "/v1/takedowns?log=alibaba&size_class=SMALL&size_class=MICRO&size_class=MEDIUM",
    ),
    System(
        "Notice-and-takedown practice",
        "the counter-notice loop with its waiting periods",
        "/v1/deadlines?log=alibaba&rule=CN-ECL-43",
    ),
    System(
        "Proactive efforts",
        "refused before publication, blocked on own initiative",
        "/v1/restrictions?log=alibaba-ipp&kind=BLOCKED&subject_prefix=listing:alibaba-ipp:V",
    ),
    System(
        "Offline investigation",
        "purchases, leads and what came of them",
        "/v1/investigations?kind=OFFLINE",
    ),
    System(
        "IACC MarketSafe and Good Faith",
        "tiers held and due, by the threshold in force",
        "/v1/notifiers?log=alibaba-ipp&as_of=2021-02-28T12:00:00Z",
    ),
    System(
        "Blocking of sellers",
        "the ladder of sanctions, and who came back",
        "/v1/recidivism?log=alibaba-ipp",
    ),
    System(
        "SME summits and partner programmes",
        "activities of a programme",
        "/v1/programmes?subject=programme:aaca-sme-summits",
    ),
    System(
        "AKAR movement",
        "programme and policy, announced and in force",
        "/v1/policies?subject=policy:lazada-id:akar",
    ),
    System(
        "Closure of three clusters",
        "breaches of a rule, and what cannot be told",
        "/v1/breaches?log=lazada-id&as_of=2021-09-01",
    ),
    System(
        "Periodic policy review",
        "reviews and the versions they led to",
        "/v1/policies?log=lazada-programmes",
    ),
    System(
        "Import-substitution programme",
        "a public aim, announced and started",
        "/v1/programmes?subject=programme:import-substitution",
    ),
    System(
        "MSME training, onboarding and literacy",
        "activities, and figures with method and reference time",
        "/v1/programmes?subject=programme:lazada-umkm-training",
    ),
    System(
        "Komunitas AKAR",
        "members of a community",
        "/v1/memberships?body=body:komunitas-akar&status=ACTIVE",
    ),
    System(
        "SMESCO labels",
        "a label on a listing, from when and until when",
        "/v1/listings?subject=listing:lazada-programmes:T100",
    ),
    System(
        "Factory sharing",
        "a programme, and the permits of its goods",
        "/v1/programmes?subject=programme:rumah-produksi-bersama",
    ),
    System(
        "13.7 million digitised MSMEs",
        "a figure whose reference time is disputed",
        "/v1/claims?subject=claim:kemenkop:msme-digitised",
    ),
    System(
        "PMSE rules",
        "versions of a law, orders and the ladder of sanctions",
        "/v1/authority-orders?log=kemendag",
    ),
    System(
        "BPKN consumer protection",
        "disputes and their deadlines in working days",
        "/v1/deadlines?log=bpsk&rule=ID-UUPK-55",
    ),
    System(
        "UNCTAD ODR project",
        "a programme, and disputes by stage",
        "/v1/disputes?log=bpkn-odr",
    ),
    System(
        "AI in ODR",
        "assistance of a machine, and outcomes nobody reviewed",
        "/v1/flags?log=bpkn-odr&flag=UNREVIEWED_AI_OUTCOME",
    ),
    System(
        "Blockchain in ODR",
        "checkpoints that third parties keep",
        "/v1/subject?subject=ledger:bpkn-odr",
    ),
    System(
        "KCA MOU",
        "referrals, and whether an agreement was in force",
        "/v1/referrals?agreement=agreement:bpkn-kca",
    ),
    System(
        "GIZ seminars",
        "what parties do together",
        "/v1/agreements?subject=agreement:bpkn-giz",
    ),
    System(
        "UKICC exploration",
        "a negotiation is no basis of a referral",
        "/v1/agreements?subject=agreement:bpkn-ukicc",
    ),
    System(
        "UNCTAD 15 and the Bridgetown Covenant",
        "scheduled, held, and what was adopted",
        "/v1/meetings?body=body:unctad",
    ),
    System(
        "TikTok Shop seller verification",
        "verification over time: valid, expired, forged",
        "/v1/sellers?log=tiktok-shop-id&verification=EXPIRED",
    ),
    System(
        "TikTok's claim of no cross-border business",
        "a claim and what it can be held against",
        "/v1/claims?subject=claim:tiktok:c2-no-xb",
    ),
    System(
        "Two million sellers",
        "a figure against the ledger's own count",
        "/v1/completeness?log=tiktok-services",
    ),
    System(
        "Project S",
        "a feature by country, an allegation, a question not answered",
        "/v1/information-requests?log=kemenkop-ukm",
    ),
    System(
        "Social commerce",
        "what a platform may do, and when it stopped",
        "/v1/services?log=tiktok-services",
    ),
    System(
        "Task force",
        "announced, established, with which powers",
        "/v1/bodies?kind=TASK_FORCE",
    ),
    System(
        "Ministries' coordination",
        "orders of several authorities on one target",
        "/v1/authority-orders?addressee=platform:tiktok-social-id",
    ),
)
