"""`jejak keys rotate-master`: what it prints, and that a service goes on reading and writing meanwhile."""

from pathlib import Path

import msgspec

from tests.api.desk import filed
from tests.faults.serving import jejak

DONE, USAGE = 0, 2


async def test_the_master_key_is_changed_and_personal_data_goes_on_being_taken(tmp_path: Path) -> None:
    folder, file = str(tmp_path / "data"), tmp_path / "events.ndjson"
    made = await jejak("log", "create", "forum", "--kind", "forum", "--timezone", "UTC", "--data", folder)
    assert (made.code, made.errors) == (DONE, "")
    (keys,) = (tmp_path / "data.keys").iterdir()
    before = (keys / "master.key").read_bytes()
    told = [filed(f"D{number}", claimant_subject_id=f"subject:c{number}", claimant_name="Aminah") for number in (1, 2)]
    file.write_bytes(msgspec.json.encode(told))
    assert (await jejak("append", "forum", str(file), "--data", folder)).code == DONE
    done = await jejak("keys", "rotate-master", "--data", folder, "--json")
    assert (done.code, done.errors) == (DONE, "")
    rotated = msgspec.json.decode(done.output)
    after = (keys / "master.key").read_bytes()
    assert (rotated["keys"], len(rotated["retired"]), len(after.split())) == (2, 1, 1)
    assert before.split()[0] not in after
    again = await jejak("append", "forum", str(file), "--data", folder)  # the same ciphertext: all of it is there
    assert (again.code, "0 new, 2 repeated" in again.output) == (DONE, True)
    text = await jejak("keys", "rotate-master", "--data", folder)
    assert text.output.startswith("master key ")
    assert f"; {rotated['master_key']} opens nothing any more" in text.output
