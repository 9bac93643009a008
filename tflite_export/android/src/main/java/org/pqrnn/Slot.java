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
