package org.pqrnn;

/** A slot in the caller's text. */
public final class ParsedSlot {
    private final String name;
    private final int start;
    private final int end;
    private final String text;

    ParsedSlot(String name, int start, int end, String text) {
        this.name = name;
        this.start = start;
        this.end = end;
        this.text = text;
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

    @Override
    public String toString() {
        return name + "[" + start + "," + end + ")=" + text;
    }
}
