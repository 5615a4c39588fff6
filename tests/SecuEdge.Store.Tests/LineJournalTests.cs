using System.Text;
using SecuEdge.Store.State;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>The journal of lines that several parts of the appliance share.</summary>
public sealed class LineJournalTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);

    private string File => System.IO.Path.Combine(_folder.Path, "state", "things.journal");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_appended_is_read_in_order()
    {
        Write("1", "2");
        Write("3");
        Assert.Equal(["1", "2", "3"], Read(out _, out _));
    }

    [Fact]
    public void A_torn_end_is_dropped_and_written_over()
    {
        Write("1", "2");
        using (var file = System.IO.File.OpenWrite(File))
        {
            file.SetLength(file.Length - 2);
        }

        Assert.Equal(["1"], Read(out var torn, out _));
        Assert.True(torn);
        Write("3");
        Assert.Equal(["1", "3"], Read(out torn, out _));
        Assert.False(torn);
    }

    [Fact]
    public void A_damaged_line_costs_itself()
    {
        Write("1", "2", "3");
        var text = System.IO.File.ReadAllText(File);
        System.IO.File.WriteAllText(File, text.Replace(" 2\n", " 4\n", StringComparison.Ordinal));
        Assert.Equal(["1", "3"], Read(out _, out var damaged));
        Assert.Equal(1, damaged);
    }

    [Fact]
    public void A_disk_that_fails_anywhere_keeps_what_was_confirmed_and_nothing_else()
    {
        foreach (var fault in Enum.GetValues<DiskFault>().Where(f => f != DiskFault.FalseAlarm))
        {
            for (var operation = 1; operation < 12; operation++)
            {
                using var folder = new TempFolder(inMemory: true);
                var disk = new FailingFileSystem();
                var journals = new JournalFolder(disk.Options(folder.Path));
                List<string> confirmed = [];
                using (var journal = journals.Open("things", _ => true))
                {
                    var failAt = disk.Operations + operation;
                    disk.Plan = (n, _) => n == failAt ? fault : null;
                    for (var i = 0; i < 4; i++)
                    {
                        try
                        {
                            journal.Append([Encoding.UTF8.GetBytes($"{i}")], isDurable: true);
                            confirmed.Add($"{i}");
                        }
                        catch (IOException)
                        {
                            // Told; it must not be there later.
                        }

                        if (i == 1)
                        {
                            try
                            {
                                journal.Rewrite(confirmed.Select(Encoding.UTF8.GetBytes));
                            }
                            catch (IOException)
                            {
                                // The old file or the new one, which say the same.
                            }
                        }
                    }
                }

                disk.Plan = (_, _) => null;
                List<string> found = [];
                using var again = journals.Open("things", l => Add(found, l));
                Assert.Equal(confirmed, found);
            }
        }
    }

    private static bool Add(List<string> lines, ReadOnlySpan<byte> line)
    {
        lines.Add(Encoding.UTF8.GetString(line));
        return true;
    }

    private void Write(params string[] lines)
    {
        using var journal = Folder().Open("things", _ => true);
        journal.Append(lines.Select(Encoding.UTF8.GetBytes), isDurable: true);
    }

    private List<string> Read(out bool wasTorn, out int damaged)
    {
        List<string> lines = [];
        using var journal = Folder().Open("things", l => Add(lines, l));
        (wasTorn, damaged) = (journal.WasTorn, journal.DamagedLines);
        return lines;
    }

    private JournalFolder Folder() => new(new StoreOptions { DataFolder = _folder.Path });
}
