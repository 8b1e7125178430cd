"""What the platform's codes mean for a send. Pure.

Source: 全局错误码 (90313) and the event 消息发送失败 (94670). Whatever is not listed is a message that the platform
does not take, which trying again would not change.
"""

from __future__ import annotations

from bot_adapter.messages import Problem, SendResult

_PROBLEMS: dict[int, Problem] = {
    -1: "transient",  # busy
    6000: "transient",  # somebody changed the same at once
    45009: "throttled",  # too many calls
    45033: "throttled",  # too many at once
    95001: "window_closed",  # five messages since the person's last
    95002: "window_closed",  # 48 hours since the person's last
    95013: "window_closed",  # the conversation has been ended
    95018: "window_closed",  # a member of staff talks to the person, or it has ended
    **dict.fromkeys((40001, 40013, 40014, 41001, 42001), "config"),  # secret, enterprise, token
    **dict.fromkeys((48002, 60011, 60020), "config"),  # no right to this call, or not from this address
    **dict.fromkeys((95000, 95004, 95011, 95012, 95017), "config"),  # the account: none such, not ours, switched off
}
_WAIT = 60.0  # seconds; the platform counts calls by the minute and does not say how long to wait

_FAILURES: dict[int, Problem] = {
    1: "config",  # the account was deleted
    2: "config",  # the application was switched off
    4: "window_closed",  # 48 hours are over
    5: "window_closed",  # the conversation has been ended
    6: "window_closed",  # more than five
    8: "config",  # the enterprise is not verified
    10: "blocked",  # the person takes nothing more
    11: "config",  # nobody of the enterprise has signed in to WeCom
}


def refused(code: int, words: str, msgid: str) -> SendResult:
    """The result of a send that was answered by an error code.

    A `msgid` that the account has had is refused, by a code that is not documented and words that name it: then the
    message went out before, by an attempt whose answer we did not get.
    """
    if code not in _PROBLEMS and "msgid" in words.lower():
        return SendResult.sent(msgid)
    problem = _PROBLEMS.get(code, "rejected")
    return SendResult.problem(problem, str(code), _WAIT if problem == "throttled" else None)


def undelivered(fail_type: int) -> Problem:
    """Why a message that had been taken did not arrive."""
    return _FAILURES.get(fail_type, "rejected")
