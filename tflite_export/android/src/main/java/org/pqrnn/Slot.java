package org.pqrnn;

import java.util.ArrayList;
import java.util.List;

/** A decoded slot: the half-open token ranges of its words, and what stands in it. */
final class Slot {
    final String name;
    final List<int[]> pieces = new ArrayList<>();
    String intent = ""; // the intent that stands in the slot; empty in a slot of words
    final List<Slot> slots = new ArrayList<>(); // of that intent

    Slot(String name) {
        this.name = name;
    }

    /** Lets the slot end with a token, over a hole where there is one before it. */
    void add(int token) {
        int[] last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        if (last != null && last[1] == token) {
            last[1] = token + 1;
        } else {
            pieces.add(new int[] {token, token + 1});
        }
    }

    /** Adds a token of this slot to the slots below it. */
    void addBelow(int token, List<NestedStep> steps) {
        Slot around = this;
        for (NestedStep step : steps) {
            around.intent = step.intent;
            if (step.begins) {
                around.slots.add(new Slot(step.slot));
            }
            around = around.last(step.slot);
            around.add(token);
        }
    }

    private Slot last(String name) {
        int position = slots.size() - 1;
        while (!slots.get(position).name.equals(name)) {
            position--;
        }
        return slots.get(position);
    }

    /** Leaves only the tokens from {@code first} to before {@code last}. */
    void clip(int first, int last) {
        List<int[]> left = new ArrayList<>();
        for (int[] piece : pieces) {
            int begin = Math.max(piece[0], first);
            int end = Math.min(piece[1], last);
            if (begin < end) {
                left.add(new int[] {begin, end});
            }
        }
        pieces.clear();
        pieces.addAll(left);
    }

    /** The nested tag of one of its tokens; that of one in no innermost slot is {@code O}. */
    String nestedTag(int token) {
        StringBuilder tag = new StringBuilder();
        Slot around = this;
        while (!around.slots.isEmpty()) {
            Slot found = null;
            for (Slot below : around.slots) {
                found = found == null && below.tokens().contains(token) ? below : found;
            }
            if (found == null) {
                return "O";
            }
            tag.append(tag.length() == 0 ? "" : " ")
                    .append(token == found.pieces.get(0)[0] ? "B-" : "I-")
                    .append(NestedStep.path(around.intent, found.name));
            around = found;
        }
        return tag.length() == 0 ? "O" : tag.toString();
    }

    /** Whether both stand at the same tokens and hold the same. */
    boolean isSame(Slot other) {
        return name.equals(other.name) && tokens().equals(other.tokens())
                && intent.equals(other.intent) && areSame(slots, other.slots);
    }

    /** Whether slots are the same, one by one. */
    static boolean areSame(List<Slot> ones, List<Slot> others) {
        boolean same = ones.size() == others.size();
        for (int i = 0; same && i < ones.size(); i++) {
            same = ones.get(i).isSame(others.get(i));
        }
        return same;
    }

    /** All tokens of the slot. */
    List<Integer> tokens() {
        List<Integer> tokens = new ArrayList<>();
        for (int[] piece : pieces) {
            for (int token = piece[0]; token < piece[1]; token++) {
                tokens.add(token);
            }
        }
        return tokens;
    }
}
