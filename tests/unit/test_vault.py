"""The vault: private, durable, whole, whoever else is at it; and never that of another ledger."""

import base64
import multiprocessing
import stat
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path
from uuid import UUID

import pytest

from ledger import vault as vault_module
from ledger.errors import SettingError, VaultError
from ledger.masters import (
    KEY_BYTES,
    MASTER_FILE,
    MasterKey,
    MasterStore,
    format_masters,
    make_master,
    parse_masters,
)
from ledger.settings import read_settings
from ledger.vault import Vault, open_vault

LEDGER, OTHER = UUID(int=1), UUID(int=2)
URL = "postgresql://me@host/ledger"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_written_is_read_and_belongs_to_nobody_else(vault: Vault) -> None:
    assert vault.read("signing/shop.key") is None
    vault.write("signing/shop.key", b"first")
    vault.write("signing/shop.key", b"second")
    assert vault.read("signing/shop.key") == b"second"
    assert (vault.names("signing"), vault.names("marks")) == (["shop.key"], [])
    assert [mode(vault.folder / name) for name in ("signing/shop.key", "signing", ".")] == [0o600, 0o700, 0o700]
    vault.remove("signing/shop.key")
    vault.remove("signing/shop.key")
    assert vault.names("signing") == []


@pytest.mark.parametrize("wrong", [0o644, 0o640, 0o604, 0o660, 0o602, 0o601])
def test_what_others_may_use_is_neither_read_nor_added_to(vault: Vault, wrong: int) -> None:
    vault.write("key", b"secret")
    (vault.folder / "key").chmod(wrong)
    with pytest.raises(SettingError, match="open to others") as error:
        vault.read("key")
    assert "secret" not in str(error.value)
    with pytest.raises(SettingError, match="open to others"):
        vault.append("key", b"line")


def test_the_first_to_make_a_file_makes_it_for_all(vault: Vault) -> None:
    made: list[bytes] = []

    def make() -> bytes:
        made.append(str(len(made)).encode())
        return made[-1]

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(vault.create, ["key"] * 8, [make] * 8))
    assert (found, made, vault.read("key")) == ({b"0"}, [b"0"], b"0")


def test_a_line_is_added_whole_even_after_one_that_a_crash_cut_off(vault: Vault) -> None:
    vault.append("list", b"one")
    with (vault.folder / "list").open("ab") as file:
        file.write(b"cut of")
    vault.append("list", b"two")
    assert vault.read("list") == b"one\ncut of\ntwo\n"
    with pytest.raises(ValueError, match="line end"):
        vault.append("list", b"a\nb")


def test_lines_of_many_threads_are_all_there(vault: Vault) -> None:
    lines = [str(number).encode() for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(vault.append, ["list"] * len(lines), lines))
    assert sorted((vault.read("list") or b"").splitlines()) == sorted(lines)


def _hold(folder: Path, held: Event, done: Event) -> None:
    with Vault(folder).lock("mark"):
        held.set()
        done.wait(30)


def test_a_lock_holds_against_other_processes_and_is_free_when_they_die(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_module, "LOCK_SECONDS", 0.05)
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(vault.folder, held, done))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(VaultError, match="another process has held"), vault.lock("mark"):
            pass
        with vault.lock("another"):
            pass
    finally:
        other.kill()
        other.join()
    with vault.lock("mark"):
        pass


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_says_so(vault: Vault) -> None:
    vault.write("key", b"old")
    (vault.folder / "folder").mkdir(mode=0o700)
    with pytest.raises(VaultError, match="cannot be used"):
        vault.write("folder", b"new")
    with pytest.raises(VaultError, match="cannot be used"):
        vault.write("key/below", b"new")
    assert (vault.read("key"), sorted(path.name for path in vault.folder.iterdir())) == (b"old", ["folder", "key"])


def test_each_ledger_has_a_folder_of_its_own_beside_the_data(tmp_path: Path) -> None:
    settings = read_settings({}, data=tmp_path / "data")
    open_vault(settings, LEDGER).write("key", b"one")
    assert open_vault(settings, OTHER).read("key") is None
    assert open_vault(settings, LEDGER).folder == tmp_path / "data.keys" / str(LEDGER)
    elsewhere = read_settings({"JEJAK_KEYS_DIR": str(tmp_path / "deep" / "keys")}, data=tmp_path / "data")
    assert open_vault(elsewhere, LEDGER).folder == tmp_path / "deep" / "keys" / str(LEDGER)


def test_whatever_name_leads_to_the_data_the_keys_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    monkeypatch.chdir(tmp_path / "data")
    ways = (tmp_path / "data", tmp_path / "link", Path(), Path("../data"))
    assert {read_settings({}, data=way).keys_folder() for way in ways} == {tmp_path / "data.keys"}


def test_a_ledger_on_a_server_has_to_be_told_where_its_keys_are() -> None:
    with pytest.raises(SettingError, match="JEJAK_KEYS_DIR is not set"):
        open_vault(read_settings({"JEJAK_DATABASE_URL": URL, "JEJAK_MASTER_KEY_FILE": "/run/key"}), LEDGER)


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    settings = read_settings({}, data=tmp_path / "data")
    open_vault(settings, LEDGER).folder.chmod(0o750)
    with pytest.raises(SettingError, match="open to others"):
        open_vault(settings, LEDGER)


def test_one_or_two_master_keys_are_read_newest_first() -> None:
    masters = (make_master(), make_master())
    assert parse_masters(format_masters(masters), "here") == masters
    comma = b",".join(base64.b64encode(master.secret) for master in masters)
    assert parse_masters(comma, "here") == masters
    assert len({master.master_id for master in masters}) == 2
    assert repr(masters[0]) == f"MasterKey({masters[0].master_id})"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"no base64!", b"\xff\xfe", format_masters([MasterKey(bytes(KEY_BYTES))] * 3)]
    + [base64.b64encode(bytes(length)) for length in (KEY_BYTES - 1, KEY_BYTES + 1)],
)
def test_what_is_no_master_key_is_refused_and_not_quoted(content: bytes) -> None:
    with pytest.raises(SettingError, match="the master key here") as error:
        parse_masters(content, "here")
    assert not content.strip() or repr(content)[2:-1] not in str(error.value)


def test_a_master_key_is_made_once_and_elsewhere_where_a_file_is_named(tmp_path: Path, vault: Vault) -> None:
    store = MasterStore(read_settings({}), vault)
    assert store.read() == ()
    assert store.make() == store.make() == store.read()
    assert (mode(vault.folder / MASTER_FILE), len(store.read()[0].secret)) == (0o600, KEY_BYTES)
    named = MasterStore(read_settings({"JEJAK_MASTER_KEY_FILE": str(tmp_path / "my.key")}), vault)
    assert named.make() != store.read()
    assert named.make() == parse_masters((tmp_path / "my.key").read_bytes(), "there")


def test_a_master_key_of_a_variable_is_used_and_never_shown(vault: Vault) -> None:
    master = make_master()
    text = base64.b64encode(master.secret).decode()
    settings = read_settings({"JEJAK_MASTER_KEY": text, "JEJAK_MASTER_KEY_FILE": "/nowhere/key"})
    store = MasterStore(settings, vault)
    assert (store.make(), store.writable) == ((master,), False)
    assert not (vault.folder / MASTER_FILE).exists()
    assert text not in repr(settings)
    assert "master_key='***'" in repr(settings)
