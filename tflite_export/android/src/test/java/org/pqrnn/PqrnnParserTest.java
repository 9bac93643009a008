package org.pqrnn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.json.JSONObject;
import org.junit.Before;
import org.junit.Test;

public class PqrnnParserTest {
    private static final String LABELS =
            "{\"intents\":[\"A\",\"B\"],\"tags\":[\"O\",\"B-X\",\"I-X\"]}";
    private static final ModelOutputs EMPTY =
            new ModelOutputs(new float[] {1, 0}, new float[0], new int[0], 0, false);

    private ModelFile model;

    @Before
    public void makeModel() throws Exception {
        model = model(1);
    }

    private static ModelFile model(int projection) throws Exception {
        return TestModels.model(new JSONObject(LABELS), new JSONObject()
                .put("version", projection).put("max_code_points", 4).put("max_tokens", 3));
    }

    private static RecordedRuntime runtime() {
        RecordedRuntime runtime = new RecordedRuntime(5, 3, 2, 3);
        runtime.outputs = EMPTY;
        return runtime;
    }

    @Test
    public void givesCodePointsPaddedWithZeros() {
        RecordedRuntime runtime = runtime();
        new PqrnnParser(model, runtime).parse("a\uD83D\uDE42b");
        assertArrayEquals(new int[] {'a', 0x1F642, 'b', 0, 0}, runtime.received);
    }

    @Test
    public void givesOneCodePointMoreThanTheLimit() {
        RecordedRuntime runtime = runtime();
        new PqrnnParser(model, runtime).parse("\uD83D\uDE42bcdefgh");
        assertArrayEquals(new int[] {0x1F642, 'b', 'c', 'd', 'e'}, runtime.received);
    }

    @Test
    public void loneSurrogatesBecomeReplacementCharacters() {
        RecordedRuntime runtime = runtime();
        new PqrnnParser(model, runtime).parse("\uDE42a\uD83D");
        assertArrayEquals(new int[] {0xFFFD, 'a', 0xFFFD, 0, 0}, runtime.received);
    }

    @Test
    public void offsetsBehindALoneSurrogateAreThoseOfTheText() {
        RecordedRuntime runtime = runtime();
        runtime.outputs = new ModelOutputs(new float[] {5, 0}, new float[] {5, 0, 0, 0, 9, 0},
                new int[] {0, 1, 2, 3}, 2, false);
        ParsedText parsed = new PqrnnParser(model, runtime).parse("\uD83D \uD83D\uDE42");
        assertEquals(2, parsed.slots().get(0).start());
        assertEquals(4, parsed.slots().get(0).end());
        assertEquals("[IN:A [SL:X \uD83D\uDE42 ] ]", parsed.tree());
    }

    @Test
    public void textWithoutATokenHasAnEmptyParse() {
        ParsedText parsed = new PqrnnParser(model, runtime()).parse("");
        assertEquals("", parsed.intent());
        assertEquals("", parsed.tree());
        assertEquals(0, parsed.score(), 0);
        assertTrue(parsed.slots().isEmpty());
        assertFalse(parsed.truncated());
    }

    @Test
    public void tokensBehindTheBufferAreReportedAndSpaceIsNot() {
        PqrnnParser parser = new PqrnnParser(model, runtime());
        assertTrue(parser.parse("abcd          x").truncated());
        assertFalse(parser.parse("abcd         \u200b\u3000\ufeff\u0000").truncated());
    }

    @Test
    public void whiteSpaceOfATextThatIsTooLongTakesOneCodePointARun() {
        RecordedRuntime runtime = runtime();
        runtime.outputs = new ModelOutputs(new float[] {5, 0}, new float[] {5, 0, 0, 0, 9, 0},
                new int[] {0, 1, 2, 3}, 2, false);
        ParsedText parsed = new PqrnnParser(model, runtime).parse("   \uD83D\uDE42 \u200b\t b    ");
        assertArrayEquals(new int[] {0x1F642, ' ', 'b', ' ', 0}, runtime.received);
        assertEquals(9, parsed.slots().get(0).start());
        assertEquals(10, parsed.slots().get(0).end());
        assertFalse(parsed.truncated());
    }

    @Test
    public void aModelOfVersion1GetsComposedTextWithoutMarksThatNobodySees() {
        RecordedRuntime runtime = runtime();
        new PqrnnParser(model, runtime).parse("u\u200e\u0308\u200d\u201c");
        assertArrayEquals(new int[] {0xfc, 0x200d, 0x201c, 0, 0}, runtime.received);
    }

    @Test
    public void aModelOfVersion2GetsFoldedTextAndSlotsAreThoseOfTheCaller() throws Exception {
        RecordedRuntime runtime = runtime();
        runtime.outputs = new ModelOutputs(new float[] {5, 0}, new float[] {5, 0, 0, 0, 9, 0},
                new int[] {0, 1, 1, 3}, 2, false);
        String text = "\u201c\ufeffu\u0308\u200d\uff42\u200e";
        ParsedText parsed = new PqrnnParser(model(2), runtime).parse(text);
        assertArrayEquals(new int[] {'"', 0xfc, 'b', 0, 0}, runtime.received);
        assertEquals(2, parsed.slots().get(0).start()); // behind the mark before it
        assertEquals(6, parsed.slots().get(0).end()); // and before the one behind it
        assertEquals("u\u0308\u200d\uff42", parsed.slots().get(0).text());
        assertFalse(parsed.truncated());
    }

    @Test
    public void marksThatNobodySeesAreNoTokensBehindTheBuffer() throws Exception {
        for (int version = 1; version <= 2; version++) {
            PqrnnParser parser = new PqrnnParser(model(version), runtime());
            assertFalse(parser.parse("abcd \u200e\ufe0f").truncated());
            assertTrue(parser.parse("abcd \u200ex").truncated());
        }
    }

    @Test
    public void aParserSharedByThreadsRunsOneParseAfterAnother() throws Exception {
        RecordedRuntime runtime = runtime();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        runtime.whileRunning = () -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
        };
        PqrnnParser parser = new PqrnnParser(model, runtime);
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int k = 0; k < 500; k++) {
                    parser.parse("");
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, most.get());
    }

    /** Two intents, of which the first is that of requests out of scope. */
    private static PqrnnParser rejecting(LabelSet other, double threshold) throws Exception {
        JSONObject spec = new JSONObject("{\"version\":1,\"max_code_points\":4,\"max_tokens\":3}");
        JSONObject rejection = new JSONObject("{\"weights\":{\"outside\":-1},\"outside\":\"A\"}");
        ModelFile file = TestModels.model(TestModels.description(new JSONObject(LABELS), spec)
                .put("rejection", rejection.put("threshold", threshold)));
        RecordedRuntime runtime = runtime();
        runtime.outputs = new ModelOutputs(new float[] {5, 0}, new float[] {0, 9, 0},
                new int[] {0, 3}, 1, false);
        return other == null
                ? new PqrnnParser(file, runtime) : new PqrnnParser(file, runtime, other);
    }

    @Test
    public void aRejectedTextHasNoIntentAndItsGuessStandsInTheTree() throws Exception {
        ParsedText parsed = rejecting(null, -4).parse("abc", 2);
        assertTrue(parsed.rejected());
        assertSame(null, parsed.intent());
        assertEquals("[IN:B [SL:X abc ] ]", parsed.tree());
        assertEquals("B", parsed.alternatives().get(0).intent());
        assertFalse(parsed.alternatives().get(0).rejected());
        assertEquals("B", rejecting(null, -6).parse("abc").intent());
    }

    @Test
    public void theIntentOutOfScopeIsNoAnswerUnderAnotherNameEither() throws Exception {
        LabelSet other = new LabelSet(Arrays.asList("EINS", "ZWEI"), Arrays.asList("O", "B-Y", "I-Y"),
                Collections.<List<String>>emptyList());
        assertEquals("ZWEI", rejecting(other, -6).parse("abc").intent());
    }

    @Test
    public void aNegativeNumberOfAlternativesIsRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> new PqrnnParser(model, runtime()).parse("", -1));
    }

    @Test
    public void otherLabelsOfTheSameNumberServe() {
        LabelSet other = new LabelSet(Arrays.asList("EINS", "ZWEI"), Arrays.asList("O", "B-Y", "I-Y"),
                Collections.<List<String>>emptyList());
        RecordedRuntime runtime = runtime();
        runtime.outputs = new ModelOutputs(new float[] {0, 5}, new float[] {0, 9, 0},
                new int[] {0, 3}, 1, false);
        assertEquals("[IN:ZWEI [SL:Y abc ] ]",
                new PqrnnParser(model, runtime, other).parse("abc").tree());
    }

    @Test
    public void labelsOfAnotherModelAreRefused() {
        LabelException error = assertThrows(LabelException.class,
                () -> new PqrnnParser(model, new RecordedRuntime(5, 3, 7, 3)));
        assertTrue(error.getMessage(), error.getMessage().contains("the 7 intents, 3 tags and 0 "));
    }

    @Test
    public void labelsWithoutTheNestedTagsOfTheModelAreRefused() {
        LabelException error = assertThrows(LabelException.class,
                () -> new PqrnnParser(model, new RecordedRuntime(5, 3, 2, 3, 4)));
        assertTrue(error.getMessage(), error.getMessage().contains("4 nested tags of the model"));
    }

    private static ParsedText parseWithNested(float... nested) {
        LabelSet labels = new LabelSet(Arrays.asList("A", "B"), Arrays.asList("O", "B-X", "I-X"),
                Collections.<List<String>>emptyList(),
                Arrays.asList("O", "B-C/P", "I-C/P", "B-C/P B-D/Q"),
                Collections.<List<String>>emptyList());
        RecordedRuntime runtime = new RecordedRuntime(5, 3, 2, 3, 4);
        runtime.outputs = new ModelOutputs(new float[] {5, 0}, new float[] {0, 9, 0, 0, 0, 9},
                nested, new int[] {0, 1, 2, 3}, 2, false);
        try {
            ModelFile any = TestModels.model(new JSONObject(LABELS),
                    new JSONObject("{\"version\":1,\"max_code_points\":4,\"max_tokens\":3}"));
            return new PqrnnParser(any, runtime, labels).parse("\uD83D\uDE42 b");
        } catch (Exception error) {
            throw new AssertionError(error);
        }
    }

    @Test
    public void whatIsNestedStandsInTheTreeAlone() {
        ParsedText parsed = parseWithNested(0, 0, 0, 9, 0, 9, 0, 0);
        assertEquals("[IN:A [SL:X [IN:C [SL:P [IN:D [SL:Q \uD83D\uDE42 ] ] ] [SL:P b ] ] ] ]",
                parsed.tree());
        assertEquals(1, parsed.slots().size());
        assertEquals(0, parsed.slots().get(0).start());
        assertEquals(4, parsed.slots().get(0).end());
    }

    @Test
    public void nestedTagsThatMakeNoTreeGiveWay() {
        // Nothing was begun that the first token could go on with.
        assertEquals("[IN:A [SL:X [IN:C [SL:P \uD83D\uDE42 b ] ] ] ]",
                parseWithNested(0, 1, 9, 0, 0, 0, 9, 0).tree());
        assertEquals("[IN:A [SL:X \uD83D\uDE42 b ] ]",
                parseWithNested(5, 0, 9, 0, 5, 0, 6, 0).tree());
    }

    @Test
    public void aRuntimeOfAnotherModelIsRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> new PqrnnParser(model, new RecordedRuntime(6, 3, 2, 3)));
    }

    @Test
    public void closingClosesTheRuntime() {
        RecordedRuntime runtime = runtime();
        new PqrnnParser(model, runtime).close();
        assertTrue(runtime.closed);
    }

    /** A model that is told of contacts: five features of a token for them, and five for all others. */
    private static ModelFile toldModel() throws Exception {
        JSONObject features = new JSONObject(
                "{\"types\":[\"contact\"],\"slots\":{\"X\":\"contact\"},\"related\":true}");
        JSONObject spec = new JSONObject()
                .put("version", 2).put("max_code_points", 8).put("max_tokens", 3);
        return TestModels.model(TestModels.description(new JSONObject(LABELS), spec)
                .put("entity_features", features));
    }

    private static RecordedRuntime toldRuntime(int entityFeatures) {
        RecordedRuntime runtime = new RecordedRuntime(9, 3, 2, 3);
        runtime.entityFeatures = entityFeatures;
        runtime.outputs = new ModelOutputs(new float[] {5, 0}, new float[] {5, 0, 0, 0, 9, 0},
                new int[] {0, 2, 3, 7}, 2, false);
        return runtime;
    }

    private static Entities contacts(String... names) {
        List<Entity> entities = new ArrayList<>();
        for (String name : names) {
            entities.add(new Entity(name, "contact"));
        }
        return new Entities(entities);
    }

    @Test
    public void aModelIsToldOfNamesAndSlotsHaveEntities() throws Exception {
        RecordedRuntime runtime = toldRuntime(10);
        PqrnnParser parser = new PqrnnParser(toldModel(), runtime);
        assertEquals(Collections.singletonList("contact"), parser.entityTypes().get("X"));
        assertSame(null, parser.parse("hi anna").slots().get(0).entity());
        assertSame(null, parser.entities());
        assertEquals(0, runtime.asked);
        Entities list = contacts("Anna");
        parser.setEntities(list);
        assertSame(list, parser.entities());
        ParsedSlot slot = parser.parse("hi anna").slots().get(0);
        assertEquals("Anna", slot.entity().id());
        assertEquals(1, slot.candidates().size());
        byte[] expected = new byte[30]; // three tokens, of which the second is a name
        for (int place : new int[] {15, 16, 17, 18}) {
            expected[place] = 1;
        }
        assertArrayEquals(expected, runtime.told);
        parser.setEntityTypes(Collections.singletonMap("X", Arrays.asList("artist")));
        assertTrue(parser.parse("hi anna").slots().get(0).candidates().isEmpty());
        assertArrayEquals(expected, runtime.told);
        assertEquals(1, runtime.asked);
    }

    @Test
    public void nothingIsToldWhereNothingIsKnown() throws Exception {
        RecordedRuntime runtime = toldRuntime(10);
        PqrnnParser parser = new PqrnnParser(toldModel(), runtime);
        for (Entities list : new Entities[] {contacts(), contacts("Berta"), contacts("Anna"), null}) {
            parser.setEntities(list);
            parser.parse("hi anna");
            boolean known = list != null && !list.match("hi anna").isEmpty();
            assertEquals(known, runtime.told != null);
        }
    }

    @Test
    public void aModelThatIsToldOfNothingHasEntitiesNevertheless() throws Exception {
        ModelFile plain = TestModels.model(new JSONObject(LABELS),
                new JSONObject("{\"version\":2,\"max_code_points\":8,\"max_tokens\":3}"));
        for (ModelFile file : new ModelFile[] {plain, toldModel()}) {
            RecordedRuntime runtime = toldRuntime(0); // as one that knows no signatures
            PqrnnParser parser = new PqrnnParser(file, runtime);
            parser.setEntities(contacts("Anna"));
            assertEquals("Anna", parser.parse("hi anna").slots().get(0).entity().name());
            assertSame(null, runtime.told);
        }
    }

    @Test
    public void aRuntimeThatTakesOtherFeaturesIsRefused() throws Exception {
        PqrnnParser parser = new PqrnnParser(toldModel(), toldRuntime(8));
        parser.setEntities(contacts("Anna"));
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class, () -> parser.parse("hi anna"));
        assertTrue(error.getMessage(), error.getMessage().contains("must take 10 features"));
    }

    @Test
    public void typesOfSlotsThatTheModelLacksAreRefused() throws Exception {
        PqrnnParser parser = new PqrnnParser(toldModel(), toldRuntime(10));
        for (String[] types : new String[][] {{"Y", "contact"}, {"X", ""}, {"X", null}}) {
            IllegalArgumentException error = assertThrows(IllegalArgumentException.class,
                    () -> parser.setEntityTypes(
                            Collections.singletonMap(types[0], Arrays.asList(types[1]))));
            assertTrue(error.getMessage(), error.getMessage().contains("slots of the model, [X]"));
        }
        assertEquals("{X=[contact]}", parser.entityTypes().toString());
    }

    @Test
    public void aListMayChangeWhileThreadsParse() throws Exception {
        PqrnnParser parser = new PqrnnParser(toldModel(), toldRuntime(10));
        Entities list = contacts("Anna");
        AtomicInteger linked = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            boolean sets = i == 0;
            threads[i] = new Thread(() -> {
                for (int k = 0; k < 300; k++) {
                    if (sets) {
                        parser.setEntities(k % 2 == 0 ? list : null);
                    }
                    ParsedSlot slot = parser.parse("hi anna").slots().get(0);
                    linked.addAndGet(slot.candidates().size());
                    if (slot.entity() != null && !slot.entity().id().equals("Anna")) {
                        wrong.incrementAndGet();
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(linked.get() > 0);
        assertEquals(0, wrong.get());
    }

    private static ModelRuntime both(RecordedRuntime large, RecordedRuntime small) {
        return new ModelRuntime() {
            @Override
            public List<RecordedRuntime> signatures() {
                return Arrays.asList(large, small);
            }

            @Override
            public void close() {}
        };
    }

    @Test
    public void shortTextsTakeTheSmallSignature() {
        RecordedRuntime large = runtime();
        RecordedRuntime small = new RecordedRuntime(3, 1, 2, 3);
        small.outputs = EMPTY;
        PqrnnParser parser = new PqrnnParser(model, both(large, small));
        parser.parse("ab");
        assertArrayEquals(new int[] {'a', 'b', 0}, small.received);
        assertSame(null, large.received);
    }

    @Test
    public void textsThatDoNotFitTakeTheLargeSignature() {
        RecordedRuntime large = runtime();
        RecordedRuntime small = new RecordedRuntime(3, 1, 2, 3);
        PqrnnParser parser = new PqrnnParser(model, both(large, small));
        parser.parse("abc"); // too many code points
        parser.parse("a,"); // too many tokens
        assertSame(null, small.received);
        assertArrayEquals(new int[] {'a', ',', 0, 0, 0}, large.received);
    }

    @Test
    public void whatTheSmallSignatureCutsIsRunAgain() {
        RecordedRuntime large = runtime();
        RecordedRuntime small = new RecordedRuntime(3, 1, 2, 3);
        small.outputs = new ModelOutputs(new float[2], new float[3], new int[] {0, 1}, 1, true);
        ParsedText parsed = new PqrnnParser(model, both(large, small)).parse("ab");
        assertArrayEquals(new int[] {'a', 'b', 0, 0, 0}, large.received);
        assertFalse(parsed.truncated());
    }
}
