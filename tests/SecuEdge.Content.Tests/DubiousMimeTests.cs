using System.Text;

namespace SecuEdge.Content.Tests;

public sealed class DubiousMimeTests
{
    public static TheoryData<string> Names => [.. DubiousMime.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_any_reader_could_find_is_a_part(string name)
    {
        using var anatomy = Samples.Examine(DubiousMime.All[name]);
        Assert.True(anatomy.AllParts().Any(Samples.HasEicar), Samples.Describe(anatomy));
    }

    /// <summary>Lines of a body, paths and names that must be known besides the first part.</summary>
    public static TheoryData<string, string> Copies => new()
    {
        { $"--b\nContent-Type: application/octet-stream; name=evil.docm\nContent-Transfer-Encoding: base64\n\n{Uuencoded.Base64}\n--b\nContent-Type: text/plain\n\nsee\n{Uuencoded.As("evil.docm")}\n--b--\n", "1.2~1 evil.docm Ambiguous" },
        { $"--b\nContent-Type: application/octet-stream; name=a.dat\nContent-Transfer-Encoding: base64\n\n{Uuencoded.Base64}\n--b\nContent-Type: text/plain\n\nsee\n{Uuencoded.As("a.docm")}\n--b--\n", "1.2~1 a.docm Ambiguous" },
        { $"--b\nContent-Type: text/plain\n\nsee\n{Uuencoded.As("a.dat")}\n{Uuencoded.As("a.docm")}\n--b--\n", "1.1~2 a.docm None" },
    };

    [Theory]
    [MemberData(nameof(Copies))]
    public void A_file_that_is_there_twice_is_known_at_both_places(string body, string expected)
    {
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: multipart/mixed; boundary=b", body.ReplaceLineEndings("\r\n")));
        var copy = Assert.Single(anatomy.AllParts(), part => part.Kind == PartKind.Reading && part.Content is null);
        var parent = anatomy.AllParts().Single(part => part.Children.Contains(copy));
        var ambiguous = copy.Path.StartsWith("1.2", StringComparison.Ordinal) ? parent.Flags & AnatomyFlags.Ambiguous : AnatomyFlags.None;
        Assert.Equal(expected, $"{copy.Path} {copy.FileName} {ambiguous}");
    }

    [Fact]
    public void A_file_behind_another_boundary_is_known_besides_the_same_file_in_the_tree()
    {
        var file = $"Content-Type: application/octet-stream; name=evil.docm\r\nContent-Transfer-Encoding: base64\r\n\r\n{Uuencoded.Base64}\r\n";
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: multipart/mixed; boundary=b\r\nContent-Type: multipart/mixed; boundary=other", $"--b\r\n{file}--b--\r\n--other\r\n{file}--other--\r\n"));
        Assert.Equal(2, anatomy.AllParts().Count(part => part.FileName == "evil.docm"));
    }

    [Fact]
    public void What_is_in_an_archive_is_in_its_copy()
    {
        var zip = ContainerTests.Zip(("evil.docm", "macro"u8.ToArray()));
        var body = $"--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(zip)}\r\n--b\r\n\r\n{Uuencoded.As("b.zip", zip).ReplaceLineEndings("\r\n")}\r\n--b--\r\n";
        using var anatomy = Samples.Examine(Samples.WithBody("Content-Type: multipart/mixed; boundary=b", body));
        Assert.Equal(["1.1/evil.docm", "1.2~1/evil.docm"], anatomy.AllParts().Where(part => part.FileName == "evil.docm").Select(part => part.Path));
    }

    [Fact]
    public void A_part_seen_twice_is_listed_once()
    {
        using var anatomy = Samples.Examine(DubiousMime.All["two encodings, base64 last"]);
        Assert.True(anatomy.AllParts().GroupBy(part => part.Sha256).All(same => same.Key.Length == 0 || same.Count() == 1), Samples.Describe(anatomy));
    }

    /// <summary>The old way to write a file into a text.</summary>
    private static class Uuencoded
    {
        private static readonly byte[] Bytes = Encoding.ASCII.GetBytes("a file with enough in it to be one");

        public static string Base64 => Convert.ToBase64String(Bytes);

        public static string As(string name) => As(name, Bytes);

        public static string As(string name, byte[] bytes)
        {
            var text = new StringBuilder($"begin 644 {name}\n");
            foreach (var line in bytes.Chunk(45))
            {
                text.Append(Sign(line.Length));
                for (var i = 0; i < line.Length; i += 3)
                {
                    var group = (line[i] << 16) | (At(line, i + 1) << 8) | At(line, i + 2);
                    text.Append(Sign(group >> 18)).Append(Sign((group >> 12) & 63)).Append(Sign((group >> 6) & 63)).Append(Sign(group & 63));
                }

                text.Append('\n');
            }

            return text.Append("`\nend").ToString();
        }

        private static int At(byte[] line, int index) => index < line.Length ? line[index] : 0;

        private static char Sign(int bits) => bits == 0 ? '`' : (char)(bits + 32);
    }
}
