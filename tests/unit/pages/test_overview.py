"""What the overview makes of the API's answers."""

from api.pages.asking import Answer
from api.pages.overview import kinds_of, seal_of


def test_what_needs_an_eye_is_told_by_kind_with_the_first_of_each() -> None:
    items = [{"flag": "A", "n": 1}, {"flag": "B", "n": 2}, {"flag": "B", "n": 3}]
    kinds = kinds_of(Answer(link="/v1/flags", status=200, document={"items": items}), "flag")
    assert [(kind.name, kind.count, kind.first["n"]) for kind in kinds] == [("B", 2, 2), ("A", 1, 1)]
    assert kinds_of(None, "flag") == []


def test_a_log_is_sealed_as_far_as_its_checkpoint_says_and_by_whom_else_signed_it() -> None:
    root = "A" * 43 + "="
    signature = "A" * 91 + "="
    note = f"shop\n5\n{root}\n\n— shop {signature}\n— witness.example/w {signature}\n"
    seal = seal_of({"origin": "shop", "checkpoint": note})
    assert seal is not None
    assert (seal.size, list(seal.witnesses)) == (5, ["witness.example/w"])
    assert seal_of({"origin": "shop", "checkpoint": None}) is None
    assert seal_of({"origin": "shop", "checkpoint": "no note"}) is None
