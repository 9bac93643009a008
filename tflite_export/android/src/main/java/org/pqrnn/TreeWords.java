package org.pqrnn;

import java.util.ArrayList;
import java.util.List;

/** Splits text into words as the trees of MTOP do: {@code 7pm} → {@code 7 pm}. */
final class TreeWords {
    private TreeWords() {}

    static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        int[] points = CodePoints.of(text);
        int position = 0;
        while (position < points.length) {
            int start = position;
            while (position < points.length && !CharacterTable.WHITE_SPACE.contains(points[position])) {
                position++;
            }
            if (position > start) {
                addChunk(points, start, position, words);
            }
            position++;
        }
        return words;
    }

    private static void addChunk(int[] points, int start, int end, List<String> words) {
        int front = start;
        int back = end;
        while (front < end - 1 && isSymbol(points[front]) && !keepsFront(points, front, end)) {
            front++;
        }
        while (back > front + 1 && isSymbol(points[back - 1])) {
            back--;
        }
        addEach(points, start, front, words);
        boolean possessive = back - front >= 3 && isPossessive(points, back - 2);
        addParts(points, front, possessive ? back - 2 : back, words);
        if (possessive) {
            words.add(new String(points, back - 2, 2));
        }
        addEach(points, back, end, words);
    }

    private static void addEach(int[] points, int start, int end, List<String> words) {
        for (int i = start; i < end; i++) {
            words.add(new String(points, i, 1));
        }
    }

    /** Splits {@code 12:30pm} into {@code 12 : 30 pm}. */
    private static void addParts(int[] points, int start, int end, List<String> words) {
        int position = start;
        while (position < end) {
            int next = position;
            while (next < end && CharacterTable.DECIMALS.contains(points[next])) {
                next++;
            }
            if (next == position || !isHalfOfDay(points, next, end)) {
                next = position;
                while (next < end && !isSeparator(points[next])) {
                    next++;
                }
                next = Math.max(next, position + 1);
            }
            words.add(new String(points, position, next - position));
            position = next;
        }
    }

    private static boolean isHalfOfDay(int[] points, int position, int end) {
        return end - position == 2
                && "aApP".indexOf(points[position]) >= 0
                && "mM".indexOf(points[position + 1]) >= 0;
    }

    private static boolean isSeparator(int point) {
        return point == ':' || point == '/' || point == ',' || point == '-';
    }

    private static boolean isPossessive(int[] points, int position) {
        int last = points[position + 1];
        // The long s is a form of the same letter.
        return isApostrophe(points[position]) && (last == 's' || last == 'S' || last == 0x17f);
    }

    private static boolean isApostrophe(int point) {
        return point == '\'' || point == 0x2019;
    }

    private static boolean isSymbol(int point) {
        return point != '_' && CharacterTable.SYMBOLS.contains(point);
    }

    private static boolean keepsFront(int[] points, int front, int end) {
        int first = points[front];
        return first == '#' || first == '@' || first == '$'
                || (end - front == 2 && isApostrophe(first)
                        && (points[front + 1] == 's' || points[front + 1] == 'S'));
    }
}
