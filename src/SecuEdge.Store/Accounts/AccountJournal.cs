using System.Text.Json;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Accounts;

/// <summary>The accounts on disk: a <see cref="LineJournal"/> of one line a change, <c>[changes]</c>, flushed before it counts.</summary>
internal sealed class AccountJournal : IDisposable
{
    private readonly LineJournal _lines;

    private AccountJournal(LineJournal lines, int count)
    {
        _lines = lines;
        Count = count;
    }

    /// <summary>Changes in the file, many of them overtaken by later ones.</summary>
    public int Count { get; private set; }

    public static AccountJournal Open(IFileSystem files, string path, Action<AccountChange> apply, List<string> notes)
    {
        var count = 0;
        var lines = LineJournal.Open(files, path, json =>
        {
            if (Parse(json) is not { } changes)
            {
                return false;
            }

            changes.ForEach(apply);
            count += changes.Count;
            return true;
        });
        if (lines.WasTorn)
        {
            notes.Add("Accounts: the last change had not been written completely and was never confirmed; it was dropped.");
        }

        if (lines.DamagedLines > 0)
        {
            notes.Add($"Accounts: {lines.DamagedLines} changes in {Path.GetFileName(path)} are damaged and were passed over; check users and tokens.");
        }

        return new AccountJournal(lines, count);
    }

    /// <param name="isDurable">False for what may be lost with the power: last uses.</param>
    public void Append(IReadOnlyList<AccountChange> changes, bool isDurable)
    {
        _lines.Append([Json(changes)], isDurable);
        Count += changes.Count;
    }

    /// <inheritdoc cref="LineJournal.Rewrite"/>
    public void Rewrite(IReadOnlyCollection<AccountChange> all)
    {
        _lines.Rewrite(all.Select(c => Json([c])));
        Count = all.Count;
    }

    public void Dispose() => _lines.Dispose();

    private static byte[] Json(IReadOnlyList<AccountChange> changes) => JsonSerializer.SerializeToUtf8Bytes(changes, StoreJson.Default.IReadOnlyListAccountChange);

    private static List<AccountChange>? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return StoreJson.ReadAccountChanges(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
