"""One small model per language that understands what is said to Home Assistant, from its own sentence templates."""
