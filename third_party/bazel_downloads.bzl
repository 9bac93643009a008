"""Stand-ins for archives that Bazel 4 downloads for its own tools, so that builds need no network.

Bazel's own BUILD files load C++ and Java rules from archives whose files only name the native rules,
and a test depends on a coverage tool that runs with `bazel coverage` only.
"""

_RULES_CC = """
cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
"""

_RULES_JAVA = """
java_binary = native.java_binary
java_import = native.java_import
java_library = native.java_library
java_plugin = native.java_plugin
java_runtime = native.java_runtime
java_toolchain = native.java_toolchain
"""

_COVERAGE = """
filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)
"""

def _written_repository_impl(repository_ctx):
    for path, content in repository_ctx.attr.files.items():
        repository_ctx.file(path, content)

_written_repository = repository_rule(
    implementation = _written_repository_impl,
    attrs = {"files": attr.string_dict(doc = "Path to content.")},
    doc = "A repository of files that are given here.",
)

def stand_in_for_downloads():
    """Defines the repositories that Bazel would otherwise download."""
    _written_repository(
        name = "rules_cc",
        files = {"cc/BUILD": "", "cc/defs.bzl": _RULES_CC},
    )
    _written_repository(
        name = "rules_java",
        files = {"java/BUILD": "", "java/defs.bzl": _RULES_JAVA},
    )
    _written_repository(
        name = "remote_coverage_tools",
        files = {"BUILD": _COVERAGE},
    )
