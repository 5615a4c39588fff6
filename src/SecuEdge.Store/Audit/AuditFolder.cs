using System.Globalization;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Audit;

/// <summary>The files of the audit log: <c>audit/audit-YYYYMM.jsonl</c>, one a month, appended only; months never go back.</summary>
internal sealed class AuditFolder(IFileSystem files, string dataFolder)
{
    private const string Prefix = "audit-";
    private const string Ending = ".jsonl";

    public string Root { get; } = Path.Combine(dataFolder, "audit");

    /// <summary>Kept away from the files themselves, so that who cuts one must think of the other.</summary>
    public string AnchorPath { get; } = Path.Combine(dataFolder, "state", "audit-anchor");

    public static int MonthOf(DateTimeOffset at) => (at.UtcDateTime.Year * 100) + at.UtcDateTime.Month;

    public static string NameOf(int month) => Prefix + month.ToString("d6", CultureInfo.InvariantCulture) + Ending;

    public string PathOf(int month) => Path.Combine(Root, NameOf(month));

    public void Prepare()
    {
        DurableFile.CreateFolder(files, Root);
        DurableFile.CreateFolder(files, Path.GetDirectoryName(AnchorPath)!);
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<int> Months()
    {
        var months = new List<int>();
        foreach (var path in files.List(Root))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && name.EndsWith(Ending, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Ending.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var month))
            {
                months.Add(month);
            }
        }

        months.Sort();
        return months;
    }
}
