package org.pqrnn;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * The words of names and of texts in which names are looked for, by the rules of
 * {@code pqrnn_tf/runtime/entity_words.py}.
 */
final class EntityWords {
    static final int ENDING_OF_TEXT = 3;
    static final int ENDING_OF_NAME = 2;
    private static final int COMPARED = 8;
    private static final int VERSION = 2;
    private static final int LETTER = 1;
    private static final int DIGIT = 2;
    private static final int PUNCTUATION = 3;
    private static final int MARK = 4;
    private static final int ALONE = 5;
    // Absolute: a shrinker may give this class another package.
    private static final String TABLE = "/org/pqrnn/unicode_v1.json";
    private static final Map<Integer, String> SPELT = new HashMap<>();

    static {
        String[] spelt = {
            "ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ł", "l", "ı", "i", "ς", "σ"};
        for (int i = 0; i < spelt.length; i += 2) {
            SPELT.put(spelt[i].codePointAt(0), spelt[i + 1]);
        }
    }

    /** The tables, read when they are first needed. */
    private static final class Tables {
        static final int[][] CLASSES;
        static final int[][] LOWER;

        static {
            try (InputStream stream = EntityWords.class.getResourceAsStream(TABLE)) {
                if (stream == null) {
                    throw new IllegalStateException("The resource " + TABLE + " of this library is "
                            + "missing. Keep the resources of its jar in the app.");
                }
                JSONObject table = new JSONObject(
                        new String(ModelFile.readAll(stream), StandardCharsets.UTF_8));
                CLASSES = rows(table.getJSONArray("classes"));
                LOWER = rows(table.getJSONArray("lower"));
            } catch (IOException | JSONException error) {
                throw new IllegalStateException("The resource " + TABLE + " of this library is "
                        + "damaged: " + error.getMessage(), error);
            }
        }

        private static int[][] rows(JSONArray values) throws JSONException {
            int[][] rows = new int[values.length()][];
            for (int i = 0; i < rows.length; i++) {
                JSONArray row = values.getJSONArray(i);
                rows[i] = new int[row.length()];
                for (int k = 0; k < rows[i].length; k++) {
                    rows[i][k] = row.getInt(k);
                }
            }
            return rows;
        }
    }

    private EntityWords() {}

    /** A word of a text: the chars of the caller's text that it stands in, and the word, folded. */
    static final class Word {
        final int start;
        final int end;
        final int[] points;

        Word(int start, int end, int[] points) {
            this.start = start;
            this.end = end;
            this.points = points;
        }
    }

    /**
     * The tokens of a folded text as the projection has them, without its limits on length.
     *
     * @param segmentation that of the projection: {@code unicode}, {@code words} or {@code spaces}
     * @return for each the place of its first code point, that behind its last one, and its kind, which is
     *     that of what it begins with; a mark is a letter there
     */
    private static List<int[]> tokens(int[] points, String segmentation) {
        List<int[]> tokens = new ArrayList<>();
        int previous = 0;
        for (int i = 0; i < points.length; i++) {
            int kind = kindOf(points[i]);
            boolean begins = kind != 0
                    && (kind != previous || kind == PUNCTUATION || kind == ALONE);
            if (kind == ALONE && segmentation.equals("words")) {
                begins = previous != ALONE;
            }
            if (kind == MARK) {
                begins = previous == 0;
                kind = begins ? LETTER : previous;
            }
            if (segmentation.equals("spaces")) {
                begins = kind != 0 && previous == 0;
            }
            if (begins) {
                tokens.add(new int[] {i, i + 1, kind});
            } else if (kind != 0) {
                tokens.get(tokens.size() - 1)[1] = i + 1;
            }
            previous = kind;
        }
        return tokens;
    }

    /** The tokens of a text as a model has them: start and end of each in chars. */
    static int[] spansOf(Folding.Folded folded, String segmentation) {
        List<int[]> tokens = tokens(folded.points, segmentation);
        int[] spans = new int[2 * tokens.size()];
        for (int i = 0; i < tokens.size(); i++) {
            spans[2 * i] = folded.starts[tokens.get(i)[0]];
            spans[2 * i + 1] = folded.ends[tokens.get(i)[1] - 1];
        }
        return spans;
    }

    /** The words of a text: the tokens of the projection, except punctuation. */
    static List<Word> wordsOf(String text) {
        Folding.Folded folded = Folding.ofVersion(VERSION).fold(text);
        List<Word> words = new ArrayList<>();
        for (int[] token : tokens(folded.points, "unicode")) {
            if (token[2] != PUNCTUATION) {
                words.add(new Word(folded.starts[token[0]], folded.ends[token[1] - 1],
                        Arrays.copyOfRange(folded.points, token[0], token[1])));
            }
        }
        return words;
    }

    /** The row with the last beginning that is not above a code point; null if there is none. */
    private static int[] rowOf(int[][] rows, int point) {
        int low = 0;
        int high = rows.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rows[middle][0] <= point) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? null : rows[low - 1];
    }

    static int kindOf(int point) {
        int[] row = rowOf(Tables.CLASSES, point);
        return row == null ? 0 : row[2];
    }

    /** Whether a code point is a letter or digit, also one that is a token by itself. */
    static boolean isLetterOrDigit(int point) {
        int kind = kindOf(point);
        return kind == LETTER || kind == DIGIT || kind == ALONE;
    }

    private static boolean isAccent(int kind) {
        return kind == 7 || (10 <= kind && kind <= 35) || (200 <= kind && kind <= 240);
    }

    /** What a whole name is compared by: the keys of its words, and the name itself where it has none. */
    static String keyOfName(String name) {
        StringBuilder key = new StringBuilder();
        for (Word word : wordsOf(name)) {
            key.append(key.length() == 0 ? "" : " ").append(text(keyOf(word.points)));
        }
        return key.length() == 0 ? name : key.toString();
    }

    /** What a word is compared by: lower case, without accents. */
    static int[] keyOf(int[] word) {
        StringBuilder key = new StringBuilder();
        Folding folding = Folding.ofVersion(VERSION);
        for (int given : word) {
            int point = given;
            int[] row = rowOf(Tables.LOWER, point);
            if (row != null && point <= row[1] && (point - row[0]) % row[2] == 0) {
                point += row[3];
            }
            for (int[] two = folding.decomposed(point); two != null;
                    two = folding.decomposed(point)) {
                if (!isAccent(folding.combining(two[1]))) {
                    break;
                }
                point = two[0];
            }
            if (isAccent(folding.combining(point))) {
                continue;
            }
            String spelt = SPELT.get(point);
            if (spelt == null) {
                key.appendCodePoint(point);
            } else {
                key.append(spelt);
            }
        }
        return key.length() == 0 ? word : CodePoints.of(key.toString());
    }

    static String text(int[] key) {
        return new String(key, 0, key.length);
    }

    /** Whether a word has endings and typing errors: one of letters, not a number. */
    static boolean isOfLetters(int[] key) {
        return key.length > 1 && hasLetters(key);
    }

    /** Whether a word is of letters, one or several, that are not a token each. */
    static boolean hasLetters(int[] key) {
        int kind = kindOf(key[0]);
        return kind == LETTER || kind == MARK;
    }

    /** Whether two words differ in their endings only. */
    static boolean isInflected(int[] text, int[] name) {
        int common = 0;
        while (common < text.length && common < name.length && text[common] == name[common]) {
            common++;
        }
        if (common < 3) {
            return false;
        }
        int ofText = common == 3 ? 1 : common == 4 ? 2 : ENDING_OF_TEXT;
        int ofName = common == 3 ? 0 : common == 4 ? 1 : ENDING_OF_NAME;
        return text.length - common <= ofText && name.length - common <= ofName;
    }

    /** What a word of a name may be cut to. */
    static List<String> stemsOf(int[] word) {
        List<String> stems = new ArrayList<>();
        int shortest = word.length <= 3 ? 3 : Math.max(4, word.length - ENDING_OF_NAME);
        for (int length = shortest; length <= word.length; length++) {
            stems.add(new String(word, 0, length));
        }
        return stems;
    }

    static int allowedErrors(int[] one, int[] other) {
        int shorter = Math.min(one.length, other.length);
        return shorter < 4 ? 0 : shorter < 8 ? 1 : 2;
    }

    /** The optimal string alignment distance. */
    static int typingErrors(int[] a, int[] b) {
        int[] before = new int[0];
        int[] last = new int[b.length + 1];
        for (int j = 0; j < last.length; j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length; i++) {
            int[] row = new int[b.length + 1];
            row[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int same = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + same);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            before = last;
            last = row;
        }
        return last[b.length];
    }

    /** The beginning of a word, and what is left where up to some letters are left out. */
    static Set<String> withLettersLeftOut(int[] word, int errors) {
        Set<String> found = new HashSet<>();
        List<int[]> last = new ArrayList<>();
        last.add(Arrays.copyOf(word, Math.min(word.length, COMPARED)));
        found.add(text(last.get(0)));
        for (int n = 0; n < errors; n++) {
            List<int[]> next = new ArrayList<>();
            for (int[] part : last) {
                for (int i = 0; i < part.length; i++) {
                    int[] left = new int[part.length - 1];
                    System.arraycopy(part, 0, left, 0, i);
                    System.arraycopy(part, i + 1, left, i, left.length - i);
                    if (found.add(text(left))) {
                        next.add(left);
                    }
                }
            }
            last = next;
        }
        return found;
    }
}
