"""What the encrypted parts of a conversation are bound to: each opens only in its own place."""

from __future__ import annotations


def came_bound_to(inbound_id: str) -> str:
    """What came (`Inbound.sealed`)."""
    return f"inbound:{inbound_id}"


def reply_bound_to(inbound_id: str) -> str:
    """The rendered reply (`Inbound.reply`)."""
    return f"inbound:{inbound_id}:reply"


def state_bound_to(conversation_id: str) -> str:
    """What a person has typed so far, as base64 inside `Conversation.state`."""
    return f"conversation:{conversation_id}:state"
