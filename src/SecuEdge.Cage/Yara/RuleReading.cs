using System.Globalization;
using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Yara;

/// <summary>Copies what a rule says about itself out of libyara's memory, bounded: a customer's rule can hold a novel.</summary>
internal static unsafe class RuleReading
{
    private const int NullRule = 0x04;
    private const int PrivateRule = 0x01;
    private const int MaxTags = 32;
    private const int MaxMetas = 32;
    private const int MaxChars = 300;

    public static RuleFacts Read(YaraRule* rule)
    {
        List<string> tags = [];
        for (var tag = rule->Tags; tag != null && *tag != 0 && tags.Count < MaxTags; tag += Length(tag) + 1)
        {
            tags.Add(Text(tag));
        }

        Dictionary<string, string> metas = [];
        for (var meta = rule->Metas; meta != null && metas.Count < MaxMetas; meta++)
        {
            metas.TryAdd(Text(meta->Identifier), Value(meta));
            if ((meta->Flags & YaraMeta.IsLast) != 0)
            {
                break;
            }
        }

        return new RuleFacts(Text(rule->Identifier), Text(rule->Namespace->Name), tags, metas);
    }

    /// <summary>All rules that can match by themselves.</summary>
    public static List<RuleFacts> ReadAll(RulesHandle rules)
    {
        List<RuleFacts> all = [];
        var table = (YaraRuleTable*)rules.DangerousGetHandle();
        for (var rule = table->First; rule != null && (rule->Flags & NullRule) == 0; rule++)
        {
            if ((rule->Flags & PrivateRule) == 0)
            {
                all.Add(Read(rule));
            }
        }

        return all;
    }

    public static string Text(byte* text)
    {
        var whole = Marshal.PtrToStringUTF8((nint)text) ?? "";
        return whole.Length <= MaxChars ? whole : whole[..MaxChars];
    }

    private static string Value(YaraMeta* meta) => meta->Type switch
    {
        YaraMeta.IsText => Text(meta->Text),
        YaraMeta.IsBoolean => meta->Number != 0 ? "true" : "false",
        _ => meta->Number.ToString(CultureInfo.InvariantCulture),
    };

    private static int Length(byte* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).Length;
}
