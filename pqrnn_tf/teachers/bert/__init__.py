"""BERT as a teacher: building, converting, fine-tuning, answering."""
