"""The questions of auditors and regulators (domain.md 12), each with the requests that answer it: one table.

The requests ask the demonstration, so that each of them can be tried on what `jejak demo` serves.
"""

from collections.abc import Sequence

from msgspec import Struct


class Asked(Struct, frozen=True):
    """A question, and the requests that answer it: method, path and query; of a POST also the body, as JSON."""

    text: str
    requests: Sequence[str]


_DAY = "as_of=2021-09-01&tz=Asia/Jakarta"
_IN_2023 = "as_of=2023-10-31&tz=Asia/Jakarta"
_YEAR = "from=2023-01-01&to=2023-12-31&tz=Asia/Jakarta"
_IN_2021 = "from=2021-01-01&to=2021-12-31"
_AKAR = "log=lazada-id&policy=policy:lazada-id:akar"
_TWO_MOMENTS = (
    '{"logs": ["lazada-id"], "as_of": "2021-09-01", "tz": "Asia/Jakarta", '
    '"known_at": "2021-09-02", "and_known_at": "2021-10-01"}'
)
_VERIFIED = (
    '{"claim": "claim:tiktok:c1-literal", "predicate_id": "P_VERIFIED_LOCAL_LITERAL", '
    '"as_of": "2023-07-26", "known_at": "2023-07-27", "tz": "Asia/Jakarta"}'
)
_STRICTLY = _VERIFIED.replace("LITERAL", "STRICT")
_SINCE = _VERIFIED.replace('"as_of"', '"from": "2023-07-01", "as_of"')

QUESTIONS: Sequence[Asked] = (
    Asked(
        "Which imported textiles were visible while the closure was in force?",
        [f"GET /v1/breaches?{_AKAR}&cluster=TEXTILE_FASHION&{_DAY}"],
    ),
    Asked(
        "The same as could be known then, and today: what changed, by which event?",
        [f"POST /v1/diffs {_TWO_MOMENTS}", f"GET /v1/corrections?log=lazada-id&{_DAY}"],
    ),
    Asked(
        "Exposure: listing-days in breach between force and enforcement",
        ["GET /v1/reports/policy-compliance?log=lazada-id&section=breaches&from=2021-05-12&to=2021-09-30"],
    ),
    Asked(
        "Which closures came before the policy that they cite was in force?",
        [f"GET /v1/flags?log=lazada-id&flag=BASIS_NOT_IN_FORCE&{_DAY}"],
    ),
    Asked(
        "Which sellers were banned on a day, as known to the ledger and to its sources?",
        [
            f"GET /v1/sellers?log=lazada-id&status=BANNED&{_DAY}&basis={basis}&known_at=2021-09-01"
            for basis in ("LEDGER", "SOURCE")
        ],
    ),
    Asked(
        "Is every seller a verified local? Literally and strictly",
        [f"POST /v1/claims/evaluations {_VERIFIED}", f"POST /v1/claims/evaluations {_STRICTLY}"],
    ),
    Asked(
        "Is a claim true of every day since launch? The first counterexample", [f"POST /v1/claims/evaluations {_SINCE}"]
    ),
    Asked(
        "How many visible listings are of foreign or unknown origin?",
        [f"GET /v1/listings?log=tiktok-shop-id&visible=true&country=ID&{_IN_2023}"],
    ),
    Asked(
        "In which countries was a feature active?",
        [f"GET /v1/services?log=public-record&feature=PROJECT_S&{_IN_2023}"],
    ),
    Asked(
        "Median and p90 hours from notice to action, by size of the right holder",
        ["GET /v1/reports/transparency?log=alibaba-ipp&section=notices&priority=COUNTERFEIT&" + _IN_2021],
    ),
    Asked(
        "Share of notices processed within 24 hours, by tier",
        ["GET /v1/reports/transparency?log=alibaba-ipp&section=notices&" + _IN_2021],
    ),
    Asked(
        "Which notices did the platform never acknowledge?",
        [f"GET /v1/completeness?kind=NOTICE&{_IN_2023}"],
    ),
    Asked(
        "Which counter-notices ran past the waiting period and came back late, or never?",
        [f"GET /v1/deadlines?log=alibaba&status=MISSED&status=MET_LATE&{_IN_2023}"],
    ),
    Asked(
        "Which items came back although suit was notified in time?",
        [f"GET /v1/takedowns?log=alibaba&state=REVERSED&{_IN_2023}"],
    ),
    Asked(
        "Reversal rate by ground, category, automation and notifier",
        ["GET /v1/reports/transparency?log=alibaba-ipp&section=complaints&" + _IN_2021],
    ),
    Asked(
        "Which right holders kept a tier whose thresholds they no longer met?",
        [f"GET /v1/notifiers?log=alibaba&mismatch=true&{_IN_2023}"],
    ),
    Asked("Who joined again within the ineligible period?", [f"GET /v1/flags?flag=INELIGIBLE_PERIOD&{_IN_2023}"]),
    Asked(
        "Who infringed three times in a year; who came back after a ban?",
        [f"GET /v1/recidivism?log=alibaba-ipp&re_entered=true&{_IN_2023}"],
    ),
    Asked(
        "Three serious strikes, or 48 points, and no ban within three days",
        [f"GET /v1/flags?flag=SANCTION_NOT_APPLIED&{_IN_2023}"],
    ),
    Asked(
        "Bans without a warning, or without reasons; the median lag of reasons",
        [
            f"GET /v1/flags?flag=NO_PRIOR_WARNING&flag=NO_REASONS&{_IN_2023}",
            f"GET /v1/reports/transparency?log=alibaba-ipp&section=reasons&{_YEAR}",
        ],
    ),
    Asked(
        "Listings visible while their seller was banned or suspended",
        [
            f"GET /v1/listings?log=lazada-id&visible=false&{_DAY}",
            f"GET /v1/flags?flag=PUBLISHED_BY_BANNED_SELLER&{_DAY}",
        ],
    ),
    Asked(
        "What was blocked though every ground had ended; what was lifted while another restriction stood?",
        [
            f"GET /v1/restrictions?log=lazada-id&in_force=false&{_DAY}",
            f"GET /v1/listings?log=lazada-id&restricted=true&{_DAY}",
        ],
    ),
    Asked(
        "Which orders missed the limit of 24 or 4 hours; whose were they?",
        [
            "GET /v1/deadlines?log=kemendag&log=kominfo&status=MISSED&status=MET_LATE&as_of=2024-12-31&tz=Asia/Jakarta",
            "GET /v1/authority-orders?log=kemendag&log=kominfo&as_of=2024-12-31&tz=Asia/Jakarta",
        ],
    ),
    Asked(
        "Which steps of the ladder of sanctions were skipped?",
        ["GET /v1/flags?flag=LADDER_SKIPPED&as_of=2024-12-31&tz=Asia/Jakarta"],
    ),
    Asked(
        "Which partners were in force for a dispute between two countries? Certainly, possibly",
        [
            f"GET /v1/agreements?log=public-record&status=IN_FORCE&country=KR&{_DAY}&certainty={certainty}"
            for certainty in ("CERTAIN", "POSSIBLE")
        ],
    ),
    Asked(
        "Which disputes were referred without an agreement in force?",
        [f"GET /v1/referrals?log=kca&log=bpkn&agreement_basis=NONE&{_IN_2023}"],
    ),
    Asked(
        "Cross-border disputes by corridor: outcome, median days of each stage",
        ["GET /v1/reports/odr?log=bpkn-odr&section=corridors&section=stages&from=2021-01-01&to=2023-12-31"],
    ),
    Asked(
        "Cases decided, complied with or objected to too late",
        [f"GET /v1/deadlines?log=bpsk&log=bpkn&status=MISSED&status=MET_LATE&{_IN_2023}"],
    ),
    Asked(
        "Outcomes in which a machine helped; human review; settlements with and without",
        ["GET /v1/reports/odr?log=bpkn-odr&section=assistance&from=2021-01-01&to=2023-12-31"],
    ),
    Asked(
        "What consumers recovered of what they claimed, by currency",
        ["GET /v1/reports/odr?log=bpkn-odr&section=amounts&from=2021-01-01&to=2023-12-31"],
    ),
    Asked(
        "Members and brands of the alliance; growth; joiners by industry; certainly, possibly",
        [
            "GET /v1/memberships?log=alibaba&body=body:aaca&status=ACTIVE&as_of=2019-06-30&tz=Asia/Shanghai&count=true",
            "GET /v1/reports/alliance?log=alibaba&section=growth&from=2017-01-01&to=2019-12-31",
        ],
    ),
    Asked(
        "Did the committee meet twice a year? Attendance, industries, countries",
        [
            "GET /v1/meetings?log=public-record&body=body:aaca-smc&state=HELD&as_of=2021-12-31",
            "GET /v1/reports/alliance?body=body:aaca-smc&section=meetings&from=2020-01-01&to=2021-12-31&tz=UTC",
        ],
    ),
    Asked(
        "Was the task force established, with which members and powers, or only announced?",
        ["GET /v1/bodies?log=public-record&subject=body:satgas-umkm&as_of=2023-07-31"],
    ),
    Asked(
        "What is the state of every rule on a day; which version applied to a listing?",
        [
            f"GET /v1/policies?log=lazada-id&{_DAY}",
            f"GET /v1/breaches?log=lazada-id&subject=listing:lazada-id:L01&{_DAY}",
        ],
    ),
    Asked(
        "Imports under the price floor and not on the positive list; undetermined for want of a rate",
        [f"GET /v1/breaches?status=VIOLATING&status=UNDETERMINED&{_IN_2023}"],
    ),
    Asked(
        "Which listings changed where they ship from, or what they are, within seven days of a rule?",
        [f"GET /v1/flags?flag=EVASION_SIGNAL&status=OPEN&status=RESOLVED&{_DAY}"],
    ),
    Asked(
        "Foreign merchants without a legalised licence, a mark of conformity or a label",
        [
            f"GET /v1/breaches?log=tiktok-shop-id&{_IN_2023}",
            f"GET /v1/sellers?log=tiktok-shop-id&entity_class=FOREIGN&{_IN_2023}",
        ],
    ),
    Asked(
        "How sellers were verified; expired, revoked or void, and still active",
        [
            f"GET /v1/sellers?log=tiktok-shop-id&status=ACTIVE&verification=EXPIRED&verification=REVOKED&{_IN_2023}",
            f"GET /v1/reports/policy-compliance?log=tiktok-shop-id&section=verification&{_YEAR}",
        ],
    ),
    Asked(
        "Whom a programme brought, and who is still active after 90 days",
        ["GET /v1/reports/policy-compliance?log=lazada-programmes&section=programmes&from=2020-01-01&to=2021-12-31"],
    ),
    Asked(
        "Requests for information that are overdue: by whom, by how long",
        [f"GET /v1/information-requests?status=OVERDUE&{_IN_2023}"],
    ),
    Asked(
        "Investigations offline: leads, premises closed, suspects, value by currency",
        ["GET /v1/investigations?log=aaca-secretariat&kind=OFFLINE&as_of=2021-12-31"],
    ),
    Asked(
        "Removals of the platform's own accord: share with no sale before",
        ["GET /v1/reports/transparency?log=alibaba-ipp&section=own_initiative&" + _IN_2021],
    ),
    Asked(
        "What did a platform report for a period, what does the ledger show, where do they differ?",
        [f"GET /v1/reports/transparency?log=tiktok-services&section=published&{_YEAR}"],
    ),
    Asked(
        "Is the period complete: control totals, gaps in native numbers, nil returns?",
        [f"GET /v1/completeness?log=tiktok-services&{_IN_2023}"],
    ),
    Asked(
        "Which answers of then would be different today, and why?",
        [f"POST /v1/diffs {_TWO_MOMENTS}"],
    ),
    Asked(
        "Decisions voided after an appeal against them was filed",
        [f"GET /v1/flags?flag=VOID_INSTEAD_OF_REVERSAL&{_IN_2023}"],
    ),
    Asked(
        "Who read a dispute's personal data, when, for what purpose?",
        ["GET /v1/accesses?log=kca&subject=dispute:kca:D1&unmasked=true"],
    ),
    Asked(
        "Erasures executed, and put off and why; does a replay of before give the same counts?",
        [
            "GET /v1/erasures?log=kca",
            "POST /v1/replays " + '{"logs": ["kca"], "as_of": "2021-12-31", "known_at": "2021-12-31"}',
        ],
    ),
    Asked(
        "The evidence pack of a case, with proofs to a checkpoint",
        ["GET /v1/packs?subject=listing:lazada-id:L07&log=lazada-id&as_of=2021-09-01"],
    ),
    Asked(
        "The whole state of a platform on a day, byte for byte that of last year",
        ["POST /v1/replays " + '{"logs": ["lazada-id"], "as_of": "2021-09-01", "sizes": {"lazada-id": 26}}'],
    ),
    Asked(
        "Were abusive notifiers warned, then suspended; how many notices were affected?",
        [
            "GET /v1/reports/transparency?log=alibaba-ipp&section=abusive_notices&" + _IN_2021,
            f"GET /v1/notifiers?log=alibaba&{_IN_2023}",
        ],
    ),
    Asked(
        "Which restrictions had no territory, or a wider one than their legal basis?",
        [f"GET /v1/restrictions?log=lazada-id&{_DAY}", f"GET /v1/policies?log=lazada-id&status=IN_FORCE&{_DAY}"],
    ),
)
"""The questions, in order: the first is Q1."""


def questions_list() -> str:
    """Return the questions, each with its requests, as Markdown."""
    return "\n".join(
        f"**Q{number}.** {asked.text}\n\n" + "\n".join(map(_block, asked.requests))
        for number, asked in enumerate(QUESTIONS, 1)
    )


def _block(request: str) -> str:
    """Return a request as a block of HTTP: a body stands after a blank line."""
    head, _, body = request.partition(" {")
    return f"```http\n{head}\n" + (f"\n{{{body}\n" if body else "") + "```\n"
