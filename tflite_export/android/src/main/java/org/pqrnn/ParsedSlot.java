package org.pqrnn;

/** A slot in the caller's text. */
public final class ParsedSlot {
    private final String name;
    private final int start;
    private final int end;
    private final String text;
    private final ParsedIntent nested;

    ParsedSlot(String name, int start, int end, String text, ParsedIntent nested) {
        this.name = name;
        this.start = start;
        this.end = end;
        this.text = text;
        this.nested = nested;
    }

    /** Slot name, without {@code SL:}. */
    public String name() {
        return name;
    }

    /** Where the slot's first word begins, in UTF-16 units (chars) of the text. */
    public int start() {
        return start;
    }

    /** Behind the slot's last word, in UTF-16 units (chars) of the text. */
    public int end() {
        return end;
    }

    /** {@code text.substring(start, end)} of the utterance. */
    public String text() {
        return text;
    }

    /** The intent that stands in the slot, with slots of its own; null in a slot of words. */
    public ParsedIntent nested() {
        return nested;
    }

    @Override
    public String toString() {
        return name + "[" + start + "," + end + ")=" + (nested == null ? text : nested);
    }
}
