package org.pqrnn;

import java.util.Arrays;

/** Strings of UTF-16 units as code points. */
final class CodePoints {
    private static final int REPLACEMENT = 0xfffd;

    private CodePoints() {}

    /** The code points of a text; a lone surrogate is itself. */
    static int[] of(String text) {
        int[] points = new int[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); count++) {
            points[count] = text.codePointAt(i);
            i += Character.charCount(points[count]);
        }
        return Arrays.copyOf(points, count);
    }

    /** The code points that a model is given, and the chars of the text that each was made from. */
    static final class Fitted {
        final int[] points;
        final boolean more; // whether words of the text are not in the buffer
        private final int[] starts;
        private final int[] ends;

        private Fitted(int[] points, int[] starts, int[] ends, boolean more) {
            this.points = points;
            this.starts = starts;
            this.ends = ends;
            this.more = more;
        }

        /** Where a token begins in the text. */
        int start(int token, int[] spans) {
            return starts[spans[2 * token]];
        }

        /** Behind a token in the text. */
        int end(int token, int[] spans) {
            return ends[spans[2 * token + 1] - 1];
        }
    }

    /**
     * Makes the most of a model's buffer, by the rules of {@code pqrnn_tf/runtime/text.py}: in a text that
     * has no fewer code points than the buffer when it is folded, white space before the first word is
     * left out, and of each other run only the first code point is kept. That changes no token.
     */
    static Fitted fit(Folding.Folded text, int length) {
        if (text.points.length < length) {
            return new Fitted(text.points, text.starts, text.ends, false);
        }
        int[] points = new int[length];
        int[] starts = new int[length];
        int[] ends = new int[length];
        int count = 0;
        boolean behindSpace = true;
        int position = 0;
        for (; position < text.points.length && count < length; position++) {
            boolean space = CharacterTable.TOKEN_SPACE.contains(text.points[position]);
            if (!(space && behindSpace)) {
                points[count] = text.points[position];
                starts[count] = text.starts[position];
                ends[count++] = text.ends[position];
            }
            behindSpace = space;
        }
        boolean more = false;
        for (; position < text.points.length; position++) {
            more |= !CharacterTable.TOKEN_SPACE.contains(text.points[position]);
        }
        return new Fitted(Arrays.copyOf(points, count), starts, ends, more);
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
