"""From the words of a slot to what they mean: numbers, times, durations, quantities (docs/values.md).

Needs the extra `values` once a value is asked for; importing this room needs the standard library only.
"""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "finding": ["kinds_of_slots"],
        "kinds": ["KINDS", "LANGUAGES", "ValueSettingError"],
        "slot_values": ["SlotValues"],
        "value": ["Value"],
    },
)
