import threading

from omnibind_ros.pipeline.inbox import Arrival, Inbox


def arrival(message: object) -> Arrival:
    return Arrival(message, 0, 0.0)


def test_an_inbox_for_frames_keeps_the_newest_and_counts_the_rest() -> None:
    inbox = Inbox(1)
    for number in range(5):
        inbox.put(arrival(number))
    assert [one.message for one in inbox.take_all()] == [4]
    assert inbox.dropped == 4


def test_an_inbox_for_streams_keeps_their_order_up_to_its_bound() -> None:
    inbox = Inbox(3)
    for number in range(5):
        inbox.put(arrival(number))
    assert len(inbox) == 3
    assert [one.message for one in inbox.take_all()] == [2, 3, 4]
    assert inbox.dropped == 2


def test_what_was_taken_is_gone_and_no_drop() -> None:
    inbox = Inbox(1)
    inbox.put(arrival("a"))
    inbox.take_all()
    inbox.put(arrival("b"))
    assert [one.message for one in inbox.take_all()] == ["b"]
    assert inbox.take_all() == []
    assert inbox.dropped == 0


def test_nothing_is_lost_uncounted_between_two_threads() -> None:
    inbox = Inbox(10)
    sent = 5000
    taken = 0
    sender = threading.Thread(target=lambda: [inbox.put(arrival(number)) for number in range(sent)])
    sender.start()
    while sender.is_alive():
        taken += len(inbox.take_all())
    sender.join()
    taken += len(inbox.take_all())
    assert taken + inbox.dropped == sent


def test_what_was_postponed_may_be_replaced_without_being_a_drop() -> None:
    inbox = Inbox(1)
    assert inbox.postpone() is None
    for number in range(3):
        inbox.put(Arrival(number, 0, 0))
        newest = inbox.postpone()
        assert newest is not None
        assert newest.message == number
    assert inbox.dropped == 0
    inbox.put(Arrival(3, 0, 0))
    inbox.put(Arrival(4, 0, 0))
    assert inbox.dropped == 1
    assert [arrival.message for arrival in inbox.take_all()] == [4]
