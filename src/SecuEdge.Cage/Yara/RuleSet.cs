using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Yara;

/// <summary>A compiled set of rules: written, read again, and matched against bytes.</summary>
internal sealed unsafe class RuleSet(RulesHandle rules) : IDisposable
{
    /// <summary>
    /// An answer stays small. More are not "the rest did not match": the answer says that it is cut, since a file can be made to match a
    /// hundred harmless rules before the one that convicts it.
    /// </summary>
    private const int MaxMatches = 100;

    // One match per string is enough where the condition does not count them.
    private const int FastMode = 1;

    // libyara would replace the signal handlers that the .NET runtime lives by; the bytes are in memory and cannot fault.
    private const int NoSignalHandlers = 4;
    private const int ReportMatches = 8;

    private const int RuleMatches = 1;
    private const int TooManyMatches = 6;
    private const int Continue = 0;
    private const int Abort = 1;
    private const int ScanTimeout = 26;

    /// <summary>Reads what <see cref="Save"/> wrote; null when it is nothing of this libyara.</summary>
    public static RuleSet? Load(ReadOnlySpan<byte> compiled)
    {
        fixed (byte* start = compiled)
        {
            var reader = new Reader { Next = start, Left = (nuint)compiled.Length };
            var stream = new YaraStream { UserData = &reader, Read = &OnRead };
            if (YaraLibrary.yr_rules_load_stream(&stream, out var rules) == 0)
            {
                return new RuleSet(rules);
            }

            rules.Dispose();
            return null;
        }
    }

    public byte[] Save()
    {
        using var written = new MemoryStream();
        var state = GCHandle.Alloc(written);
        try
        {
            var stream = new YaraStream { UserData = (void*)GCHandle.ToIntPtr(state), Write = &OnWrite };
            var error = YaraLibrary.yr_rules_save_stream(rules, &stream);
            return error == 0 ? written.ToArray() : throw new IOException($"libyara does not write the compiled rules: error {error}");
        }
        finally
        {
            state.Free();
        }
    }

    public RuleScanAnswer Scan(ReadOnlySpan<byte> bytes, RuleScanQuestion question)
    {
        fixed (byte* start = bytes)
        {
            // libyara takes no null pointer, not even for nothing.
            byte nothing = 0;
            return Scan(start == null ? &nothing : start, (nuint)bytes.Length, question);
        }
    }

    public RuleScanAnswer Scan(byte* bytes, nuint length, RuleScanQuestion question)
    {
        var error = YaraLibrary.yr_scanner_create(rules, out var scanner);
        using var owned = scanner;
        if (error != 0)
        {
            return new RuleScanAnswer(false, $"libyara makes no scanner: error {error}", false, []);
        }

        Define(scanner, question);
        YaraLibrary.yr_scanner_set_flags(scanner, FastMode | NoSignalHandlers | ReportMatches);
        YaraLibrary.yr_scanner_set_timeout(scanner, Math.Max(1, question.TimeoutSeconds));
        List<RuleFacts> matches = [];
        var state = GCHandle.Alloc(matches);
        try
        {
            YaraLibrary.yr_scanner_set_callback(scanner, &OnMessage, (void*)GCHandle.ToIntPtr(state));
            error = YaraLibrary.yr_scanner_scan_mem(scanner, bytes, length);
        }
        finally
        {
            state.Free();
        }

        return new RuleScanAnswer(false, error == 0 ? "" : TroubleOf(scanner, error, question), error == ScanTimeout, matches, matches.Count > MaxMatches);
    }

    public void Dispose() => rules.Dispose();

    private static void Define(ScannerHandle scanner, RuleScanQuestion question)
    {
        var dot = question.FileName.LastIndexOf('.');
        foreach (var (name, value) in ((string, string)[])
                 [
                     ("filename", question.FileName),
                     ("filepath", question.FileName),
                     ("extension", dot < 0 ? "" : question.FileName[dot..].ToLowerInvariant()),
                     ("filetype", question.FileType),
                 ])
        {
            // A set that does not use the variable refuses it; that is no trouble.
            _ = YaraLibrary.yr_scanner_define_string_variable(scanner, name, value);
        }
    }

    private static string TroubleOf(ScannerHandle scanner, int error, RuleScanQuestion question)
    {
        var rule = YaraLibrary.yr_scanner_last_error_rule(scanner);
        var where = rule == null ? "" : $" at rule {RuleReading.Text(rule->Identifier)} of {RuleReading.Text(rule->Namespace->Name)}";
        return error == ScanTimeout
            ? $"the rules did not finish within {question.TimeoutSeconds} s{where}"
            : $"libyara gave up with error {error}{where}";
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnMessage(void* context, int message, void* data, void* userData)
    {
        var matches = (List<RuleFacts>)GCHandle.FromIntPtr((nint)userData).Target!; // allocated in Scan, freed after the call
        if (message == RuleMatches)
        {
            matches.Add(RuleReading.Read((YaraRule*)data));
        }

        // A string that matches a million times is left out for this scan; its rule has had its chance.
        return message == TooManyMatches || matches.Count <= MaxMatches ? Continue : Abort;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint OnRead(void* target, nuint size, nuint count, void* userData)
    {
        var reader = (Reader*)userData;
        if (size == 0 || count > reader->Left / size)
        {
            return 0;
        }

        NativeMemory.Copy(reader->Next, target, size * count);
        reader->Next += size * count;
        reader->Left -= size * count;
        return count;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint OnWrite(void* source, nuint size, nuint count, void* userData)
    {
        var written = (MemoryStream)GCHandle.FromIntPtr((nint)userData).Target!; // allocated in Save, freed after the call
        written.Write(new ReadOnlySpan<byte>(source, checked((int)(size * count))));
        return count;
    }

    private struct Reader
    {
        public byte* Next;
        public nuint Left;
    }
}
