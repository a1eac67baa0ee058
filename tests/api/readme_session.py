"""The README's blocks as one shell session: each as it stands, but for ports, and what has come to pass by then.

A block is run, is an answer that is compared, or is in `NOT_RUN`, which says why; any other has no place in it.
"""

import re

import msgspec

from tests.api.desk import Event, filed
from tests.api.fenced import Fenced, fenced
from tests.faults.serving import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = list(fenced(README))
NOT_RUN = {
    "python3 -m venv --without-pip": "installs, as .ci/run does; tests.api.test_docs_shell begins the demonstration",
    "│ A16 │": "an answer of the demonstration, compared in tests.api.test_docs_shell",
    "POST ──> api": "a picture",
}
"""How a block begins that this session leaves out, and why."""
PORT, WITNESS_PORT = "8321", "8322"


def published(name: str) -> Event:
    """Return an event that a platform sends."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": "/demo-shop/moderation",
        "type": "ListingPublished",
        "subject": f"listing:demo-shop:{name}",
        "time": "2025-03-01T09:00:00+07:00",
        "data": {},
    }


def saved(name: str, text: str) -> str:
    """Return the commands that write a file."""
    return f"cat >{name} <<'END'\n{text}END\n"


def signed(name: str) -> str:
    """Return the command that sends an event and waits for the checkpoint over it."""
    return f"""curl -sS {EVENTS} -H @writer.header -H 'Prefer: wait=checkpoint' \
  -H 'Content-Type: application/cloudevents+json' -d '{msgspec.json.encode(published(name)).decode()}'
"""


LOG = f"http://127.0.0.1:{PORT}/logs/demo-shop"
EVENTS = f"http://127.0.0.1:{PORT}/v1/logs/demo-shop/events"
CLAIMANTS = [filed(f"D{n}", claimant_subject_id=f"subject:c{n}", claimant_name="Aminah binti Ali") for n in (1, 2)]
DISPUTES = "".join(f"{msgspec.json.encode(dispute).decode()}\n" for dispute in CLAIMANTS)
BEGIN = ".venv/bin/jejak serve &\nserving=$!\n"
END = 'kill "$serving"\nwait "$serving"\n'

CLIENT_HEAD = f"""import os
token, key, events = open("writer.header").read().split()[-1], os.environ["KEY"], [{published("from-python")!r}]
"""
CLIENT_END = "    print(recorded)\n"
CLIENT_RUN = 'KEY="$key" python3 client.py\n'

WITNESS_RUN = f" --port {WITNESS_PORT} >witness.key &\nuntil [ -s witness.key ]; do sleep 0.1; done\n"
"""A witness goes on until the session ends; it has said its key by then."""
WITNESSED = f"""sed "s|witness.example/jakarta+[^ ]*|$(cat witness.key)|" policy.shown >policy
{END}export JEJAK_WITNESS_POLICY_FILE=policy
{BEGIN}{signed("witnessed")}.venv/bin/jejak verify --from {LOG} --key "$key" --policy policy
"""
LOSS = f"""{signed("kept")}{END}cp -a jejak-data jejak-data.old
{BEGIN}{signed("lost")}{END}rm -r jejak-data
mv jejak-data.old jejak-data
"""
"""An old copy of the database, all of it signed, takes the place of one that has signed more since."""
PERSONS = f"{BEGIN}{saved('disputes.ndjson', DISPUTES)}.venv/bin/jejak append demo-shop disputes.ndjson\n"
ERASED = f"""curl -sS '{EVENTS}?type=DisputeFiled' -H @operator.header\n"""
BEFORE = {"jejak log reopen": LOSS, "jejak erase": PERSONS}
"""What has come to pass before a command is needed."""
AFTER = {"jejak serve &": "serving=$!\n", "jejak erase": ERASED}
"""What is to be known after one."""


def is_run(block: Fenced) -> bool:
    """Tell whether the session has a place for a block, or it is left out for a reason."""
    return not block.text.startswith(tuple(NOT_RUN))


def steps_of(block: Fenced) -> str:
    """Return the commands by which a block is run. Raises ValueError for one of which nothing is known."""
    match block.language:
        case "sh" if "jejak witness" in block.text:
            return block.text.rstrip("\n") + WITNESS_RUN
        case "sh":
            before = [steps for part, steps in BEFORE.items() if part in block.text]
            after = [steps for part, steps in AFTER.items() if part in block.text]
            return "".join([*before, block.text, *after])
        case "json":
            return ""  # what the block before it was answered
        case "toml":
            return saved("listings.toml", block.text)
        case "python":
            return saved("client.py", CLIENT_HEAD + block.text + CLIENT_END) + CLIENT_RUN
        case "" if block.text.startswith("witness "):
            return saved("policy.shown", block.text) + WITNESSED
        case _:
            raise ValueError(f"neither run nor in NOT_RUN: {block.text}")


def session(blocks: list[Fenced], port: str, witness_port: str) -> str:
    """Return blocks as one script, each announced by its number. Raises ValueError."""
    announced = [f"echo '== {number}'\n{steps_of(block)}" for number, block in enumerate(blocks)]
    ports = {PORT: port, WITNESS_PORT: witness_port}
    return re.sub("|".join(ports), lambda found: ports[found[0]], "".join(announced))
