import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.application import lifecycle
from models.application.lifecycle import EVENTS, NEW, STATUSES, TRANSITIONS, reduce, step
from models.errors import IllegalTransition
from models.interview import wording

ENDED = ("withdrawn", "declined", "removed", "deleted")


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_any_sequence_is_either_a_path_of_the_table_or_refused_where_it_leaves_it(events):
    status = NEW
    for event in events:
        if (status, event) not in TRANSITIONS:
            with pytest.raises(IllegalTransition) as caught:
                reduce(events)
            assert (caught.value.status, caught.value.event) == (status, event)
            return
        status = TRANSITIONS[status, event]
    assert reduce(events) == status


@given(st.data())
def test_a_legal_walk_obeys_what_the_programme_promises(data):
    status, walked = NEW, []
    for _ in range(data.draw(st.integers(1, 10))):
        choices = [event for event in EVENTS if lifecycle.allows(status, event)]
        if not choices:
            break
        event = data.draw(st.sampled_from(choices))
        status = step(status, event)
        walked.append(event)
    assert walked[0] == "started"
    assert walked.count("started") == 1
    assert walked.count("submitted") <= 1  # later hand-ins are corrections
    assert "deleted" not in walked[:-1]  # nothing happens to what is gone
    assert not {"approved", "declined"} & set(walked) or "submitted" in walked
    assert walked.count("declined") <= 1
    assert "removed" not in walked or "admitted" in walked[: walked.index("removed")]
    assert not {"reported", "admitted"} & set(walked) or "approved" in walked
    assert status in STATUSES


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (["started"], "draft"),
        (["started", "submitted", "checked"], "submitted"),
        (["started", "submitted", "items_returned", "corrected", "approved"], "approved"),
        (["started", "submitted", "declined"], "declined"),
        (["started", "withdrawn"], "withdrawn"),
        (["started", "submitted", "items_returned", "withdrawn", "deleted"], "deleted"),
        (["started", "submitted", "approved", "consent_withdrawn"], "withdrawn"),
        (["started", "submitted", "approved", "reported", "admitted", "changed", "removed"], "removed"),
        (["started", "submitted", "approved", "reported", "reported", "bundle_sent_back"], "reported"),
        (["started", "submitted", "approved", "reported", "report_sent_back", "items_returned"], "returned"),
        (["started", "submitted", "approved", "reported", "report_sent_back", "rerouted"], "approved"),
        (["started", "submitted", "approved", "admitted"], "admitted"),  # without a reporting step
        (["started", "submitted", "approved", "reported", "declined"], "declined"),
        (["started", "submitted", "approved", "admitted", "consent_withdrawn"], "withdrawn"),
    ],
)
def test_the_paths_of_the_design(events, status):
    assert reduce(events) == status


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("submitted", "reported"),  # not before the unit has passed it
        ("submitted", "admitted"),
        ("reported", "rerouted"),  # it has to be sent back first
        ("reported", "items_returned"),
        ("admitted", "reported"),
        ("admitted", "purged"),  # kept for as long as somebody is in the registry
        ("removed", "admitted"),
        ("reported", "withdrawn"),  # like an approved one: consent may be taken back
    ],
)
def test_what_the_chain_does_not_allow(status, event):
    with pytest.raises(IllegalTransition):
        step(status, event)


def test_who_is_in_the_chain_occupies_the_one_place_and_is_a_row_of_the_workbook():
    assert lifecycle.PASSED < lifecycle.LIVE
    assert lifecycle.PASSED < lifecycle.COUNTED < lifecycle.LIVE
    assert "removed" not in lifecycle.LIVE


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_ended_is_never_left_but_for_deletion(status):
    if status in ENDED:
        later = {target for (source, _), target in TRANSITIONS.items() if source == status}
        assert later <= {status, "deleted"}


@pytest.mark.parametrize("key", [f"status.{s}" for s in STATUSES] + [f"timeline.{e}" for e in EVENTS if e != "checked"])
def test_every_status_and_event_can_be_said(key):
    text = wording.text(key)
    assert text.zh and text.en
