using System.Text;

namespace SecuEdge.Content.Tests.Documents;

/// <summary>Examines one file as an attachment and gives the part that it became.</summary>
internal static class PartSamples
{
    public static MessageAnatomy Examine(byte[] content, string name, string type = "application/octet-stream") => Samples.Examine(Samples.WithAttachment(content, name, type));

    public static MessageAnatomy Examine(string content, string name) => Examine(Encoding.Latin1.GetBytes(content), name);

    public static MessagePart Attachment(this MessageAnatomy anatomy) => anatomy.AllParts().First(part => part.Kind == PartKind.Attachment);

    public static string TextOf(MessagePart part)
    {
        using var reader = new StreamReader(part.Content!.OpenRead());
        return reader.ReadToEnd();
    }

    /// <summary>Changes a file at random places; the same seed gives the same files.</summary>
    public static IEnumerable<byte[]> Mutations(IReadOnlyList<byte[]> originals, int count, int seed = 20_26)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var original = originals[random.Next(originals.Count)];
            var bytes = original[..(random.Next(4) == 0 ? random.Next(original.Length + 1) : original.Length)];
            for (var change = random.Next(1, 12); change > 0 && bytes.Length > 0; change--)
            {
                var at = random.Next(bytes.Length);
                if (random.Next(6) == 0)
                {
                    var length = Math.Min(random.Next(1, 64), bytes.Length - at);
                    bytes = [.. bytes[..at], .. bytes.AsSpan(at, length), .. bytes[at..]];
                }
                else
                {
                    bytes[at] = random.Next(3) == 0 ? (byte)"\0\xff<>[]()/% 09\n=\""u8[random.Next(16)] : (byte)(bytes[at] ^ (1 << random.Next(8)));
                }
            }

            yield return bytes;
        }
    }

    /// <summary>None of the files makes the examination fail or take long.</summary>
    public static void Survive(IEnumerable<byte[]> files, string name)
    {
        var number = 0;
        foreach (var file in files)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            using var anatomy = Examine(file, name);
            Assert.False(anatomy.Troubles.Any(trouble => trouble.StartsWith("Examination failed", StringComparison.Ordinal)), $"{number}: {Samples.Describe(anatomy)}\n{Convert.ToBase64String(file)}");
            Assert.DoesNotContain(anatomy.Troubles, trouble => trouble.Contains("IndexOutOfRange", StringComparison.Ordinal) || trouble.Contains("NullReference", StringComparison.Ordinal) || trouble.Contains("ArgumentOutOfRange", StringComparison.Ordinal));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"{number} took {watch.Elapsed}\n{Convert.ToBase64String(file)}");
            number++;
        }
    }

    public static IEnumerable<byte[]> Truncations(byte[] file) => Enumerable.Range(0, file.Length).Select(length => file[..length]);
}
