using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace SecuEdge.Content.Tests;

public sealed class BudgetTests
{
    [Theory]
    [InlineData(50, false)]
    [InlineData(500, true)]
    [InlineData(20_000, true)]
    public void Multiparts_in_multiparts_end_at_the_depth_budget(int levels, bool isTooDeep)
    {
        using var anatomy = Samples.Examine(Nested(levels));
        Assert.Equal(isTooDeep, anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.True(isTooDeep || anatomy.AllParts().Any(Samples.HasEicar));
    }

    [Theory]
    [InlineData(20, false)]
    [InlineData(300, true)]
    public void Messages_in_messages_end_at_the_depth_budget(int levels, bool isTooDeep)
    {
        var message = new StringBuilder();
        for (var i = 0; i < levels; i++)
        {
            message.Append("From: a@example.org\r\nContent-Type: message/rfc822\r\n\r\n");
        }

        message.Append("From: a@example.org\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/octet-stream\r\n\r\n").Append(Samples.EicarBase64);
        using var anatomy = Samples.Examine(Encoding.ASCII.GetBytes(message.ToString()));
        Assert.Equal(isTooDeep, anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.True(isTooDeep || anatomy.AllParts().Any(Samples.HasEicar), Samples.Describe(anatomy));
    }

    [Fact]
    public void Parts_are_counted()
    {
        var message = Samples.WithBody("Content-Type: multipart/mixed; boundary=b", string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 5_000)) + "--b--\r\n");
        using var anatomy = Samples.Examine(message);
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.True(anatomy.AllParts().Count() <= 1_001);
    }

    [Fact]
    public void Bytes_are_counted()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(new byte[300_000]), new AnatomyBudget { MaxTotalBytes = 100_000 });
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
    }

    [Fact]
    public void Time_is_measured()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(10) };
        var zip = ContainerTests.Zip([.. Enumerable.Range(0, 50).Select(i => ($"{i}.txt", "x"u8.ToArray()))]);
        using var anatomy = new Anatomist(new AnatomyBudget(), Samples.ScratchFolder, time)
            .Examine(new MemoryBytes(Samples.WithAttachment(zip, "x.zip")), TestContext.Current.CancellationToken);
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget));
        Assert.Contains(anatomy.Troubles, trouble => trouble.Contains("seconds", StringComparison.Ordinal) || trouble.Contains("too long", StringComparison.Ordinal));
    }

    [Fact]
    public void Cancelling_is_the_callers_and_leaves_nothing_behind()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var folder = Directory.CreateTempSubdirectory("secuedge-content-");
        var anatomist = new Anatomist(new AnatomyBudget { MaxPartBytesInMemory = 0 }, folder.FullName, TimeProvider.System);
        Assert.Throws<OperationCanceledException>(() => anatomist.Examine(new MemoryBytes(Samples.WithAttachment(new byte[100])), cancelled.Token));
        Assert.Empty(folder.GetFileSystemInfos());
        folder.Delete();
    }

    [Fact]
    public void A_scratch_folder_that_cannot_be_used_is_our_trouble_and_no_flag()
    {
        var file = Path.Combine(Samples.ScratchFolder, "not-a-folder");
        File.WriteAllText(file, "");
        var anatomist = new Anatomist(new AnatomyBudget { MaxPartBytesInMemory = 0 }, file, TimeProvider.System);
        Assert.Throws<ScratchException>(() => anatomist.Examine(new MemoryBytes(Samples.WithAttachment(ContainerTests.Zip(("a", new byte[10])))), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Large_parts_are_files_until_the_anatomy_is_disposed()
    {
        var folder = Directory.CreateTempSubdirectory("secuedge-content-");
        byte[] content = [.. Samples.Eicar, .. new byte[1_000_000]];
        var file = Path.Combine(folder.FullName, "message.eml");
        File.WriteAllBytes(file, Samples.WithAttachment(content, "big.bin"));
        var anatomy = new Anatomist(new AnatomyBudget(), folder.FullName, TimeProvider.System).Examine(new FileBytes(file), TestContext.Current.CancellationToken);
        var part = anatomy.AllParts().Single(candidate => candidate.FileName == "big.bin");
        Assert.Null(part.Content!.Memory);
        Assert.Equal(content, File.ReadAllBytes(part.Content.FilePath!));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), part.Sha256);
        anatomy.Dispose();
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.FullName));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_message_in_a_file_is_read_like_one_in_memory()
    {
        foreach (var (name, message) in DubiousMime.All)
        {
            var file = Path.Combine(Samples.ScratchFolder, "same.eml");
            File.WriteAllBytes(file, message);
            using var fromMemory = Samples.Examine(message);
            using var fromFile = new Anatomist(new AnatomyBudget(), Samples.ScratchFolder, TimeProvider.System).Examine(new FileBytes(file), TestContext.Current.CancellationToken);
            Assert.True(Samples.Describe(fromMemory) == Samples.Describe(fromFile), $"{name}\n{Samples.Describe(fromMemory)}\n{Samples.Describe(fromFile)}");
            Assert.True(fromFile.AllParts().Any(Samples.HasEicar), name);
        }
    }

    private static byte[] Nested(int levels)
    {
        var message = new StringBuilder("From: a@example.org\r\n");
        for (var i = 0; i < levels; i++)
        {
            message.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=\"b{i}\"\r\n\r\n--b{i}\r\n");
        }

        message.Append("Content-Transfer-Encoding: base64\r\nContent-Type: application/octet-stream\r\n\r\n").Append(Samples.EicarBase64).Append("\r\n");
        for (var i = levels - 1; i >= 0; i--)
        {
            message.Append(System.Globalization.CultureInfo.InvariantCulture, $"--b{i}--\r\n");
        }

        return Encoding.ASCII.GetBytes(message.ToString());
    }
}
