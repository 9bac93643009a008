package org.pqrnn;

import java.util.Arrays;

/** Strings of UTF-16 units as code points. */
final class CodePoints {
    private static final int REPLACEMENT = 0xfffd;

    private CodePoints() {}

    /** The first code points of a text, at most {@code limit}; a lone surrogate is itself. */
    static int[] of(String text, int limit) {
        int[] points = new int[Math.min(limit, text.length())];
        int count = 0;
        for (int i = 0; i < text.length() && count < points.length; count++) {
            points[count] = text.codePointAt(i);
            i += Character.charCount(points[count]);
        }
        return Arrays.copyOf(points, count);
    }

    /** Where each code point begins, in UTF-16 units, and where the last one ends. */
    static int[] offsets(int[] points) {
        int[] offsets = new int[points.length + 1];
        for (int i = 0; i < points.length; i++) {
            offsets[i + 1] = offsets[i] + Character.charCount(points[i]);
        }
        return offsets;
    }

    /** A buffer of a model: U+FFFD in place of lone surrogates, 0 after the end. */
    static int[] buffer(int[] points, int length) {
        int[] buffer = Arrays.copyOf(points, length);
        for (int i = 0; i < length; i++) {
            if (buffer[i] >= 0xd800 && buffer[i] < 0xe000) {
                buffer[i] = REPLACEMENT;
            }
        }
        return buffer;
    }

    /** Whether a text has no token from a position (in UTF-16 units) on. */
    static boolean isOnlySpace(String text, int from) {
        int point;
        for (int i = from; i < text.length(); i += Character.charCount(point)) {
            point = text.codePointAt(i);
            if (!CharacterTable.TOKEN_SPACE.contains(point)) {
                return false;
            }
        }
        return true;
    }

    /** About how many tokens there are: good enough to guess which signature has room. */
    static int guessTokens(int[] points) {
        int tokens = 0;
        int before = 0;
        for (int point : points) {
            int kind = 3;
            if (CharacterTable.TOKEN_SPACE.contains(point)) {
                kind = 0;
            } else if (Character.isLetter(point)) {
                kind = 1;
            } else if (CharacterTable.DECIMALS.contains(point)) {
                kind = 2;
            } else if (!CharacterTable.SYMBOLS.contains(point)) {
                kind = before; // marks stay with what they follow
            }
            if (kind != 0 && (kind != before || kind == 3)) {
                tokens++;
            }
            before = kind;
        }
        return tokens;
    }
}
