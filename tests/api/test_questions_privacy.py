"""Questions of domain.md 12 about access and erasure: Q47 and Q48."""

from msgspec.json import encode

from tests.api.asking import record
from tests.api.desk import SHOP, Desk, Json, event, filed
from tests.api.test_cases import let

CLAIM = "dispute:forum:D1"
PERSON, OTHER = "subject:c1", "subject:c2"


async def test_q47_who_read_a_disputes_personal_data_when_and_for_what_purpose(desk: Desk) -> None:
    await desk.tell(filed("D1", claimant_subject_id=PERSON, claimant_name="Siti"), filed("D2"))
    await let(desk, "auditor", "AUDITOR", SHOP)
    await let(desk, "authority", "REGULATOR", jurisdictions=("ID",))
    await desk.get(f"/v1/logs/{SHOP}/events/filed-D1", who="auditor")
    await desk.get(f"/v1/logs/{SHOP}/events/filed-D1", who="auditor", unmask="sample 12")
    based = "complaint 3; basis: UU 8/1999 art. 55"
    await desk.get(f"/v1/logs/{SHOP}/events", who="authority", subject=CLAIM, unmask=based)
    await desk.get(f"/v1/logs/{SHOP}/events/filed-D2", who="authority", unmask=based)
    items = (await desk.get("/v1/accesses", who="operator", subject=CLAIM, unmasked="true"))["items"]
    assert [(one["role"], one["token"], one["purpose"], one["pii_unmasked"]) for one in items] == [
        ("AUDITOR", desk.tokens["auditor"].split("_")[1], "sample 12", 1),
        ("REGULATOR", desk.tokens["authority"].split("_")[1], based, 1),
    ]
    recorded = [one["recordedtime"] for one in items]
    later = await desk.get("/v1/accesses", who="operator", subject=CLAIM, recorded_from=recorded[1], unmasked="true")
    assert [one["recordedtime"] for one in later["items"]] == recorded[1:]


async def test_q48_which_erasures_were_executed_or_deferred_why_and_that_the_counts_of_before_stay(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await let(desk, "officer", "PRIVACY_OFFICER", SHOP)
    claims = [filed(f"D{n}", claimant_subject_id=f"subject:c{n}", claimant_name="Siti") for n in (1, 2)]
    await record(desk, "01-05", *claims)
    question: Json = {"as_of": "2026-01-06", "size": f"{SHOP}:2", "log": SHOP}
    before = await desk.ask("GET", "/v1/disputes", count="true", **question)
    for number, subject in ((1, PERSON), (2, OTHER)):
        asked = {"subject_id": subject, "request_ref": f"R{number}", "received_at": "2026-01-07"}
        await record(desk, f"01-0{7 + number}", event(f"ask-{number}", "ErasureRequested", subject, **asked))
    deferred = {"until": "2031-01-01", "ground": "STATUTORY_RETENTION", "subject_id": OTHER, "request_ref": "R2"}
    await record(desk, "01-10", event("put-off", "ErasureDeferred", OTHER, **deferred))
    order = {"subject": PERSON, "basis": "UU 27/2022 art. 43", "request_ref": "R1", "log": SHOP}
    body = encode({**order, "recordedtime": "2026-01-11T00:00:00Z"})
    assert (await desk.ask("POST", "/v1/erasures", who="officer", content=body)).status_code == 201
    items = (await desk.get("/v1/erasures", who="officer"))["items"]
    told = [(one["type"], one["subject"], one["data"].get("basis") or one["data"].get("ground")) for one in items]
    assert told == [
        ("ErasureRequested", PERSON, None),
        ("ErasureRequested", OTHER, None),
        ("ErasureDeferred", OTHER, "STATUTORY_RETENTION"),
        ("ErasureExecuted", PERSON, "UU 27/2022 art. 43"),
    ]
    executed = await desk.get("/v1/erasures", who="officer", type="ErasureExecuted", subject=PERSON)
    assert [one["data"]["fields_count"] for one in executed["items"]] == [1]
    keys = (await desk.get("/v1/keys", who="officer"))["items"]
    assert [(one["subject"], one["destroyed"] is None) for one in keys] == [(PERSON, False), (OTHER, True)]
    after = await desk.ask("GET", "/v1/disputes", count="true", **question)
    assert (after.json()["count"], after.content) == (2, before.content)
