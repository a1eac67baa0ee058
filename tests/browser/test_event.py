"""The page of an event in a browser: its entry verified there, and what was changed on the way called by its name."""

from collections.abc import Callable

import pytest
from msgspec import Struct
from playwright.async_api import Page, Route, expect

from ledger.tlog.note import Ed25519Signer
from tests.browser.browsing import Visit
from tests.browser.workbench import Workbench

EVENT = "/workbench/events/lazada-id/L12-K12"
ORIGIN = "test.jejak.local/ledger/lazada-id"
SEED = bytes(range(32))
"""The private key of somebody who is not the log."""
STEPS = ("entry", "leaf", "path", "key", "checkpoint")


class Told(Struct, frozen=True):
    """What a verification says: its verdict, and of each step its state and its words."""

    state: str
    verdict: str
    states: dict[str, str]
    words: dict[str, str]


async def verified(page: Page, key: str | None = None) -> Told:
    """Open the event, paste a key where one is given, verify, and return what is said."""
    await page.goto(EVENT)
    if key is not None:
        await page.get_by_label("Public key of the log").fill(key)
    await page.get_by_role("button", name="Verify now").click()
    verdict = page.locator("#verdict")
    await expect(verdict).not_to_be_empty()
    steps = {name: page.locator(f"[data-step={name}]") for name in STEPS}
    return Told(
        await verdict.get_attribute("data-state") or "",
        await verdict.inner_text(),
        {name: await step.get_attribute("data-state") or "" for name, step in steps.items()},
        {name: await step.locator(".told").text_content() or "" for name, step in steps.items()},
    )


async def changed(page: Page, ending: str, change: Callable[[bytes], bytes]) -> None:
    """Have an answer of the ledger changed on its way to the browser."""

    async def fulfil(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=change(await answer.body()))

    await page.route(lambda url: url.partition("?")[0].endswith(ending), fulfil)


def all_right_but(**wrong: str) -> dict[str, str]:
    """Return the states of the steps of which only these are not right."""
    return dict.fromkeys(STEPS, "ok") | wrong


async def test_a_good_event_is_verified_by_the_browser_itself(page: Page, workbench: Workbench) -> None:
    told = await verified(page)
    assert told.verdict == "Verified: the log holds this entry, exactly as it stands here, and has signed that it does."
    assert (told.state, told.states) == ("ok", all_right_but())
    log = (await workbench.api.get("/v1/logs/lazada-id")).json()
    assert told.words["path"].endswith(f"to {log['root']}: the root of {log['size']} entries.")
    assert told.words["key"] == f"{ORIGIN}, key ID {log['key'].split('+')[1]}."


async def test_a_tampered_entry_is_called_one_that_was_not_signed(page: Page) -> None:
    await changed(page, "/entry", lambda entry: entry.replace(b'"K12"', b'"K13"', 1))
    told = await verified(page)
    assert told.verdict.startswith("Not verified: This entry is not the one that was signed.")
    assert (told.state, told.states) == ("wrong", all_right_but(entry="wrong", path="wrong"))
    assert told.words["entry"] == "The entry that was fetched is not the one shown on this page."


async def test_the_entry_of_another_event_is_not_taken_for_this_one(page: Page, workbench: Workbench) -> None:
    other = await workbench.api.get("/v1/logs/lazada-id/events/L01-pub/entry")
    proof = await workbench.api.get("/v1/logs/lazada-id/events/L01-pub/proof")
    await changed(page, "/entry", lambda _: other.content)
    await changed(page, "/proof", lambda _: proof.content)
    told = await verified(page)
    assert told.verdict == "Not verified: What was fetched is another event: L01-pub."
    assert told.states == all_right_but(entry="wrong")


async def test_a_changed_sibling_is_told_from_a_changed_entry(page: Page) -> None:
    def other_sibling(proof: bytes) -> bytes:
        lines = proof.split(b"\n")
        lines[2] = (b"B" if lines[2][:1] == b"A" else b"A") + lines[2][1:]
        return b"\n".join(lines)

    await changed(page, "/proof", other_sibling)
    told = await verified(page)
    assert (told.state, told.states) == ("wrong", all_right_but(path="wrong"))
    assert "The entry and the hashes of the proof lead to another root than the signed one" in told.verdict


async def test_a_proof_with_too_few_hashes_is_called_so(page: Page) -> None:
    await changed(page, "/proof", lambda proof: b"\n".join(proof.split(b"\n")[:2] + proof.split(b"\n")[3:]))
    told = await verified(page)
    assert told.states == all_right_but(path="wrong")
    assert told.words["path"] == "The proof has 3 hashes, and the path to this entry has 4."


async def test_a_checkpoint_by_another_key_is_called_so(page: Page) -> None:
    told = await verified(page, str(Ed25519Signer(ORIGIN, SEED).verifier))
    assert told.states == all_right_but(checkpoint="wrong")
    assert told.verdict.startswith(f"Not verified: The checkpoint was signed by another key: by {ORIGIN} ")


async def test_the_key_of_another_log_is_called_one_of_another_origin(page: Page) -> None:
    told = await verified(page, str(Ed25519Signer("elsewhere.example/log", SEED).verifier))
    assert told.states == all_right_but(checkpoint="wrong")
    assert told.words["checkpoint"].startswith(f"The checkpoint is of {ORIGIN}, and the key is that of elsewhere")


async def test_a_signature_that_was_changed_does_not_hold(page: Page) -> None:
    await changed(page, "/proof", lambda proof: proof[:-20] + bytes([proof[-20] ^ 1]) + proof[-19:])
    told = await verified(page)
    assert told.states["checkpoint"] == "wrong"
    assert told.state == "wrong"


async def test_a_root_that_the_log_has_not_signed_is_found_by_path_and_signature(page: Page) -> None:
    def other_size(proof: bytes) -> bytes:
        head, _, note = proof.partition(b"\n\n")
        origin, size, rest = note.split(b"\n", 2)
        return head + b"\n\n" + b"\n".join((origin, str(int(size) + 1).encode(), rest))

    await changed(page, "/proof", other_size)
    told = await verified(page)
    assert told.states["checkpoint"] == "wrong"
    assert told.words["checkpoint"].startswith("The signature does not hold")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("nonsense", "This is no public key. One is written name+key ID+base64."),
        (f"{ORIGIN}+00000000+{str(Ed25519Signer(ORIGIN, SEED).verifier).split('+', 2)[2]}", "The key does not fit"),
        (str(Ed25519Signer("witness.example", SEED, 4).verifier), "This key is of type 4"),
    ],
)
async def test_what_is_no_key_of_a_log_is_refused_and_the_path_is_checked_all_the_same(
    page: Page, key: str, said: str
) -> None:
    told = await verified(page, key)
    assert told.states == all_right_but(key="wrong", checkpoint="untold")
    assert told.words["key"].startswith(said)


async def test_a_browser_without_ed25519_checks_the_path_and_says_what_it_cannot(page: Page) -> None:
    await page.add_init_script(
        "crypto.subtle.importKey = async () => { throw new DOMException('', 'NotSupportedError'); };"
    )
    told = await verified(page)
    assert (told.state, told.states) == ("untold", all_right_but(checkpoint="untold"))
    assert told.words["checkpoint"].startswith("This browser cannot check Ed25519 signatures")


async def test_where_there_is_no_webcrypto_the_page_says_why_and_what_to_do(page: Page) -> None:
    await page.add_init_script("Object.defineProperty(globalThis, 'crypto', { value: {} });")
    told = await verified(page)
    assert told.state == "untold"
    assert told.verdict.startswith("This browser has no WebCrypto here: browsers have it on https only")
    assert await page.locator("#steps").is_hidden()


async def test_what_the_ledger_does_not_give_is_said_with_its_address(signed_in: Visit) -> None:
    await signed_in.page.route("**/entry", lambda route: route.fulfill(status=503, body=""))
    told = await verified(signed_in.page)
    assert (told.state, "/entry was answered with 503" in told.verdict) == ("untold", True)
    signed_in.complaints.clear()


async def test_the_form_is_sent_by_the_keyboard_alone(page: Page) -> None:
    await page.goto(EVENT)
    await page.get_by_label("Public key of the log").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#verdict")).to_have_attribute("data-state", "ok")
    await expect(page.get_by_role("button", name="Verify now")).to_be_focused()
