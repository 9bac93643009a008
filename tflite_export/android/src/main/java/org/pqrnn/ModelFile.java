package org.pqrnn;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * A .tflite file with its description: the entry {@code pqrnn.json} of a ZIP archive behind the
 * flatbuffer.
 *
 * <p>{@code java.util.zip} reads archives from files or from their first byte on, not from the end of
 * a buffer; therefore the few structures that are needed are read here.
 */
public final class ModelFile {
    private static final String ENTRY = "pqrnn.json";
    private static final int FORMAT = 1;
    private static final List<Integer> PROJECTIONS = Arrays.asList(1, 2);
    private static final String FRONTEND = "code_points";
    private static final int END_OF_DIRECTORY = 0x06054b50;
    private static final int END_LENGTH = 22;
    private static final int DIRECTORY_ENTRY = 0x02014b50;
    private static final int DIRECTORY_ENTRY_LENGTH = 46;
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int LOCAL_HEADER_LENGTH = 30;
    private static final int MAX_COMMENT = 0xffff;
    private static final int MAX_DESCRIPTION = 1 << 26;

    private final ByteBuffer buffer;
    private final LabelSet labels;
    private final Confidence confidence;
    private final int projection;
    private final int maxCodePoints;
    private final int maxTokens;
    private final String segmentation;
    private final EntityFeatures.Described entityFeatures; // null: it is told of no names
    private final String description;
    private final int width; // 0: a parser
    private final String fingerprint;

    private ModelFile(ByteBuffer buffer) throws ModelFileException {
        this.buffer = buffer;
        description = new String(entry(buffer), StandardCharsets.UTF_8);
        try {
            JSONObject values = new JSONObject(description);
            int format = values.optInt("format", 0);
            if (format != FORMAT) {
                throw new ModelFileException("The description of the model must have format " + FORMAT
                        + ". Received: " + format + ". Use the version of this library that belongs to "
                        + "the package that made the file: " + values.opt("versions") + ".");
            }
            JSONObject spec = values.getJSONObject("spec");
            projection = spec.optInt("version", 0);
            if (!PROJECTIONS.contains(projection)) {
                throw new ModelFileException("The model must be made with one of the projection versions "
                        + PROJECTIONS + ". Received: " + projection + ". Use the version of this library "
                        + "that belongs to the package that made the file.");
            }
            String frontend = values.optString("frontend", FRONTEND);
            if (!frontend.equals(FRONTEND)) {
                throw new ModelFileException("The model must have the front end \"" + FRONTEND
                        + "\". Received: \"" + frontend + "\", which takes the text by an operation "
                        + "that stock runtimes do not have. Export it again with --frontend "
                        + FRONTEND + ".");
            }
            maxCodePoints = spec.getInt("max_code_points");
            maxTokens = spec.getInt("max_tokens");
            segmentation = spec.optString("segmentation", "unicode");
            entityFeatures = values.has("entity_features")
                    ? new EntityFeatures.Described(values.getJSONObject("entity_features")) : null;
            width = values.optInt("width", 0);
            fingerprint = values.optString("fingerprint", "");
            labels = width != 0
                    ? null : LabelSet.fromJson(values.getJSONObject("labels").toString());
            confidence = Confidence.fromJson(values);
        } catch (JSONException error) {
            throw new ModelFileException("The description " + ENTRY + " of the model is not what this "
                    + "library reads: " + error.getMessage(), error);
        }
    }

    /**
     * Reads a file.
     *
     * @throws ModelFileException if it is not a .tflite, was truncated, was not made by this package,
     *     is of another version, or takes anything but code points
     * @throws LabelException if its labels are malformed
     * @throws IOException if it cannot be read
     */
    public static ModelFile read(File file) throws IOException {
        try (InputStream stream = new FileInputStream(file)) {
            return read(stream);
        }
    }

    /** Reads a stream to its end, for instance an asset of an app; throws as the other method does. */
    public static ModelFile read(InputStream stream) throws IOException {
        byte[] content = readAll(stream);
        ByteBuffer buffer = ByteBuffer.allocateDirect(content.length);
        buffer.put(content);
        OutputBuffers.rewind(buffer);
        return of(buffer);
    }

    /** The rest of a stream; InputStream.readAllBytes is not in old Android. */
    static byte[] readAll(InputStream stream) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] chunk = new byte[1 << 16];
        for (int length = stream.read(chunk); length >= 0; length = stream.read(chunk)) {
            content.write(chunk, 0, length);
        }
        return content.toByteArray();
    }

    /**
     * Takes a file that is in memory, for instance mapped: from the buffer's position to its limit.
     * Runtimes need a direct buffer; it must not change while they use it.
     *
     * @throws ModelFileException as {@link #read(File)}
     */
    public static ModelFile of(ByteBuffer content) throws ModelFileException {
        return new ModelFile(content.slice());
    }

    /** The whole file, for the constructor of an interpreter: position 0, native byte order. */
    public ByteBuffer buffer() {
        return buffer.duplicate().order(ByteOrder.nativeOrder());
    }

    /**
     * Names of the model's outputs.
     *
     * @throws IllegalStateException if the model is an encoder
     */
    public LabelSet labels() {
        if (labels == null) {
            throw new IllegalStateException("The model must be a parser, which has labels. Received an "
                    + "encoder of sentence vectors: make a PqrnnEncoder of it.");
        }
        return labels;
    }

    /**
     * Length of the vectors of an encoder.
     *
     * @throws IllegalStateException if the model is a parser
     */
    public int width() {
        if (width == 0) {
            throw new IllegalStateException("The model must be an encoder, which gives vectors. Received "
                    + "a parser of " + labels.intents().size() + " intents: make a PqrnnParser of it.");
        }
        return width;
    }

    /** Digits that tell an encoder from others; empty of a parser. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Version of the projection, which says how text is folded before the model sees it. */
    int projection() {
        return projection;
    }

    /** How the projection finds tokens. */
    String segmentation() {
        return segmentation;
    }

    /** What the model is told of names; null for nothing. */
    EntityFeatures.Described entityFeatures() {
        return entityFeatures;
    }

    /** What makes probabilities of the model's own, and what tells requests that belong to no intent. */
    Confidence confidence() {
        return confidence;
    }

    /** Longer texts are cut at the last token that ends within so many code points. */
    public int maxCodePoints() {
        return maxCodePoints;
    }

    /** Further tokens are cut. */
    public int maxTokens() {
        return maxTokens;
    }

    /** The whole description as JSON: versions, scores, note on the licence and more. */
    public String description() {
        return description;
    }

    private static byte[] entry(ByteBuffer file) throws ModelFileException {
        ByteBuffer content = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int size = content.limit();
        if (size < 8 || content.getInt(4) != 0x334c4654) { // "TFL3"
            throw new ModelFileException("The file must be a .tflite. Received: " + size
                    + " bytes that do not begin like one.");
        }
        try {
            int end = size - END_LENGTH;
            int lowest = Math.max(0, end - MAX_COMMENT);
            while (end >= lowest && !(content.getInt(end) == END_OF_DIRECTORY
                    && end + END_LENGTH + unsignedShort(content, end + 20) <= size)) {
                end--;
            }
            if (end < lowest) {
                throw incomplete(size, null);
            }
            int directorySize = content.getInt(end + 12);
            // Offsets count from the first byte of the archive or of the file, as its writer liked.
            int shift = end - directorySize - content.getInt(end + 16);
            int position = end - directorySize;
            for (int i = unsignedShort(content, end + 10); i > 0; i--) {
                if (content.getInt(position) != DIRECTORY_ENTRY) {
                    throw incomplete(size, null);
                }
                int nameLength = unsignedShort(content, position + 28);
                byte[] name = bytes(content, position + DIRECTORY_ENTRY_LENGTH, nameLength);
                if (new String(name, StandardCharsets.UTF_8).equals(ENTRY)) {
                    return extract(content, position, shift);
                }
                position += DIRECTORY_ENTRY_LENGTH + nameLength
                        + unsignedShort(content, position + 30) + unsignedShort(content, position + 32);
            }
        } catch (IndexOutOfBoundsException | DataFormatException error) {
            throw incomplete(size, error);
        }
        throw incomplete(size, null);
    }

    private static byte[] extract(ByteBuffer content, int position, int shift)
            throws ModelFileException, DataFormatException {
        int method = unsignedShort(content, position + 10);
        int packed = content.getInt(position + 20);
        int length = content.getInt(position + 24);
        int local = content.getInt(position + 42) + shift;
        if (content.getInt(local) != LOCAL_HEADER || length < 0 || length > MAX_DESCRIPTION
                || (method != 0 && method != 8)) {
            throw incomplete(content.limit(), null);
        }
        int start = local + LOCAL_HEADER_LENGTH + unsignedShort(content, local + 26)
                + unsignedShort(content, local + 28);
        byte[] data = bytes(content, start, packed);
        byte[] result = data;
        if (method == 8) {
            result = new byte[length];
            Inflater inflater = new Inflater(true);
            try {
                inflater.setInput(data);
                int done = 0;
                while (done < length) {
                    int count = inflater.inflate(result, done, length - done);
                    if (count == 0) {
                        throw incomplete(content.limit(), null);
                    }
                    done += count;
                }
            } finally {
                inflater.end();
            }
        }
        CRC32 crc = new CRC32();
        crc.update(result);
        if ((int) crc.getValue() != content.getInt(position + 16)) {
            throw incomplete(content.limit(), null);
        }
        return result;
    }

    private static int unsignedShort(ByteBuffer content, int position) {
        return content.getShort(position) & 0xffff;
    }

    private static byte[] bytes(ByteBuffer content, int position, int length) {
        if (position < 0 || length < 0 || length > content.limit() - position) {
            throw new IndexOutOfBoundsException("beyond the end of the file");
        }
        byte[] result = new byte[length];
        for (int i = 0; i < length; i++) {
            result[i] = content.get(position + i);
        }
        return result;
    }

    private static ModelFileException incomplete(int size, Throwable cause) {
        return new ModelFileException("The file must be a complete .tflite of this package. Received: "
                + size + " bytes without a sound " + ENTRY + " at the end: the file was truncated or "
                + "damaged, or another tool made it.", cause);
    }
}
