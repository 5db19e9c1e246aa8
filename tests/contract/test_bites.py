"""The contract catches broken stores: one planted fault each, one clause that names it, the history and the call."""

from __future__ import annotations

import inspect
import pickle
from typing import Any, cast

import pytest

from coop_ledger.errors import InvalidValueError, StoreError
from coop_ledger.stores import Clock, Store
from coop_ledger.testing import BrokenContractError, StoreContract
from tests.contract import broken
from tests.contract.broken import ORIGIN, Kept


def contract_of(kind: type[Kept]) -> StoreContract:
    class Contract(StoreContract):
        def make(self, clock: Clock) -> Store:
            return kind(ORIGIN, clock=clock)

        def reopen(self, store: Store, clock: Clock) -> Store:
            assert isinstance(store, Kept)
            return store.again(clock)

    return Contract()


def run(kind: type[Kept], name: str) -> None:
    """One clause on a store, as pytest would run it."""
    contract = contract_of(kind)
    test: Any = getattr(contract, f"test_{name}")
    if "store" not in inspect.signature(test).parameters:
        test()
        return
    options = {"between": 0} if "between" in inspect.signature(test).parameters else {}
    with contract.afresh() as store:
        test(store=store, **options)


FAULTS: list[tuple[type[Kept], str, str]] = [
    (broken.LosesTheLastAppend, "positions_are_dense_and_leaves_are_head_placed_tail", "entry"),
    (broken.LosesTheLastAppend, "threads_share_a_store", "read"),
    (broken.ForgetsTheLastAppend, "what_was_acknowledged_outlives_the_store", "head"),
    (broken.LosesWhatFollowsARefusal, "what_was_acknowledged_outlives_the_store", "head"),
    (broken.LosesTheEndOfABatch, "what_was_acknowledged_outlives_the_store", "head"),
    (broken.TruncatesTheTail, "what_was_acknowledged_outlives_the_store", "head"),
    (broken.TruncatesTheTail, "a_redaction_outlives_the_store", "head"),
    (broken.ReadsBackwards, "positions_are_dense_and_leaves_are_head_placed_tail", "read"),
    (broken.ReadsBackwards, "a_query_has_room_for_many_groups", "read"),
    (broken.SwapsTwo, "an_entry_reads_as_it_was_recorded", "read"),
    (broken.HalfBatches, "a_batch_is_placed_whole_or_not_at_all", "head"),
    (broken.HalfBatches, "keys_are_taken_once", "once"),
    (broken.IgnoresConditions, "every_condition_counts", "append"),
    (broken.IgnoresConditions, "a_condition_holds_if_nothing_matching_came", "append"),
    (broken.ReusesAPosition, "positions_are_dense_and_leaves_are_head_placed_tail", "append"),
    (broken.BringsOpeningsBack, "openings_shrink_by_erasure_only", "openings"),
    (broken.RestoresOpenings, "openings_shrink_by_erasure_only", "openings"),
    (broken.ForgetsSecondErasures, "what_was_acknowledged_outlives_the_store", "read"),
    (broken.ShowsErasedById, "openings_shrink_by_erasure_only", "entry"),
    (broken.ForgetsErasures, "what_was_acknowledged_outlives_the_store", "read"),
    (broken.ForgetsErasures, "a_redaction_outlives_the_store", "read"),
    (broken.MissesALabel, "every_label_leads_to_its_entries", "read"),
    (broken.FindsByPrefix, "a_label_is_no_other", "read"),
    (broken.ForgetsKeys, "keys_are_taken_once", "once"),
    (broken.GoesBackInTime, "recorded_at_never_decreases_and_marks_what_it_clamped", "append"),
    (broken.ComparesBeforeKeys, "of_several_reasons_to_refuse_an_erasure_the_first_is_told", "erase"),
    (broken.IgnoresConditionsOfErasures, "of_several_reasons_to_refuse_an_erasure_the_first_is_told", "erase"),
    (broken.IgnoresConditionsOfErasures, "a_redaction_that_is_refused_erases_nothing", "leftovers"),
    (broken.LooksForIdsFirst, "of_several_reasons_to_refuse_an_append_the_first_is_told", "append"),
    (broken.KeepsACopy, "what_was_erased_is_nowhere_any_more", "leftovers"),
    (broken.ShowsOldTiles, "tiles_are_those_of_the_hashes", "tile"),
    (broken.ShowsOldTiles, "proofs_hold_across_tiles", "tile_roots"),
    (broken.GivesOtherHashes, "the_root_is_that_of_the_leaves", "hashes"),
    (broken.GivesOtherHashes, "proofs_hold_at_every_size", "hashes"),
    (broken.GivesOtherHashes, "published_files_are_those_of_the_store", "hashes"),
    (broken.DropsOpeningsOfRestored, "restoring_keeps_everything", "read"),
    (broken.DropsOpeningsOfRestored, "a_bundle_makes_an_equal_store", "read"),
    (broken.KeepsHalfARestore, "a_failed_restore_leaves_nothing", "head"),
    (broken.KeepsHalfARestore, "a_damaged_bundle_leaves_nothing", "head"),
    (broken.TurnsWhatComes, "drafts_may_come_one_after_the_other", "entry"),
    (broken.KeepsWhatCame, "drafts_that_break_off_leave_nothing", "head"),
    (broken.TellsThreadsWrong, "threads_share_a_store", "read"),
    (broken.ListsALabelTooMany, "an_empty_store_has_the_empty_root", "labels"),
    (broken.ListsALabelTooMany, "labels_are_listed_by_prefix_and_size", "labels"),
    (broken.IgnoresTheSize, "pages_of_one_size_are_one_snapshot", "read"),
    (broken.IgnoresTheSize, "reading_is_filtering", "read"),
    (broken.GivesWhatIsAsked, "a_page_has_its_limit", "read"),
    (broken.DropsGroups, "a_query_has_room_for_many_groups", "read"),
    (broken.TakesIdsTwice, "ids_are_unique", "append"),
    (broken.TakesIdsTwice, "restoring_refuses_what_stands_twice", "restore"),
    (broken.TakesKeysTwice, "restoring_refuses_what_stands_twice", "restore"),
    (broken.ErasesTooMuch, "openings_shrink_by_erasure_only", "openings"),
    (broken.ErasesTooMuch, "a_redaction_erases_words_and_nothing_else", "read"),
    (broken.InventsOpenings, "a_bundle_without_words_keeps_every_hash", "openings"),
    (broken.SleepsOn, "a_wait_ends_when_the_log_grows", "append"),
    (broken.CannotBeStopped, "a_wait_can_be_stopped", "watch"),
    (broken.WorksInAFork, "a_fork_may_not_use_the_store", "once"),
    (broken.NeverCloses, "closed_is_closed", "append"),
]
"""A store, a clause that it breaks, and the call at which that shows."""


@pytest.mark.parametrize(("kind", "name", "call"), FAULTS, ids=lambda one: getattr(one, "__name__", one))
def test_a_planted_fault_is_found(kind: type[Kept], name: str, call: str) -> None:
    with pytest.raises(BrokenContractError) as caught:
        run(kind, name)
    error, said = caught.value, (getattr(StoreContract, f"test_{name}").__doc__ or "").splitlines()[0]
    assert error.clause == said.rstrip(".:")
    assert error.call.removeprefix("store 2: ").startswith(f"{call}(")
    assert error.history or "nothing was written" in str(error)
    for part in (error.clause, "found: ", error.call, *error.history[-1:]):
        assert part in str(error)


@pytest.mark.parametrize("name", sorted({name for _, name, _ in FAULTS}))
def test_a_sound_store_passes(name: str) -> None:
    run(Kept, name)


def test_every_fault_that_is_made_up_here_is_looked_for() -> None:
    planted = {one for one in vars(broken).values() if isinstance(one, type) and issubclass(one, Kept)} - {Kept}
    assert planted == {kind for kind, _, _ in FAULTS}


def test_every_clause_has_a_fault_that_it_finds() -> None:
    clauses = {name.removeprefix("test_") for name in dir(StoreContract) if name.startswith("test_")}
    assert clauses == {name for _, name, _ in FAULTS}


def test_what_is_told_of_a_broken_batch() -> None:
    with pytest.raises(BrokenContractError) as caught:
        run(broken.HalfBatches, "a_batch_is_placed_whole_or_not_at_all")
    lines = str(caught.value).splitlines()
    assert lines[0] == "A batch is placed whole or not at all"
    assert lines[1].startswith("  found: the head after a refused batch: expected Head(size=1, ")
    assert lines[2].startswith("  at the call: head() → Head(size=2, ")
    assert lines[3] == "  history:"
    assert lines[4].startswith("    1. append([Draft(id-")
    assert lines[4].partition(" → ")[2].startswith("positions 0 to 0 at 2016-11-15T09:00:00.000000Z, root ")
    assert lines[5].partition(" → ")[2].startswith("raised LeafTooLargeError: ")
    assert lines[6] == "    3. append([]) → raised InvalidValueError: there is nothing to record; where: drafts"


def test_what_a_store_has_not_is_told_before_any_clause() -> None:
    class Half:
        def append(self) -> None: ...

    class Contract(StoreContract):
        def make(self, clock: Clock) -> Store:
            return cast("Store", Half())

    with pytest.raises(InvalidValueError, match="no whole store") as caught, Contract().afresh():
        pass
    assert (caught.value.where, "append" in str(caught.value.found)) == ("Half", False)
    assert str(caught.value.found).startswith("no close, entry, erase, extend, hashes, head, labels")


def test_a_long_history_is_told_from_its_end() -> None:
    contract = contract_of(Kept)
    with contract.afresh() as store:
        for _ in range(20):
            with pytest.raises(Exception, match="nothing to record"):
                store.append([])
        error = BrokenContractError("said", contract.trace, StoreError("the disk is full"))
    assert len(error.history) == 12
    assert "    … 8 calls before\n    9. append([])" in str(error)
    assert "found: StoreError: the disk is full" in str(error)


def test_the_error_reaches_other_processes() -> None:
    with pytest.raises(BrokenContractError) as caught:
        run(broken.ForgetsKeys, "keys_are_taken_once")
    again = pickle.loads(pickle.dumps(caught.value))
    facts = ("clause", "history", "call", "args")
    assert [getattr(again, name) for name in facts] == [getattr(caught.value, name) for name in facts]
