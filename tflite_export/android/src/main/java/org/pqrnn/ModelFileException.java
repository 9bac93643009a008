package org.pqrnn;

import java.io.IOException;

/** A file that is not a complete model of this package, or one of another version. */
public final class ModelFileException extends IOException {
    private static final long serialVersionUID = 1L;

    ModelFileException(String message) {
        super(message);
    }

    ModelFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
