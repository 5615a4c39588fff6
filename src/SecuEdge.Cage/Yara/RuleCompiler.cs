using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Yara;

/// <summary>
/// Compiles rule files into one set. Each file is a namespace of its own: two files may use one rule name, and a <c>global</c> rule of one
/// cannot switch another off. <c>include</c> is an error: a rule file reads no other.
/// </summary>
internal static unsafe class RuleCompiler
{
    /// <summary>
    /// Variables that rules may use besides those they declare; the names are those that scanners of mail and files commonly set, so that
    /// published rules compile.
    /// </summary>
    public static readonly IReadOnlyList<string> Variables = ["filename", "filepath", "extension", "filetype", "owner"];

    private const int MaxProblems = 100;

    /// <summary>The set, to be disposed by the caller; null when a file is wrong.</summary>
    public static (RulesHandle? Rules, List<RuleProblem> Errors, List<RuleProblem> Warnings) Compile(IReadOnlyList<RuleSource> sources)
    {
        var problems = new Problems();
        using var compiler = Open();
        for (var i = 0; i < sources.Count; i++)
        {
            if (!Add(compiler, sources[i], problems))
            {
                // A compiler that met an error takes no further file; the remaining ones are tried alone, so that all errors are told.
                AddAlone(sources.Skip(i + 1), problems);
                return (null, problems.Errors, problems.Warnings);
            }
        }

        var error = YaraLibrary.yr_compiler_get_rules(compiler, out var rules);
        if (error != 0)
        {
            rules.Dispose();
            problems.Errors.Add(new RuleProblem("all files together", 0, $"libyara puts no set together: error {error}"));
            return (null, problems.Errors, problems.Warnings);
        }

        return (rules, problems.Errors, problems.Warnings);
    }

    private static void AddAlone(IEnumerable<RuleSource> sources, Problems problems)
    {
        foreach (var source in sources)
        {
            using var compiler = Open();
            Add(compiler, source, problems);
        }
    }

    private static CompilerHandle Open()
    {
        var compiler = CompilerHandle.Create();
        YaraLibrary.yr_compiler_set_include_callback(compiler, null, null, null);
        foreach (var variable in Variables)
        {
            _ = YaraLibrary.yr_compiler_define_string_variable(compiler, variable, "");
        }

        return compiler;
    }

    private static bool Add(CompilerHandle compiler, RuleSource source, Problems problems)
    {
        // libyara would stop reading there and call the rest compiled.
        if (source.Text.Contains('\0', StringComparison.Ordinal))
        {
            var line = source.Text.AsSpan(0, source.Text.IndexOf('\0', StringComparison.Ordinal)).Count('\n') + 1;
            problems.Errors.Add(new RuleProblem(source.File, line, "holds a NUL byte: a rule file is text"));
            return false;
        }

        problems.File = source.File;
        var state = GCHandle.Alloc(problems);
        try
        {
            YaraLibrary.yr_compiler_set_callback(compiler, &OnProblem, (void*)GCHandle.ToIntPtr(state));
            var before = problems.Errors.Count;
            var count = YaraLibrary.yr_compiler_add_string(compiler, source.Text, source.File);
            if (count > 0 && problems.Errors.Count == before)
            {
                problems.Errors.Add(new RuleProblem(source.File, 0, $"{count} error(s)"));
            }

            return count == 0;
        }
        finally
        {
            state.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnProblem(int level, byte* file, int line, YaraRule* rule, byte* message, void* userData)
    {
        var problems = (Problems)GCHandle.FromIntPtr((nint)userData).Target!; // allocated in Add, freed after the call
        var list = level == 0 ? problems.Errors : problems.Warnings;
        if (list.Count < MaxProblems)
        {
            list.Add(new RuleProblem(problems.File, line, RuleReading.Text(message)));
        }
    }

    private sealed class Problems
    {
        public string File { get; set; } = "";

        public List<RuleProblem> Errors { get; } = [];

        public List<RuleProblem> Warnings { get; } = [];
    }
}
