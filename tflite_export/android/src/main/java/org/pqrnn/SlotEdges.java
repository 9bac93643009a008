package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * Punctuation at the edges of a slot: what belongs to it there, by the rules of
 * {@code pqrnn_tf/runtime/slot_edges.py}.
 */
final class SlotEdges {
    private static final List<String> BESIDE =
            Arrays.asList("word", "letter", "number", "mark", "nothing");
    private static final String BEFORE_NUMBER = "+-±$€£¥₹₩฿";
    private static final String BEHIND_NUMBER = "+%‰°$€£¥₹₩฿";
    private static final String OPENING = "([{【《〈\"'";
    private static final String CLOSING = ")]}】》〉\"'";
    private static final int VERSION = 2; // of what is folded
    private static final int LETTER = 1;
    private static final int DIGIT = 2;
    private static final int PUNCTUATION = 3;
    private static final int MARK = 4;

    private final Map<String, String> begins;
    private final Map<String, String> ends;

    private SlotEdges(Map<String, String> begins, Map<String, String> ends) {
        this.begins = begins;
        this.ends = ends;
    }

    /**
     * Reads the field {@code edges} of labels.
     *
     * @throws LabelException if it is not as it must be
     */
    static Map<String, SlotEdges> fromJson(JSONObject values) throws JSONException {
        Map<String, SlotEdges> edges = new HashMap<>();
        for (Iterator<?> names = values.keys(); names.hasNext(); ) {
            String name = (String) names.next();
            JSONObject of = values.getJSONObject(name);
            for (Iterator<?> sides = of.keys(); sides.hasNext(); ) {
                Object side = sides.next();
                if (!"begins".equals(side) && !"ends".equals(side)) {
                    throw new LabelException("The edges of a slot have the fields `begins` and `ends`. "
                            + "Received: \"" + side + "\".");
                }
            }
            edges.put(name, new SlotEdges(marks(of, "begins"), marks(of, "ends")));
        }
        return Collections.unmodifiableMap(edges);
    }

    private static Map<String, String> marks(JSONObject of, String side) throws JSONException {
        Map<String, String> marks = new HashMap<>();
        JSONObject values = of.has(side) ? of.getJSONObject(side) : new JSONObject();
        for (Iterator<?> kinds = values.keys(); kinds.hasNext(); ) {
            String kind = (String) kinds.next();
            if (!BESIDE.contains(kind)) {
                throw new LabelException("`" + side + "` of the edges of a slot must map some of "
                        + BESIDE + " to strings of marks. Received: \"" + kind + "\".");
            }
            marks.put(kind, values.getString(kind));
        }
        return marks;
    }

    /** What the rule knows of a token. */
    static final class Token {
        final String first; // outermost characters, folded, without combining marks behind them
        final String last;
        final boolean isMark; // punctuation only
        final String before; // what it is to a mark before it
        final String behind; // and behind it

        Token(String text) {
            List<Integer> points = new ArrayList<>();
            int only = -1;
            boolean beginsWithMark = false;
            boolean same = true;
            int[] folded = Folding.ofVersion(VERSION).fold(text).points;
            for (int i = 0; i < folded.length; i++) {
                int kind = EntityWords.kindOf(folded[i]);
                if (kind == MARK) {
                    beginsWithMark |= i == 0;
                } else {
                    same &= only < 0 || only == kind;
                    only = kind;
                    points.add(folded[i]);
                }
            }
            isMark = same && only == PUNCTUATION && !beginsWithMark;
            first = points.isEmpty() ? "" : string(points.get(0));
            last = points.isEmpty() ? "" : string(points.get(points.size() - 1));
            before = points.isEmpty() ? "word" : beside(points.get(0), points.size());
            behind = points.isEmpty()
                    ? "word" : beside(points.get(points.size() - 1), points.size());
        }

        private static String string(int point) {
            return new String(Character.toChars(point));
        }

        private static String beside(int point, int length) {
            int kind = EntityWords.kindOf(point);
            return kind == PUNCTUATION ? "mark" : kind == DIGIT ? "number"
                    : kind == LETTER && length == 1 ? "letter" : "word";
        }
    }

    /**
     * The half-open range of the tokens of a slot that stay in it.
     *
     * @param tokens all tokens of the slot
     * @param touches for each whether it stands directly behind the one before it
     * @return the range; empty where nothing stays
     */
    int[] kept(List<Token> tokens, boolean[] touches) {
        int first = 0;
        int last = tokens.size();
        while (first < last && tokens.get(first).isMark && !begins(tokens, touches, first)) {
            first++;
        }
        while (first < last && tokens.get(last - 1).isMark
                && !ends(tokens, touches, first, last)) {
            last--;
        }
        return first < last ? new int[] {first, last} : new int[] {0, 0};
    }

    /** Whether the mark at a place belongs to the slot, which begins with it. */
    private boolean begins(List<Token> tokens, boolean[] touches, int first) {
        String mark = tokens.get(first).first;
        List<Token> inside = tokens.subList(first + 1, tokens.size());
        String beside = inside.isEmpty() ? "nothing" : inside.get(0).before;
        if (has(begins, beside, mark)) {
            return true;
        }
        if (beside.equals("number") && BEFORE_NUMBER.contains(mark) && touches[first + 1]) {
            return true;
        }
        if (!OPENING.contains(mark)) {
            return false;
        }
        for (int place = 0; place < inside.size(); place++) {
            if (inside.get(place).isMark && inside.get(place).first.equals(partner(mark))) {
                // Around the whole slot both go.
                for (Token rest : inside.subList(place, inside.size())) {
                    if (!rest.isMark) {
                        return true;
                    }
                }
                return false;
            }
        }
        return false;
    }

    /** Whether the mark before {@code last} belongs to the slot, which begins with {@code first}. */
    private boolean ends(List<Token> tokens, boolean[] touches, int first, int last) {
        String mark = tokens.get(last - 1).last;
        List<Token> inside = tokens.subList(first, last - 1);
        int size = inside.size();
        String beside = size == 0 ? "nothing" : inside.get(size - 1).behind;
        if (has(ends, beside, mark)) {
            return true;
        }
        if (beside.equals("number") && BEHIND_NUMBER.contains(mark) && touches[last - 1]) {
            return true;
        }
        if (mark.equals(".") && beside.equals("letter") && size > 1
                && inside.get(size - 2).last.equals(".")) {
            return true; // p.m., U.S.
        }
        if (CLOSING.contains(mark)) {
            for (Token token : inside) {
                if (token.isMark && token.first.equals(partner(mark))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean has(Map<String, String> marks, String beside, String mark) {
        String found = marks.get(beside);
        return found != null && found.contains(mark);
    }

    /** What closes or opens a bracket or quotation mark. */
    private static String partner(String mark) {
        int place = OPENING.indexOf(mark);
        return place >= 0 ? CLOSING.substring(place, place + 1)
                : OPENING.substring(CLOSING.indexOf(mark), CLOSING.indexOf(mark) + 1);
    }
}
