package org.pqrnn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parses utterances with an exported model: text in, intent, slots and tree out.
 *
 * <p>Threads may share an object; their parses run one after another. For parses at the same time make
 * one for each thread.
 */
public final class PqrnnParser implements AutoCloseable {
    private final LabelSet labels;
    private final Decoder decoder;
    private final TextRunner runner;
    private final List<String> trained; // intents that are an answer
    private final String nameOutside; // the name of what is none of them
    private final EntityFeatures.Described known; // what the model is told of names; null: nothing
    private IntentPrototypes prototypes; // null: no encoder
    private Linker linker; // null: no entities
    private Map<String, List<String>> entityTypes = Collections.emptyMap();

    /**
     * A parser with the names that the file gives.
     *
     * @param model the file
     * @param runtime what runs it; the parser closes it
     * @throws LabelException if the labels do not fit the model
     */
    public PqrnnParser(ModelFile model, ModelRuntime runtime) {
        this(model, runtime, model.labels());
    }

    /** A parser with other names than those in the file; they must be of the same number. */
    public PqrnnParser(ModelFile model, ModelRuntime runtime, LabelSet labels) {
        this.labels = labels;
        known = model.entityFeatures();
        if (known != null) {
            entityTypes = Collections.unmodifiableMap(known.slots);
        }
        runner = new TextRunner(model, runtime);
        // By its column: the intent may have another name in labels of the caller.
        int outside = model.confidence().outside(model.labels());
        decoder = new Decoder(labels, model.confidence(), outside);
        trained = new ArrayList<>(labels.intents());
        nameOutside = outside >= 0 ? trained.remove(outside) : "";
        ModelRuntime.Signature largest = runner.largest();
        if (largest.intents() != labels.intents().size() || largest.tags() != labels.tags().size()
                || largest.nested() != labels.nested().size()) {
            throw new LabelException("`labels` must name the " + largest.intents() + " intents, "
                    + largest.tags() + " tags and " + largest.nested() + " nested tags of the model. "
                    + "Received: " + labels.intents().size() + ", " + labels.tags().size() + " and "
                    + labels.nested().size() + ": these are the labels of another model.");
        }
    }

    /**
     * Parses one utterance.
     *
     * @param text any string; what lies beyond the model's limits is cut at a token and reported
     * @return the parse; text without a token has the intent {@code ""}, the score 0 and no slots, text
     *     that belongs to no intent the intent null
     */
    public ParsedText parse(String text) {
        return parse(text, 0);
    }

    /**
     * Parses one utterance, and says what else it may be.
     *
     * @param text as in {@link #parse(String)}
     * @param alternatives how many of the next best parses are found too, see
     *     {@link ParsedText#alternatives()}; exact among all intents and valid tags
     * @return the parse
     * @throws IllegalArgumentException if {@code alternatives} is negative
     */
    public synchronized ParsedText parse(String text, int alternatives) {
        if (alternatives < 0) {
            throw new IllegalArgumentException(
                    "`alternatives` must not be negative. Received: " + alternatives + ".");
        }
        EntityRelations.Named names = linker == null ? null : linker.match(text);
        TextRunner.Result result = run(text, names);
        ModelOutputs outputs = result.outputs;
        if (outputs.length == 0) {
            return new ParsedText(text, "", 0, 0, Collections.<ParsedSlot>emptyList(), "",
                    result.truncated, Collections.<ParsedText>emptyList());
        }
        int[] spans = result.spans();
        Decoder.Parse parse = decoder.decode(outputs.intent, outputs.slots, outputs.nested,
                outputs.length, alternatives, text, spans);
        ParsedText parsed = parsedText(text, spans, parse, result.truncated, names);
        if (prototypes == null) {
            return parsed;
        }
        IntentMatch match = prototypes.match(text, parsed.intentScore());
        if (match == null || !match.wins()) {
            return parsed;
        }
        return IntentPrototypes.parsedText(text, match, parsed.truncated() || match.truncated())
                .withOwnParses(parsed, alternatives);
    }

    /** Runs the model, which is told of names where it takes them and the text has some. */
    private TextRunner.Result run(String text, EntityRelations.Named names) {
        if (known == null || names == null || names.matches.isEmpty()
                || !runner.takesEntities(known.width())) {
            return runner.run(text);
        }
        EntityFeatures features = new EntityFeatures(known, linker.entities());
        return runner.run(text, features.of(names, runner.tokens(text)));
    }

    /**
     * Sets the names that this device knows (docs/entities.md), at any time: slots have entities from the
     * next parse on, and a model that is told of names ({@code mtop_en_2mb_entities} is one) is told where
     * they stand. With {@link InterpreterRuntime} it is told of nothing.
     *
     * @param entities the list, or null for none
     */
    public void setEntities(Entities entities) {
        if (entities != null) {
            entities.relations(); // prepared before other threads have to wait for it
        }
        synchronized (this) {
            linker = entities == null ? null : new Linker(entities, entityTypes);
        }
    }

    /** The names that this device knows; null for none. */
    public synchronized Entities entities() {
        return linker == null ? null : linker.entities();
    }

    /**
     * Sets the types of entities that slots take, in place of those that the model was trained with. A slot
     * that is not named takes all, those of its own name first.
     *
     * @param types types by the slot's name
     * @throws IllegalArgumentException if a slot is none of the model's, or a type is empty
     */
    public synchronized void setEntityTypes(Map<String, ? extends Collection<String>> types) {
        Set<String> known = new TreeSet<>();
        for (String tag : labels.tags()) {
            if (tag.startsWith("B-")) {
                known.add(tag.substring(2));
            }
        }
        for (String tag : labels.nested()) {
            for (NestedStep step : NestedStep.parse(tag)) {
                known.add(step.slot);
            }
        }
        Map<String, List<String>> given = new LinkedHashMap<>();
        for (Map.Entry<String, ? extends Collection<String>> entry : types.entrySet()) {
            List<String> own = new ArrayList<>(entry.getValue());
            if (!known.contains(entry.getKey()) || own.contains("") || own.contains(null)) {
                throw new IllegalArgumentException("`types` must name types of slots of the model, "
                        + known + ". Received: " + entry + ".");
            }
            given.put(entry.getKey(), Collections.unmodifiableList(own));
        }
        entityTypes = Collections.unmodifiableMap(given);
        linker = linker == null ? null : new Linker(linker.entities(), entityTypes);
    }

    /** The types of entities that slots take; at first those that the model was trained with. */
    public synchronized Map<String, List<String>> entityTypes() {
        return entityTypes;
    }

    /**
     * Sets what gives the vectors by which intents are added without training; nothing is added then
     * yet. The caller closes it.
     *
     * @param encoder an encoder, or null to add no intents
     */
    public synchronized void setEncoder(PqrnnEncoder encoder) {
        prototypes = encoder == null ? null : new IntentPrototypes(encoder, trained, nameOutside);
    }

    /**
     * The intents that were added without training, and what is known of the model's own: add, remove,
     * save and load them there.
     *
     * @throws IllegalStateException if no encoder is set
     */
    public synchronized IntentPrototypes prototypes() {
        if (prototypes == null) {
            throw new IllegalStateException(
                    "An encoder must be set before intents are added: parser.setEncoder(encoder).");
        }
        return prototypes;
    }

    /** Adds an intent by a few phrases, as {@link IntentPrototypes#addIntent} does. */
    public void addIntent(String intent, List<String> phrases) {
        prototypes().addIntent(intent, phrases);
    }

    private ParsedText parsedText(String text, int[] spans, Decoder.Parse parse, boolean truncated,
            EntityRelations.Named names) {
        List<ParsedSlot> slots = new ArrayList<>();
        for (Slot slot : parse.slots) {
            slots.add(parsedSlot(text, spans, slot, names));
        }
        StringBuilder tree = new StringBuilder();
        appendTree(tree, text, spans, parse.intent, parse.slots);
        List<ParsedText> alternatives = new ArrayList<>();
        for (Decoder.Parse other : parse.alternatives) {
            alternatives.add(parsedText(text, spans, other, truncated, names));
        }
        return new ParsedText(text, parse.rejected ? null : parse.intent, rounded(parse.score),
                rounded(parse.intentScore), slots, tree.toString(), truncated, alternatives);
    }

    static double rounded(double score) {
        return Math.rint(score * 1e6) / 1e6;
    }

    private ParsedSlot parsedSlot(
            String text, int[] spans, Slot slot, EntityRelations.Named names) {
        int start = spans[2 * slot.pieces.get(0)[0]];
        int end = spans[2 * slot.pieces.get(slot.pieces.size() - 1)[1] - 1];
        ParsedIntent nested = null;
        if (!slot.slots.isEmpty()) {
            List<ParsedSlot> inside = new ArrayList<>();
            for (Slot below : slot.slots) {
                inside.add(parsedSlot(text, spans, below, names));
            }
            nested = new ParsedIntent(slot.intent, inside);
        }
        return new ParsedSlot(slot.name, start, end, text.substring(start, end), nested,
                names == null ? Collections.<EntityCandidate>emptyList()
                        : linker.candidates(text, slot.name, start, end, names));
    }

    private static void appendTree(
            StringBuilder tree, String text, int[] spans, String intent, List<Slot> slots) {
        TreeText.append(tree.append("[IN:"), intent);
        for (Slot slot : slots) {
            TreeText.append(tree.append(" [SL:"), slot.name);
            if (slot.slots.isEmpty()) {
                for (int[] piece : slot.pieces) {
                    String part = text.substring(spans[2 * piece[0]], spans[2 * piece[1] - 1]);
                    for (String word : TreeWords.split(part)) {
                        TreeText.append(tree.append(' '), word);
                    }
                }
            } else {
                appendTree(tree.append(' '), text, spans, slot.intent, slot.slots);
            }
            tree.append(" ]");
        }
        tree.append(" ]");
    }

    /** The names that parses use. */
    public LabelSet labels() {
        return labels;
    }

    @Override
    public synchronized void close() {
        runner.close();
    }
}
