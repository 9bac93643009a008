package org.pqrnn;

/** Intents or phrases that cannot be added, or a file of them that does not fit. */
public final class IntentException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    IntentException(String message) {
        super(message);
    }

    IntentException(String message, Throwable cause) {
        super(message, cause);
    }
}
