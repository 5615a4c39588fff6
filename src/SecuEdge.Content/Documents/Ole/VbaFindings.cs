using System.Text;
using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>What the VBA projects of a compound file do. The source of each module becomes a part, so that engines see it in plain.</summary>
internal static class VbaFindings
{
    public static void Report(CompoundFile file, DocumentVisit visit)
    {
        foreach (var storage in VbaProject.StoragesIn(file).TakeWhile(_ => visit.Meter.HasTime()))
        {
            Report(file, storage, visit);
        }
    }

    private static void Report(CompoundFile file, string storage, DocumentVisit visit)
    {
        var onlyCompiled = MacroSource.AutoExecAmong(Strings(VbaProject.CompiledNames(file, storage)));
        var hasModule = false;
        foreach (var module in VbaProject.Modules(file, storage))
        {
            if (module.Source.Length == 0 && !IsCompiledCode(module.Compiled))
            {
                continue;
            }

            hasModule = true;
            if (module.Source.Length == 0)
            {
                visit.Found(ActiveContent.Macro | ActiveContent.MacroSuspicious, $"{module.Name}: compiled code without source");
                MacroSource.Judge(module.Name, Strings(module.Compiled), visit);
                continue;
            }

            onlyCompiled.RemoveAll(name => module.Source.Contains(name, StringComparison.OrdinalIgnoreCase));
            if (HasCode(module.Source))
            {
                visit.Found(ActiveContent.Macro, $"{module.Name}: VBA");
            }

            MacroSource.Judge(module.Name, module.Source, visit);
            var text = Encoding.UTF8.GetBytes(module.Source);
            if (!visit.AddFile(new EntryDraft { Name = $"{module.Name}.bas", IsExcerpt = true }, () => new MemoryStream(text, writable: false)))
            {
                return;
            }
        }

        visit.Found(ActiveContent.Macro, hasModule ? "" : "a VBA project of which no module can be read");

        // Office runs the compiled code when it saved it itself, and shows the source: such a name is the mark of a source put in afterwards.
        foreach (var name in hasModule ? onlyCompiled : [])
        {
            visit.Found(ActiveContent.Macro | ActiveContent.MacroAutoExec | ActiveContent.MacroSuspicious, $"compiled code has {name}, the source has not");
        }
    }

    /// <summary>Every document with a project has modules that hold nothing but their attributes.</summary>
    private static bool HasCode(string source)
    {
        foreach (var line in source.AsSpan().EnumerateLines())
        {
            var text = line.Trim();
            if (!text.IsEmpty && !text.StartsWith("Attribute ", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("Option ", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>[MS-OVBA] §2.3.4.3 leaves its form to the version; that of every version begins with 0x01 and is longer than an empty module's header.</summary>
    private static bool IsCompiledCode(ReadOnlySpan<byte> bytes) => bytes.Length > 128 && bytes[0] == 1;

    /// <summary>Runs of printable characters, those of UTF-16 included.</summary>
    private static string Strings(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] is >= 0x20 and < 0x7f)
            {
                text.Append((char)bytes[i]);
            }
            else if (bytes[i] != 0 || i == 0 || bytes[i - 1] == 0)
            {
                text.Append('\n');
            }
        }

        return text.ToString();
    }
}
