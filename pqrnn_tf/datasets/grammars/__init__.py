"""Rules of the demo grammar, one module a language; `pqrnn_tf.datasets.grammar` explains the form."""
