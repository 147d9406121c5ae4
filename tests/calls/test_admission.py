from vxmlplat.calls.admission import Admission


def test_a_licence_is_given_back_once() -> None:
    admission = Admission(2)
    first, second = admission.take(), admission.take()
    assert first is not None
    assert second is not None
    assert admission.take() is None
    first()
    first()
    assert admission.in_use == 1
    assert admission.take() is not None
    assert admission.take() is None
    assert (admission.counts.admitted, admission.counts.refused, admission.counts.peak) == (3, 2, 2)


def test_a_busy_platform_takes_nobody_until_it_has_caught_up() -> None:
    admission = Admission(2)
    admission.note_turn(2.0)  # one long turn is no overload
    assert admission.take() is not None
    for _ in range(3):
        admission.note_turn(2.0)
    assert admission.overloaded
    assert admission.take() is None
    assert (admission.counts.refused, admission.counts.overloaded, admission.in_use) == (1, 1, 1)
    for _ in range(8):
        admission.note_turn(0.01)
    assert admission.take() is not None


def test_a_busy_media_process_takes_no_further_call() -> None:
    admission = Admission(2)
    for _ in range(20):
        admission.note_media(0.85)
    assert admission.take() is not None
    for _ in range(20):
        admission.note_media(1.0)
    assert admission.take() is None
    assert admission.counts.overloaded == 1
    admission.note_media(0.3)
    assert admission.take() is not None


def test_a_draining_platform_takes_nobody() -> None:
    admission = Admission(2)
    admission.draining = True
    assert admission.take() is None
