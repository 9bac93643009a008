package org.pqrnn;

/** Labels that are malformed or do not belong to the model. */
public final class LabelException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    LabelException(String message) {
        super(message);
    }

    LabelException(String message, Throwable cause) {
        super(message, cause);
    }
}
