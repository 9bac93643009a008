"""Finds the TensorFlow that is installed for Python, and wraps it as a library."""

_BUILD = """
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "tensorflow",
    hdrs = glob(
        ["include/**"],
        exclude = ["include/**/*.cc"],
    ),
    srcs = ["{library}"],
    copts = [],
    defines = [{defines}],
    includes = ["include"],
)
"""

_ASK = "; ".join([
    "import tensorflow as tf",
    "print(tf.sysconfig.get_include())",
    "print(tf.sysconfig.get_lib())",
    "print(tf.__version__)",
    "print(int(tf.sysconfig.CXX11_ABI_FLAG))",
    "print([f[3:] for f in tf.sysconfig.get_link_flags() if f.startswith('-l:')][0])",
])

def _tensorflow_configure_impl(repository_ctx):
    name = repository_ctx.os.environ.get("PYTHON_BIN", "python3")
    python = repository_ctx.which(name) if "/" not in name else repository_ctx.path(name)
    if not python:
        fail("Python is not found as '%s'. Set PYTHON_BIN to a Python that has TensorFlow." % name)
    answer = repository_ctx.execute(
        [python, "-c", _ASK],
        environment = {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if answer.return_code:
        fail("TensorFlow cannot be imported by %s. Set PYTHON_BIN to a Python that has it.\n%s" %
             (python, answer.stderr))
    include, folder, version, abi, library = answer.stdout.strip().splitlines()[-5:]
    repository_ctx.symlink(include, "include")
    repository_ctx.symlink(folder + "/" + library, library)
    defines = [
        "_GLIBCXX_USE_CXX11_ABI=" + abi,
        "EIGEN_MAX_ALIGN_BYTES=64",
        'PQRNN_TENSORFLOW_VERSION=\\\\"%s\\\\"' % version,
    ]
    repository_ctx.file("BUILD", _BUILD.format(
        library = library,
        defines = ", ".join(["\"%s\"" % define.replace('"', '\\"') for define in defines]),
    ))

tensorflow_configure = repository_rule(
    implementation = _tensorflow_configure_impl,
    environ = ["PYTHON_BIN"],
    local = True,
    doc = "A repository with the target `tensorflow`: headers and library of the Python package.",
)
