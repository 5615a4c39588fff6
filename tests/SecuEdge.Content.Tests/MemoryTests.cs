using System.Text;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content.Readings;

namespace SecuEdge.Content.Tests;

/// <summary>Whatever a mail is made of, it holds little memory and costs no more than its size.</summary>
public sealed class MemoryTests
{
    private const int Megabyte = 1024 * 1024;

    [Theory]
    [InlineData("begin 644 x")]
    [InlineData("begin-base64 644 x")]
    [InlineData("=ybegin line=128 size=1 name=x")]
    [InlineData("(This file must be converted with BinHex 4.0)")]
    public void Blocks_without_an_end_are_together_at_most_twice_the_text(string begin)
    {
        var text = Encoding.ASCII.GetBytes(Unfinished(begin, blocks: 200, bytes: 200_000));
        var blocks = HiddenBlocks.Find(text);
        Assert.True(blocks.Count >= 200);
        Assert.InRange(blocks.Sum(block => (long)block.Length), text.Length / 2, text.Length * 2L);
    }

    [Fact]
    public void Both_readings_of_a_block_in_a_block_are_seen()
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", "begin 644 a\r\nx\r\n" + Uu(Samples.Eicar) + "begin 644 c\r\nx\r\nend\r\n"));
        Assert.Contains(anatomy.AllParts(), part => part.Kind == PartKind.Reading && Samples.HasEicar(part));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Ambiguous));
    }

    [Fact]
    public void Blocks_without_an_end_do_not_multiply_what_is_allocated()
    {
        var file = InFile(Samples.WithBody("Content-Type: text/plain", Unfinished("begin 644 x", blocks: 200, bytes: 4 * Megabyte)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var anatomy = Examine(file, new AnatomyBudget());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * Megabyte);
    }

    [Fact]
    public void A_large_file_written_into_text_becomes_a_scratch_file()
    {
        var content = new byte[Megabyte];
        new Random(1).NextBytes(content);
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", Uu(content)));
        var part = Assert.Single(anatomy.AllParts(), part => part.Size == content.Length);
        Assert.Equal(content, File.ReadAllBytes(part.Content!.FilePath!));
    }

    [Fact]
    public void Many_small_parts_are_not_all_kept_in_memory()
    {
        var message = new StringBuilder();
        var content = new byte[250_000];
        for (var i = 0; i < 100; i++)
        {
            new Random(i).NextBytes(content);
            message.Append("--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n").Append(Convert.ToBase64String(content)).Append("\r\n");
        }

        using var anatomy = Examine(InFile(Samples.WithBody("Content-Type: multipart/mixed; boundary=b", message.Append("--b--\r\n").ToString())), new AnatomyBudget());
        Assert.Equal(100, anatomy.AllParts().Count(part => part.Size == content.Length));
        Assert.InRange(anatomy.AllParts().Sum(part => part.Content?.Memory?.Length ?? 0), 1, 17 * Megabyte);
    }

    [Fact]
    public void A_run_of_BinHex_ends_with_the_budget()
    {
        // Six bits each: 90 ff 90 ff ... is a run of 254 for every two bytes.
        byte[] packed = [0, .. new byte[21], 65, .. Enumerable.Range(0, 200_000).Select(i => i % 2 == 0 ? (byte)0x90 : (byte)0xff)];
        const string Alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
        const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        var text = string.Concat(Convert.ToBase64String(packed).TrimEnd('=').Select((sign, i) => (i % 64 == 0 ? "\r\n" : "") + Alphabet[Base64.IndexOf(sign, StringComparison.Ordinal)]));
        var message = Samples.WithBody("Content-Type: text/plain", "(This file must be converted with BinHex 4.0)\r\n:" + text + ":\r\n");
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var anatomy = Samples.Examine(message, new AnatomyBudget { MaxEntryBytes = 2 * Megabyte });
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget), Samples.Describe(anatomy));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 24 * Megabyte);
    }

    [Fact]
    public void No_further_block_is_tried_when_the_bytes_are_spent()
    {
        var blocks = string.Concat(Enumerable.Range(0, 50).Select(i => Uu([.. Encoding.ASCII.GetBytes($"{i}"), .. new byte[10_000]])));
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: text/plain", blocks), new AnatomyBudget { MaxTotalBytes = blocks.Length + 100_000 });
        Assert.True(anatomy.AllParts().First(part => part.Kind == PartKind.Body).Flags.HasFlag(AnatomyFlags.OverBudget), Samples.Describe(anatomy));
        Assert.InRange(anatomy.AllParts().Count(part => part.Kind == PartKind.Reading), 1, 10);
    }

    [Fact]
    public void No_further_block_is_tried_when_the_time_is_over()
    {
        var blocks = string.Concat(Enumerable.Range(0, 100).Select(_ => Uu(new byte[100])));
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(2) };
        using var anatomy = new Anatomist(new AnatomyBudget(), Samples.ScratchFolder, time)
            .Examine(new MemoryBytes(Samples.WithBody("Content-Type: text/plain", blocks)), TestContext.Current.CancellationToken);
        Assert.True(anatomy.AllParts().First(part => part.Kind == PartKind.Body).Flags.HasFlag(AnatomyFlags.OverBudget), Samples.Describe(anatomy));
    }

    [Fact]
    public void A_pattern_is_found_wherever_the_pieces_of_a_file_end()
    {
        for (var position = (64 * 1024) - 4; position < (64 * 1024) + 2; position++)
        {
            var bytes = new byte[200_000];
            "Rar!"u8.CopyTo(bytes.AsSpan(position));
            Assert.Equal(position, InFile(bytes).IndexOf("Rar!"u8));
        }

        Assert.Equal(-1, InFile(new byte[200_000]).IndexOf("Rar!"u8));
    }

    private static string Unfinished(string begin, int blocks, int bytes)
    {
        var line = "M!" + new string('A', 59) + "\r\n";
        var lines = string.Concat(Enumerable.Repeat(line, bytes / blocks / line.Length));
        return string.Concat(Enumerable.Repeat(begin + "\r\n" + lines, blocks));
    }

    private static string Uu(byte[] content)
    {
        var text = new StringBuilder("begin 644 b\r\n");
        foreach (var line in content.Chunk(45))
        {
            text.Append((char)(32 + line.Length));
            foreach (var group in line.Chunk(3))
            {
                var bits = (group[0] << 16) | ((group.Length > 1 ? group[1] : 0) << 8) | (group.Length > 2 ? group[2] : 0);
                for (var shift = 18; shift >= 0; shift -= 6)
                {
                    text.Append(((bits >> shift) & 63) is > 0 and var value ? (char)(32 + value) : '`');
                }
            }

            text.Append("\r\n");
        }

        return text.Append("`\r\nend\r\n").ToString();
    }

    private static FileBytes InFile(byte[] bytes)
    {
        var file = Path.Combine(Samples.ScratchFolder, Path.GetRandomFileName());
        File.WriteAllBytes(file, bytes);
        return new FileBytes(file);
    }

    private static MessageAnatomy Examine(IByteSource message, AnatomyBudget budget) =>
        new Anatomist(budget, Samples.ScratchFolder, TimeProvider.System).Examine(message, TestContext.Current.CancellationToken);
}
