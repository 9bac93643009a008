package org.pqrnn;

/**
 * Names and words as they stand in a tree, by the rules of {@code pqrnn_tf/runtime/trees.py}: brackets
 * and backslashes have a backslash before them, white space is written as its code point.
 */
final class TreeText {
    private TreeText() {}

    /** Adds a name or word so that it has no bracket of the tree and no white space. */
    static void append(StringBuilder tree, String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i); // all of these characters are one unit
            if (unit == '[' || unit == ']' || unit == '\\') {
                tree.append('\\').append(unit);
            } else if (CharacterTable.WHITE_SPACE.contains(unit)) {
                tree.append("\\u{").append(Integer.toHexString(unit)).append('}');
            } else {
                tree.append(unit);
            }
        }
    }

    /** What was written; a backslash before anything else stands for itself. */
    static String unescape(String text) {
        StringBuilder result = new StringBuilder();
        int position = 0;
        while (position < text.length()) {
            char unit = text.charAt(position++);
            if (unit == '\\' && position < text.length()) {
                char next = text.charAt(position);
                int end = hexadecimalEnd(text, position);
                if (next == '[' || next == ']' || next == '\\') {
                    unit = next;
                    position++;
                } else if (end > 0) {
                    unit = (char) Integer.parseInt(text.substring(position + 2, end), 16);
                    position = end + 1;
                }
            }
            result.append(unit);
        }
        return result.toString();
    }

    /** Where the brace closes after one to four digits, of a text that goes on so; else -1. */
    private static int hexadecimalEnd(String text, int position) {
        int end = position + 2;
        if (!text.startsWith("u{", position)) {
            return -1;
        }
        while (end < text.length() && end < position + 6
                && "0123456789abcdefABCDEF".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        return end > position + 2 && end < text.length() && text.charAt(end) == '}' ? end : -1;
    }
}
