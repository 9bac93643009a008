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

    /** The code points that a model is given, and where each begins in the text, in UTF-16 units. */
    static final class Fitted {
        final int[] points;
        final int[] offsets; // and behind the last one where it ends

        private Fitted(int[] points, int[] offsets) {
            this.points = points;
            this.offsets = offsets;
        }
    }

    /**
     * Makes the most of a model's buffer, by the rules of {@code pqrnn_tf/runtime/text.py}: in a text that
     * has no fewer code points than the buffer, white space before the first word is left out, and of each
     * other run only the first code point is kept. That changes no token.
     */
    static Fitted fit(String text, int length) {
        Fitted whole = fit(text, length, false);
        return whole.points.length == length ? fit(text, length, true) : whole;
    }

    private static Fitted fit(String text, int length, boolean squeezed) {
        int[] points = new int[Math.min(length, text.length())];
        int[] offsets = new int[points.length + 1];
        int count = 0;
        boolean behindSpace = true;
        int point;
        for (int i = 0; i < text.length() && count < points.length; i += Character.charCount(point)) {
            point = text.codePointAt(i);
            boolean space = CharacterTable.TOKEN_SPACE.contains(point);
            if (!(squeezed && space && behindSpace)) {
                points[count] = point;
                offsets[count++] = i;
                offsets[count] = i + Character.charCount(point);
            }
            behindSpace = space;
        }
        return new Fitted(Arrays.copyOf(points, count), Arrays.copyOf(offsets, count + 1));
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
