"""Policies: what a file asks for, and what no file may say."""

from itertools import combinations

import pytest

from ledger.tlog.note import COSIGNATURE, Ed25519Signer
from ledger.tlog.policy import MAX_LINES, NONE, Group, Participant, PolicyError, parse_policy

LOG = Ed25519Signer("example.com/log", bytes([99]) * 32).verifier
SIGNERS = {name: Ed25519Signer(f"{name}.example", name.encode() * 16, COSIGNATURE) for name in ("X1", "X2", "Y1", "Y2")}
KEYS = {name: signer.verifier for name, signer in SIGNERS.items()}
WITNESSES = "".join(f"witness {name} {key} https://{name}.example\n" for name, key in KEYS.items())


def satisfied(text: str, *names: str) -> bool:
    return parse_policy(text).satisfied([SIGNERS[name].sign("text\n") for name in names])


def test_a_policy_is_read_whole() -> None:
    text = (
        f"# comment\n\n \t# another\nlog {LOG}\n{WITNESSES}\n\tgroup\tX  any X1 X2 \ngroup both all X Y1\nquorum both"
    )
    policy = parse_policy(text)
    assert policy.logs == (Participant(LOG),)
    assert policy.witnesses == {name: Participant(key, f"https://{name}.example") for name, key in KEYS.items()}
    assert policy.groups == {"X": Group(1, ("X1", "X2")), "both": Group(2, ("X", "Y1"))}
    assert policy.quorum == "both"


def test_a_quorum_is_met_by_the_members_that_its_groups_ask_for() -> None:
    text = f"{WITNESSES}group X 2 X1 X2\ngroup Y any Y1 Y2\ngroup both all X Y\nquorum both\n"
    for count in range(5):
        for names in combinations(KEYS, count):
            assert satisfied(text, *names) == ({"X1", "X2"} <= set(names) and bool({"Y1", "Y2"} & set(names)))


def test_one_witness_none_or_some_of_many_may_be_the_quorum() -> None:
    assert parse_policy("quorum none").quorum == NONE
    assert satisfied("quorum none")
    assert satisfied(WITNESSES + "quorum X2", "X2")
    assert not satisfied(WITNESSES + "quorum X2", "X1", "Y1", "Y2")
    three = WITNESSES + "group g 3 X1 X2 Y1 Y2\nquorum g"
    assert [satisfied(three, *list(KEYS)[:count]) for count in range(5)] == [False, False, False, True, True]


def test_one_witness_that_cosigns_often_counts_once_and_a_stranger_not_at_all() -> None:
    two = WITNESSES + "group g 2 X1 X2 Y1 Y2\nquorum g"
    assert not satisfied(two, "X1", "X1", "X1")
    stranger = Ed25519Signer("X2.example", bytes(32), COSIGNATURE)
    assert not parse_policy(two).satisfied([SIGNERS["X1"].sign("text\n"), stranger.sign("text\n")])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "exactly one line that names its quorum"),
        ("quorum", "line 5 .*one name"),
        ("quorum X1 X2", "one name"),
        ("quorum X1\nquorum X1", "line 6 .*there is one quorum"),
        ("quorum Z", "no witness or group 'Z' on a line before"),
        ("quorum g\ngroup g any X1", "no witness or group 'g' on a line before"),
        ("group g any X1 none\nquorum g", "no witness or group 'none'"),
        ("group g\nquorum X1", "a group has a name"),
        ("group g any\nquorum X1", "a group has a name"),
        ("group g 0 X1\nquorum g", "a number up to that of its members"),
        ("group g 3 X1 X2\nquorum g", "a number up to that of its members"),
        ("group g 01 X1\nquorum g", "no decimal number"),
        ("group g some X1\nquorum g", "no decimal number"),
        ("group g any X1 X1\nquorum g", "'X1' is a member already"),
        ("group g any X1\ngroup h any X1 X2\nquorum h", "'X1' is a member already"),
        ("group g any g\nquorum g", "no witness or group 'g'"),
        ("group X1 any X2\nquorum X1", "the name 'X1' is taken"),
        ("group none any X2\nquorum X1", "the name 'none' is taken"),
        ("witness\nquorum X1", "a witness has a name"),
        ("witness Z\nquorum X1", "one key"),
        (f"witness Z {KEYS['X1']}\nquorum X1", "stands in it twice"),
        (f"witness Z {LOG}\nquorum X1", "does not cosign"),
        (f"log {KEYS['X1']}\nquorum X1", "a witness's, not a log's"),
        (f"log {LOG}\nlog {LOG}\nquorum X1", "stands in it twice"),
        (f"log {LOG} url more\nquorum X1", "at most one URL"),
        ("log nonsense\nquorum X1", "is no key"),
        ("logs\nquorum X1", "it begins with 'logs'"),
        ("quorum X1\r", "control characters"),
        ("# \x00\nquorum X1", "control characters"),
        ("quorum X1" + "\n" * MAX_LINES, "at most 1000 lines"),
    ],
)
def test_what_no_policy_may_say_is_refused_with_its_line(line: str, why: str) -> None:
    with pytest.raises(PolicyError, match=why):
        parse_policy(WITNESSES + line)


def test_names_are_opaque_bytes() -> None:
    text = f"witness K {KEYS['X1']}\nwitness \u212a {KEYS['X2']}\n".encode() + b"group \xff any K\nquorum \xff"
    assert parse_policy(text.decode("utf-8", "surrogateescape")).quorum == "\udcff"
