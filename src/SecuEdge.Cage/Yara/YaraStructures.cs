using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Yara;

/// <summary>YR_RULE of libyara 4.2 (types.h): pointers are eight bytes wide even where the machine's are not.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal unsafe struct YaraRule
{
    public int Flags;
    public int Atoms;
    public byte* Identifier;

    /// <summary>Words one after the other, each ended by NUL; an empty one ends them.</summary>
    public byte* Tags;
    public YaraMeta* Metas;
    public void* Strings;
    public YaraNamespace* Namespace;
}

/// <summary>YR_META: one line of a rule's <c>meta</c> section.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal unsafe struct YaraMeta
{
    public const int IsText = 2;
    public const int IsBoolean = 3;
    public const int IsLast = 1;

    public byte* Identifier;
    public byte* Text;
    public long Number;
    public int Type;
    public int Flags;
}

/// <summary>YR_NAMESPACE: we give each file one of its own.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal unsafe struct YaraNamespace
{
    public byte* Name;
    public ulong Index;
}

/// <summary>The beginning of YR_RULES: all that we read of it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal unsafe struct YaraRuleTable
{
    public void* Arena;

    /// <summary>Ends with a rule that carries <c>RULE_FLAGS_NULL</c>.</summary>
    public YaraRule* First;
}

/// <summary>YR_STREAM: how compiled rules are written and read.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal unsafe struct YaraStream
{
    public void* UserData;
    public delegate* unmanaged[Cdecl]<void*, nuint, nuint, void*, nuint> Read;
    public delegate* unmanaged[Cdecl]<void*, nuint, nuint, void*, nuint> Write;
}
