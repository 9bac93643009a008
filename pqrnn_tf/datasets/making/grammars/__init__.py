"""Rules of the demo grammar, one module a language; `pqrnn_tf.datasets.making.grammar` explains the form."""
