package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One level of a nested tag: a slot of the intent that stands in the slot above. */
final class NestedStep {
    final boolean begins; // or goes on with the last slot of that name
    final String intent;
    final String slot;

    private NestedStep(boolean begins, String intent, String slot) {
        this.begins = begins;
        this.intent = intent;
        this.slot = slot;
    }

    /** A level of a nested tag without its prefix; what it could not hold is written as its code point. */
    static String path(String intent, String slot) {
        return escaped(intent, " /\\") + "/" + escaped(slot, " \\");
    }

    private static String escaped(String name, String units) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char unit = name.charAt(i);
            if (units.indexOf(unit) >= 0) {
                result.append("\\u{").append(Integer.toHexString(unit)).append('}');
            } else {
                result.append(unit);
            }
        }
        return result.toString();
    }

    /**
     * Reads a nested tag, such as {@code I-GET_TODO/TODO B-CREATE_CALL/CONTACT}; {@code O} has no
     * steps. What a name could not hold is written as its code point: {@code \\u{20}}.
     *
     * @throws LabelException if it is none, or begins a slot and goes on with one below it
     */
    static List<NestedStep> parse(String tag) {
        if (tag.equals("O")) {
            return Collections.emptyList();
        }
        List<NestedStep> steps = new ArrayList<>();
        boolean begun = false;
        for (String part : tag.split(" ", -1)) {
            boolean begins = part.startsWith("B-");
            int slash = part.indexOf('/');
            if (!(begins || part.startsWith("I-")) || slash < 3 || slash + 1 == part.length()
                    || (begun && !begins)) {
                throw new LabelException("A nested tag must be \"O\" or one \"B-INTENT/SLOT\" or "
                        + "\"I-INTENT/SLOT\" a level with a space between them, where below a B "
                        + "there are only Bs. Received: \"" + tag + "\".");
            }
            steps.add(new NestedStep(begins, TreeText.unescape(part.substring(2, slash)),
                    TreeText.unescape(part.substring(slash + 1))));
            begun = begins;
        }
        return steps;
    }
}
