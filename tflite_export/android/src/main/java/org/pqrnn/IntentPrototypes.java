package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * Intents that are known by a few phrases only: nearest prototypes over an encoder's vectors, without
 * training, by the rules of {@code pqrnn_tf/runtime/prototypes.py}. Alone they are a parser; beside a
 * model {@link PqrnnParser#setEncoder} holds them.
 *
 * <p>Threads may share an object; their calls run one after another.
 */
public final class IntentPrototypes {
    private static final int FORMAT = 1;
    private static final int FOLDING_VERSION = 2;
    private static final double REJECTED_SHARE = 0.05;
    private static final double DOUBTFUL_SHARE = 0.4;
    private static final double SINGLE_PHRASE = 0.9;
    private static final double SHARPNESS = 2.75;
    private static final double LEAST_SPREAD = 0.05;
    private static final double UNKNOWN_SPREAD = 0.1;
    private static final int LEVELS = 127;

    private final PqrnnEncoder encoder;
    private final Set<String> trained;
    private final String outside; // the model's name for what is none of these; "" without one
    private final double rejectedShare;
    private final Folding folding = Folding.ofVersion(FOLDING_VERSION);
    private Map<String, Known> added = new LinkedHashMap<>();
    private Map<String, Known> described = new LinkedHashMap<>();

    /** What is known of an intent. */
    private static final class Known {
        final List<String> phrases; // none of one of the model's own
        final int count;
        final double[] total; // sum of the vectors of its phrases
        final double[] agreement; // similarity of each phrase to the mean of the others

        Known(List<String> phrases, int count, double[] total, double[] agreement) {
            this.phrases = phrases;
            this.count = count;
            this.total = total;
            this.agreement = agreement;
        }
    }

    /**
     * Intents without a model beside them, of which 5 % of the phrases would be rejected.
     *
     * @param encoder gives the vectors; the caller closes it
     */
    public IntentPrototypes(PqrnnEncoder encoder) {
        this(encoder, Collections.<String>emptyList());
    }

    /**
     * Intents beside those of a model.
     *
     * @param encoder gives the vectors; the caller closes it
     * @param trained names of the model's intents
     */
    public IntentPrototypes(PqrnnEncoder encoder, Collection<String> trained) {
        this(encoder, trained, REJECTED_SHARE);
    }

    /**
     * Intents beside those of a model, with a rejection.
     *
     * @param encoder gives the vectors; the caller closes it
     * @param trained names of the model's intents
     * @param rejectedShare share of the phrases themselves that would be rejected, from 0 to 1: texts that
     *     are no more similar to any intent belong to none
     * @throws IllegalArgumentException if {@code rejectedShare} is none
     */
    public IntentPrototypes(
            PqrnnEncoder encoder, Collection<String> trained, double rejectedShare) {
        this(encoder, trained, "", rejectedShare);
    }

    /** Beside a model with a name for texts that belong to none of its intents, which no other may have. */
    IntentPrototypes(PqrnnEncoder encoder, Collection<String> trained, String outside) {
        this(encoder, trained, outside, REJECTED_SHARE);
    }

    private IntentPrototypes(PqrnnEncoder encoder, Collection<String> trained, String outside,
            double rejectedShare) {
        if (!(rejectedShare >= 0 && rejectedShare < 1)) {
            throw new IllegalArgumentException(
                    "`rejectedShare` must be from 0 to 1, 1 excluded. Received: " + rejectedShare + ".");
        }
        this.encoder = encoder;
        this.trained = new HashSet<>(trained);
        this.outside = outside;
        this.rejectedShare = rejectedShare;
    }

    /** Names of the intents that were added. */
    public synchronized List<String> intents() {
        return new ArrayList<>(added.keySet());
    }

    /** Names of the model's own intents of which phrases are known. */
    public synchronized List<String> described() {
        return new ArrayList<>(described.keySet());
    }

    /**
     * The phrases of an intent that was added.
     *
     * @throws IntentException if there is no such intent
     */
    public synchronized List<String> phrases(String intent) {
        return known(intent).phrases;
    }

    /**
     * Adds an intent.
     *
     * @param intent its name
     * @param phrases what people say, at least one phrase; five to ten of different wording are better.
     *     Equal ones count once
     * @throws IntentException if the name is empty or taken, there is no phrase, one has no word, or one is
     *     a phrase of another intent that was added
     */
    public synchronized void addIntent(String intent, List<String> phrases) {
        if (intent == null || TreeWords.split(intent).isEmpty()) {
            throw new IntentException("`intent` must be a name. Received: " + intent + ".");
        }
        if (added.containsKey(intent) || isOfModel(intent)) {
            throw new IntentException("`intent` must be a new name. Received: " + intent + ", which "
                    + (isOfModel(intent) ? "is one of the model's" : "was added before")
                    + ". addPhrases adds to it, and removeIntent takes away what was added.");
        }
        put(intent, checked(intent, phrases));
    }

    /**
     * Adds phrases to an intent that was added, or tells phrases of one that the model was trained on,
     * whose prototype is kept, not its phrases.
     *
     * @throws IntentException as {@link #addIntent} does, and if there is no such intent
     */
    public synchronized void addPhrases(String intent, List<String> phrases) {
        if (trained.contains(intent)) {
            List<String> checked = checked(intent, phrases);
            Known before = described.get(intent);
            double[] total = before == null ? new double[encoder.width()] : before.total.clone();
            for (String phrase : checked) {
                add(total, vector(intent, phrase), 1);
            }
            int count = checked.size() + (before == null ? 0 : before.count);
            described.put(intent,
                    new Known(Collections.<String>emptyList(), count, total, new double[0]));
            return;
        }
        List<String> all = new ArrayList<>(known(intent).phrases);
        all.addAll(checked(intent, phrases));
        put(intent, all);
    }

    /**
     * Takes away an intent that was added, or what is known of one of the model's own.
     *
     * @throws IntentException if nothing is known of it
     */
    public synchronized void removeIntent(String intent) {
        if (described.remove(intent) == null) {
            known(intent);
            added.remove(intent);
        }
    }

    /** The cosine of a text's vector and the prototype of each intent of which phrases are known. */
    public synchronized Map<String, Double> similarities(String text) {
        return similarities(encoder.encode(text));
    }

    /**
     * The added intent that a text is most similar to, and whether it belongs to it.
     *
     * @param text any string
     * @return the match; null where no intent was added or the text has no token
     */
    public synchronized IntentMatch match(String text) {
        return match(text, Double.NaN);
    }

    /**
     * The same beside a model: of intents of which no phrases are known the text must not be.
     *
     * @param text any string
     * @param modelScore the probability of the intent that the model says
     * @return the match; null where no intent was added or the text has no token
     */
    public synchronized IntentMatch match(String text, double modelScore) {
        PqrnnEncoder.Encoded encoded = encoder.run(text);
        if (added.isEmpty() || encoded.tokens == 0) {
            return null;
        }
        String best = null;
        double similarity = Double.NEGATIVE_INFINITY;
        Map<String, Double> values = similarities(encoded.vector);
        for (String name : added.keySet()) {
            if (values.get(name) > similarity) {
                best = name;
                similarity = values.get(name);
            }
        }
        double rival = -1;
        for (Map.Entry<String, Double> entry : values.entrySet()) {
            if (!entry.getKey().equals(best)) {
                rival = Math.max(rival, entry.getValue());
            }
        }
        double bar = rejectedShare > 0 ? threshold(rejectedShare, -1) : -1;
        if (!Double.isNaN(modelScore) && described.size() < trained.size()) {
            double share = DOUBTFUL_SHARE * Math.min(Math.max(modelScore, 0), 1);
            bar = Math.max(bar, threshold(share, SINGLE_PHRASE));
        }
        double lead = similarity - Math.max(rival, bar);
        double score = 1 / (1 + Math.exp(-SHARPNESS * lead / spread()));
        return new IntentMatch(best, similarity, lead, score,
                similarity >= bar && similarity > rival, encoded.truncated);
    }

    /**
     * The intent of an utterance, without slots.
     *
     * @return the parse; its intent is null where the text is too far from all intents, and {@code ""}
     *     where it has no token or no intent was added
     */
    public synchronized ParsedText parse(String text) {
        IntentMatch match = match(text);
        if (match == null) {
            return new ParsedText(text, "", 0, 0, Collections.<ParsedSlot>emptyList(), "", false,
                    Collections.<ParsedText>emptyList());
        }
        return parsedText(text, match, match.truncated());
    }

    static ParsedText parsedText(String text, IntentMatch match, boolean truncated) {
        double score = PqrnnParser.rounded(match.score());
        StringBuilder tree = new StringBuilder("[IN:");
        TreeText.append(tree, match.intent());
        return new ParsedText(text, match.wins() ? match.intent() : null, score, score,
                Collections.<ParsedSlot>emptyList(), tree.append(" ]").toString(), truncated,
                Collections.<ParsedText>emptyList());
    }

    /** All that is known as JSON, for a small file; Python and JavaScript read it too. */
    public synchronized String save() {
        try {
            JSONObject values = new JSONObject();
            values.put("format", FORMAT);
            values.put("encoder", encoder.fingerprint());
            values.put("width", encoder.width());
            values.put("added", toJson(added));
            values.put("trained", toJson(described));
            return values.toString();
        } catch (JSONException error) {
            throw new IllegalStateException(error);
        }
    }

    /**
     * Takes what {@link #save} gave, in place of all that is known.
     *
     * @throws IntentException if it is damaged, was saved with another encoder, or does not fit the model's
     *     intents
     */
    public synchronized void load(String json) {
        Map<String, Known> newlyAdded;
        Map<String, Known> newlyDescribed;
        try {
            JSONObject values = new JSONObject(json);
            if (values.getInt("format") != FORMAT) {
                throw new IntentException("The intents must have format " + FORMAT + ". Received: "
                        + values.get("format") + ".");
            }
            if (!values.getString("encoder").equals(encoder.fingerprint())
                    || values.getInt("width") != encoder.width()) {
                throw new IntentException("The intents were saved with the encoder "
                        + values.getString("encoder") + " of width " + values.getInt("width")
                        + ". Received: the encoder " + encoder.fingerprint() + " of width "
                        + encoder.width() + ". Take that one, or add the intents anew: their phrases "
                        + "stand in the file.");
            }
            newlyAdded = fromJson(values.getJSONObject("added"));
            newlyDescribed = fromJson(values.getJSONObject("trained"));
        } catch (JSONException error) {
            throw new IntentException("The file of intents is damaged: " + error.getMessage(), error);
        }
        for (String name : newlyAdded.keySet()) {
            if (isOfModel(name)) {
                throw new IntentException("The intents must fit the model. Received: " + name
                        + ", but the model was trained on it since.");
            }
        }
        for (String name : newlyDescribed.keySet()) {
            if (!trained.contains(name)) {
                throw new IntentException("The intents must fit the model. Received: " + name
                        + ", but the model has no such intent.");
            }
        }
        added = newlyAdded;
        described = newlyDescribed;
    }

    private static JSONObject toJson(Map<String, Known> intents) throws JSONException {
        JSONObject values = new JSONObject();
        for (Map.Entry<String, Known> entry : intents.entrySet()) {
            Known known = entry.getValue();
            double largest = 0;
            for (double value : known.total) {
                largest = Math.max(largest, Math.abs(value));
            }
            largest = largest > 0 ? largest : 1;
            JSONArray levels = new JSONArray();
            for (double value : known.total) {
                levels.put((int) Math.floor(value / largest * LEVELS + 0.5));
            }
            JSONArray agreement = new JSONArray();
            for (double value : known.agreement) {
                agreement.put(value);
            }
            JSONObject one = new JSONObject();
            one.put("phrases", new JSONArray(known.phrases));
            one.put("count", known.count);
            one.put("agreement", agreement);
            one.put("step", largest / LEVELS);
            one.put("total", levels);
            values.put(entry.getKey(), one);
        }
        return values;
    }

    private Map<String, Known> fromJson(JSONObject values) throws JSONException {
        Map<String, Known> intents = new LinkedHashMap<>();
        for (Iterator<?> names = values.keys(); names.hasNext(); ) {
            String name = (String) names.next();
            JSONObject one = values.getJSONObject(name);
            JSONArray levels = one.getJSONArray("total");
            if (levels.length() != encoder.width()) {
                throw new JSONException("a prototype of " + levels.length() + " numbers");
            }
            double step = finite(one.getDouble("step"));
            double[] total = new double[levels.length()];
            boolean zeros = true;
            for (int i = 0; i < total.length; i++) {
                total[i] = levels.getInt(i) * step;
                zeros &= total[i] == 0;
            }
            JSONArray given = one.getJSONArray("agreement");
            double[] agreement = new double[given.length()];
            for (int i = 0; i < agreement.length; i++) {
                agreement[i] = finite(given.getDouble(i));
            }
            List<String> phrases = new ArrayList<>();
            for (int i = 0; i < one.getJSONArray("phrases").length(); i++) {
                phrases.add(one.getJSONArray("phrases").getString(i));
            }
            int count = one.getInt("count");
            if (count < 1 || step <= 0 || zeros) {
                throw new JSONException("a count or a step that is not above 0, or only zeros");
            }
            intents.put(name, new Known(
                    Collections.unmodifiableList(phrases), count, total, agreement));
        }
        return intents;
    }

    private static double finite(double value) throws JSONException {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new JSONException("numbers that are not finite");
        }
        return value;
    }

    private Known known(String intent) {
        Known known = added.get(intent);
        if (known == null) {
            throw new IntentException("`intent` must be one that was added, " + added.keySet()
                    + ". Received: " + intent + ".");
        }
        return known;
    }

    /** The phrases, each once. */
    private List<String> checked(String intent, List<String> phrases) {
        if (phrases == null || phrases.isEmpty()) {
            throw new IntentException(
                    "`phrases` must hold at least one phrase. Received: none for " + intent + ".");
        }
        for (String phrase : phrases) {
            String key = phrase == null ? "" : key(phrase);
            if (key.isEmpty()) {
                throw new IntentException(
                        "`phrases` must have words. Received: \"" + phrase + "\" for " + intent + ".");
            }
            for (Map.Entry<String, Known> other : added.entrySet()) {
                for (String own : other.getValue().phrases) {
                    if (!other.getKey().equals(intent) && key(own).equals(key)) {
                        throw new IntentException("`phrases` must not be phrases of another intent. "
                                + "Received: \"" + phrase + "\" for " + intent + ", which is one of "
                                + other.getKey() + ". Leave it out, or remove that intent.");
                    }
                }
            }
        }
        return eachOnce(phrases);
    }

    private List<String> eachOnce(List<String> phrases) {
        Map<String, String> first = new LinkedHashMap<>();
        for (String phrase : phrases) {
            String key = key(phrase);
            if (!first.containsKey(key)) {
                first.put(key, phrase);
            }
        }
        return new ArrayList<>(first.values());
    }

    /** What two phrases have in common that are the same: folded, in small letters, with single spaces. */
    private String key(String phrase) {
        int[] points = folding.fold(phrase).points;
        String folded = new String(points, 0, points.length).toLowerCase(Locale.ROOT);
        // Where a sigma ends a word is not the same for every platform.
        return folded.replace('ς', 'σ').trim().replaceAll("\\s+", " ");
    }

    private boolean isOfModel(String intent) {
        return trained.contains(intent) || intent.equals(outside);
    }

    private float[] vector(String intent, String phrase) {
        PqrnnEncoder.Encoded encoded = encoder.run(phrase);
        if (encoded.tokens == 0) {
            throw new IntentException("`phrases` must have words. Received: \"" + phrase + "\" for "
                    + intent + ", of which the encoder reads none.");
        }
        return encoded.vector;
    }

    private void put(String intent, List<String> phrases) {
        List<String> each = Collections.unmodifiableList(eachOnce(phrases));
        double[] total = new double[encoder.width()];
        List<float[]> vectors = new ArrayList<>();
        for (String phrase : each) {
            float[] vector = vector(intent, phrase);
            vectors.add(vector);
            add(total, vector, 1);
        }
        double[] agreement = new double[each.size() > 1 ? each.size() : 0];
        for (int i = 0; i < agreement.length; i++) {
            double[] rest = total.clone();
            add(rest, vectors.get(i), -1);
            agreement[i] = Math.rint(cosine(rest, vectors.get(i)) * 1e4) / 1e4;
        }
        added.put(intent, new Known(each, each.size(), total, agreement));
    }

    private Map<String, Double> similarities(float[] vector) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (Map<String, Known> intents : Arrays.asList(added, described)) {
            for (Map.Entry<String, Known> entry : intents.entrySet()) {
                values.put(entry.getKey(), cosine(entry.getValue().total, vector));
            }
        }
        return values;
    }

    /** The similarity that a share of the phrases is below, between two of them by linear interpolation. */
    private double threshold(double share, double otherwise) {
        double[] sorted = agreement();
        if (sorted.length == 0) {
            return otherwise;
        }
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** The similarities of all phrases that were added to the others of their intent. */
    private double[] agreement() {
        int count = 0;
        for (Known known : added.values()) {
            count += known.agreement.length;
        }
        double[] values = new double[count];
        for (Known known : added.values()) {
            for (double value : known.agreement) {
                values[--count] = value;
            }
        }
        return values;
    }

    /** Their standard deviation: what is far and what is near for this encoder. */
    private double spread() {
        double[] values = agreement();
        if (values.length == 0) {
            return UNKNOWN_SPREAD;
        }
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double variance = 0;
        for (double value : values) {
            variance += (value - mean) * (value - mean) / values.length;
        }
        return Math.max(Math.sqrt(variance), LEAST_SPREAD);
    }

    private static void add(double[] total, float[] vector, int times) {
        for (int i = 0; i < total.length; i++) {
            total[i] += times * vector[i];
        }
    }

    /** The product of a vector of any length, made a unit one, and a unit one. */
    private static double cosine(double[] total, float[] vector) {
        double product = 0;
        double squares = 0;
        for (int i = 0; i < total.length; i++) {
            product += total[i] * vector[i];
            squares += total[i] * total[i];
        }
        return product / Math.max(Math.sqrt(squares), 1e-12);
    }
}
