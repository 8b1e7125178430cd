"""An offer to bring data over, in words: both doors say the same, and the consent is to the same text."""

from __future__ import annotations

from models.application import answers
from models.application.reuse import Offer
from models.interview.carrying import CarriedField
from models.interview.wording import say
from models.office.masking import mask
from models.programme.fields import display
from models.programme.pack import Pack, Text

_NAMED = 2  # labels before 「等 N 项」


def question(offer: Offer, lang: str) -> str:
    """「您在《甲》里填过姓名、身份证号码等 12 项、3 张照片。要带到《乙》来吗？」"""
    return say("reuse.offer", lang, source=_short(offer.source), target=_short(offer.target), what=what(offer, lang))


def consent(offer: Offer, lang: str) -> str:
    """The text of the consent, in its version `reuse.CONSENT_VERSION`."""
    return say("reuse.consent", lang, source=_short(offer.source), target=_short(offer.target))


def what(offer: Offer, lang: str) -> str:
    """How much of what, in short."""
    labels = [one.ask.label for one in offer.fields]
    parts = [say("reuse.photos", lang, count=offer.page_count)] if offer.photos else []
    if len(labels) > _NAMED:
        parts.insert(0, say("reuse.many", lang, labels=labels[:_NAMED], count=len(labels)))
    else:
        parts[:0] = [label.get(lang) for label in labels]
    return ("、" if lang == "zh" else ", ").join(parts)


def lines(offer: Offer, lang: str) -> list[tuple[str, str]]:
    """Exactly what would be taken: labels with values, those that are kept encrypted masked."""
    sealed = answers.sensitive_keys(offer.target)
    own = answers.sensitive_keys(offer.source)
    shown = []
    for one in offer.fields:
        hide = one.ask.key in sealed or f"field:{one.source.id}" in own
        shown.append((one.ask.label.get(lang), _value(one, hide, lang)))
    for photo in offer.photos:
        shown.append((photo.label.get(lang), say("reuse.photos", lang, count=len(photo.pages))))
    return shown


def _value(one: CarriedField, hide: bool, lang: str) -> str:
    if one.ask.kind == "rows":
        return say("reuse.rows", lang, count=len(one.value))
    text = display(one.ask, one.value, lang)
    return mask(one.ask.kind, text) if hide else text


def _short(pack: Pack) -> Text:
    return pack.programme.short
