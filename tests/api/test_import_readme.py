"""What the README says of bringing events in: its mapping, its rows and what becomes of them, and its client."""

import asyncio
import re
from pathlib import Path

from api.app import make_app
from api.client import Client
from api.importing.importer import Imported, import_files, load_mapping
from tests.api.desk import Desk, block, published
from tests.api.inside import Inside

LOG = "demo-shop"
README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = README.partition("## Bringing events in\n")[2].partition("\n## ")[0]
HEADER = "Listing,Seller,Online since,Taken down,Why"


def block_of(language: str) -> str:
    """Return the section's one block of this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    return str(found)


async def test_its_mapping_makes_of_its_rows_what_it_says(desk: Desk, tmp_path: Path) -> None:
    await desk.service.create_log(LOG, "PLATFORM", "Asia/Jakarta", "ID", "PUBLIC")
    mapping, rows = tmp_path / "listings.toml", tmp_path / "listings.csv"
    mapping.write_text(block_of("toml"))
    table = re.findall(r"^\| `(L[^`]*)` \| (.*) \|$", SECTION, re.MULTILINE)
    rows.write_text("\n".join([HEADER, *(row for row, _ in table)]))
    done = await import_files(desk.service, LOG, [str(rows)], load_mapping(str(mapping)))
    (told,) = done.refusals
    assert done == Imported(rows=3, new=3, refused=1, size=3, refusals=[told])
    assert f"line {told.line}: {told.detail} ({told.code})" in table[2][1]
    items = (await desk.get(f"/v1/logs/{LOG}/events", who="operator"))["items"]
    assert [(one["type"], one["subject"], one["time"], one["timeprecision"], one["timezone"]) for one in items] == [
        ("ListingPublished", "listing:demo-shop:L7", "2025-02-28T17:00:00.000000Z", "DAY", "Asia/Jakarta"),
        ("ListingBlocked", "listing:demo-shop:L7", "2025-03-04T17:00:00.000000Z", "DAY", "Asia/Jakarta"),
        ("ListingPublished", "listing:demo-shop:L8", "2025-03-01T17:00:00.000000Z", "DAY", "Asia/Jakarta"),
    ]
    assert [one["data"].get("seller_id") or one["data"]["extra"] for one in items] == [
        "seller:demo-shop:S1",
        {"reason": "X_COUNTERFEIT"},
        "seller:demo-shop:S1",
    ]


async def test_its_client_runs(desk: Desk) -> None:
    """As it stands, but for the log, and for the way to the service."""
    key = (await desk.get("/v1/logs/shop", who="operator"))["key"]
    transport = Inside(make_app(desk.service), asyncio.get_running_loop())
    names = {"token": desk.tokens["writer"], "key": key, "events": [published("L1"), block("L1", "R1")]}
    code = block_of("python").replace(LOG, "shop").replace("keys=[key]", "keys=[key], transport=transport")
    found = {**names, "transport": transport, "Client": Client}
    await asyncio.to_thread(exec, code, found)  # the README is ours
    assert found["recorded"] == ["block-L1-R1"]
