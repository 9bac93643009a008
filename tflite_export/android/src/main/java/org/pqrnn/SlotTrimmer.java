package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Leaves punctuation at the edges out of decoded slots, by the rules of
 * {@code pqrnn_tf/runtime/slot_trimming.py}: a slot of words loses its marks, and vanishes where it is of
 * nothing else; a slot in which an intent stands keeps beginning and ending with its slots.
 */
final class SlotTrimmer {
    private final Map<String, SlotEdges> edges;

    SlotTrimmer(LabelSet labels) {
        edges = labels.edges();
    }

    /** Whether there is anything to apply. */
    boolean isNeeded() {
        return !edges.isEmpty();
    }

    /** The tokens of a text. */
    static final class Tokens {
        final List<SlotEdges.Token> all = new ArrayList<>();
        final boolean[] touches; // whether each stands directly behind the one before it
        boolean haveMarks;

        Tokens(String text, int[] spans, int length) {
            touches = new boolean[length];
            for (int t = 0; t < length; t++) {
                all.add(new SlotEdges.Token(text.substring(spans[2 * t], spans[2 * t + 1])));
                touches[t] = t > 0 && spans[2 * t - 1] == spans[2 * t];
                haveMarks |= all.get(t).isMark;
            }
        }
    }

    /** Trims slots, and what says so of each token; the lists and arrays are changed. */
    void trim(List<Slot> slots, String[] tags, String[] nested, Tokens tokens) {
        if (!tokens.haveMarks) {
            return;
        }
        for (Slot slot : new ArrayList<>(slots)) {
            int first = slot.pieces.get(0)[0];
            int last = slot.pieces.get(slot.pieces.size() - 1)[1];
            boolean plain = slot.slots.isEmpty();
            if (!trim(slot, tokens)) {
                continue;
            }
            Arrays.fill(tags, first, last, "O");
            if (!plain) {
                Arrays.fill(nested, first, last, "O");
            }
            if (slot.pieces.isEmpty()) {
                slots.remove(slot);
                continue;
            }
            int begin = slot.pieces.get(0)[0];
            Arrays.fill(tags, begin, slot.pieces.get(slot.pieces.size() - 1)[1], "G-" + slot.name);
            for (int place : slot.tokens()) {
                tags[place] = (place == begin ? "B-" : "I-") + slot.name;
                if (!plain) {
                    nested[place] = slot.nestedTag(place);
                }
            }
        }
    }

    /** Trims a slot and what is below it; says whether anything changed. A slot of nothing is left without pieces. */
    private boolean trim(Slot slot, Tokens tokens) {
        if (slot.slots.isEmpty()) {
            return trimWords(slot, tokens);
        }
        boolean changed = false;
        int first = Integer.MAX_VALUE;
        int last = 0;
        for (Slot below : new ArrayList<>(slot.slots)) {
            changed |= trim(below, tokens);
            if (below.pieces.isEmpty()) {
                slot.slots.remove(below);
            } else {
                first = Math.min(first, below.pieces.get(0)[0]);
                last = Math.max(last, below.pieces.get(below.pieces.size() - 1)[1]);
            }
        }
        if (changed) {
            slot.clip(first, last);
        }
        return changed;
    }

    private boolean trimWords(Slot slot, Tokens tokens) {
        SlotEdges of = edges.get(slot.name);
        List<Integer> places = slot.tokens();
        int size = places.size();
        if (of == null || !(tokens.all.get(places.get(0)).isMark
                || tokens.all.get(places.get(size - 1)).isMark)) {
            return false;
        }
        List<SlotEdges.Token> inside = new ArrayList<>();
        boolean[] touches = new boolean[size];
        for (int i = 0; i < size; i++) {
            int place = places.get(i);
            inside.add(tokens.all.get(place));
            // Over a gap nothing touches.
            touches[i] = i > 0 && places.get(i - 1) + 1 == place && tokens.touches[place];
        }
        int[] kept = of.kept(inside, touches);
        if (kept[0] == 0 && kept[1] == size) {
            return false;
        }
        if (kept[0] == kept[1]) {
            slot.clip(0, 0);
        } else {
            slot.clip(places.get(kept[0]), places.get(kept[1] - 1) + 1);
        }
        return true;
    }
}
