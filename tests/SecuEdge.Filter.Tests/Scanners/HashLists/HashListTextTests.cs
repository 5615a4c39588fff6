using System.Text;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Filter.Tests.Scanners.HashLists;

public sealed class HashListTextTests
{
    private const string Sha = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";
    private const string Md5 = "44d88612fea8a8f36de82e1278abb02f";

    private static readonly ushort Today = HashListDays.Of(new DateOnly(2026, 1, 1));

    /// <summary>Text, and its entries as hash;comment;date.</summary>
    public static TheoryData<string, string> Valid => new()
    {
        { "", "" },
        { "\n\r\n  \n# a comment\n", "" },
        { Sha, $"{Sha};;" },
        { $"{Sha}\r\n{Md5}\r\n", $"{Sha};;\n{Md5};;" },
        { Sha.ToUpperInvariant(), $"{Sha};;" },
        { $"  {Md5}  ", $"{Md5};;" },
        { $"\uFEFF{Md5}", $"{Md5};;" },
        { $"{Sha};Emotet", $"{Sha};Emotet;" },
        { $"{Sha}; Emotet ; 2030-12-31", $"{Sha};Emotet;2030-12-31" },
        { $"{Sha};;2030-12-31T10:00:00Z", $"{Sha};;2030-12-31" },
        { $"{Sha};Emotet;30d", $"{Sha};Emotet;2026-01-31" },
        { $"{Sha}  eicar.com\n{Md5} *eicar.zip", $"{Sha};eicar.com;\n{Md5};eicar.zip;" },
        { $"{Sha};a\u0007b\tc", $"{Sha};abc;" },
        { $"{Sha};{new string('x', 300)}", $"{Sha};{new string('x', 100)};" },
        // A row with both hashes of one file is one entry.
        { $"md5,sha256\n{Md5},{Sha}\n", $"{Sha};;" },
        { $"\"{Md5}\",\"n/a\"", $"{Md5};;" },
        {
            "################\n# MalwareBazaar recent malware samples (CSV)   #\n#\n"
            + "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\",\"file_name\",\"file_type_guess\",\"mime_type\",\"signature\",\"clamav\"\n"
            + $"\"2026-01-01 00:00:00\", \"{Sha}\", \"{Md5}\", \"{new string('a', 40)}\", \"me\", \"a, \"\"b\"\".exe\", \"exe\", \"application/x-dosexec\", \"AgentTesla\", \"n/a\"\n",
            $"{Sha};AgentTesla;"
        },
        { $"sha256,name,expires\n{Sha},Emotet,2027-05-06\n", $"{Sha};Emotet;2027-05-06" },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Lists_are_read_as_people_and_feeds_write_them(string text, string expected)
    {
        var (entries, errors) = await ReadAsync(Encoding.UTF8.GetBytes(text));

        Assert.Empty(errors);
        Assert.Equal(expected, string.Join('\n', entries.Select(Words)));
    }

    [Theory]
    [InlineData("nonsense", "line 1 does not begin with a SHA-256 (64 hexadecimal digits) or an MD5 (32)")]
    [InlineData("44d88612fea8a8f36de82e1278abb02", "line 1 does not begin with a SHA-256 (64 hexadecimal digits) or an MD5 (32)")]
    [InlineData("44d88612fea8a8f36de82e1278abb02g", "line 1 does not begin with a SHA-256 (64 hexadecimal digits) or an MD5 (32)")]
    [InlineData("# fine\n\n44d88612fea8a8f36de82e1278abb02f\n;x;y", "line 4 does not begin with a SHA-256 (64 hexadecimal digits) or an MD5 (32)")]
    [InlineData("44d88612fea8a8f36de82e1278abb02f;a;2030-13-01", "line 1 has an expiry that is neither a date (2030-12-31) nor a number of days (30d)")]
    [InlineData("44d88612fea8a8f36de82e1278abb02f;a;b;c", "line 1 has more than hash, comment and expiry")]
    [InlineData("44d88612fea8a8f36de82e1278abb02f\na,b,c", "line 2 has neither a SHA-256 nor an MD5")]
    [InlineData("a,b,c", "line 1 has neither a SHA-256 nor an MD5")]
    public async Task Wrong_lines_are_told_by_their_number(string text, string expected) =>
        Assert.Equal([expected], (await ReadAsync(Encoding.UTF8.GetBytes(text))).Errors);

    [Fact]
    public async Task Of_many_wrong_lines_the_first_are_told()
    {
        var errors = (await ReadAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("x\n", 1000))))).Errors;

        Assert.Equal(21, errors.Count);
        Assert.Equal("and 980 more lines", errors[^1]);
    }

    [Fact]
    public async Task A_file_without_line_breaks_is_one_wrong_line()
    {
        var (entries, errors) = await ReadAsync(Encoding.ASCII.GetBytes(new string('a', 5_000_000)));

        Assert.Empty(entries);
        Assert.Equal(["line 1 is too long"], errors);
    }

    [Fact]
    public async Task Random_bytes_never_break_the_reader()
    {
        var random = new Random(99);
        for (var round = 0; round < 500; round++)
        {
            var bytes = Encoding.UTF8.GetBytes($"\"{Sha}\",\"{Md5}\"\n{Sha};x;2030-01-01\n");
            for (var i = 0; i < 20; i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.True((await ReadAsync(bytes)).Entries.Count <= 30);
        }
    }

    private static string Words(HashListEntry entry) =>
        $"{Convert.ToHexStringLower(entry.Hash)};{entry.Comment};{(entry.ExpiryDay == 0 ? "" : HashListDays.Epoch.AddDays(entry.ExpiryDay).ToString("yyyy-MM-dd", null))}";

    private static async Task<(List<HashListEntry> Entries, IReadOnlyList<string> Errors)> ReadAsync(byte[] text)
    {
        var reader = new HashListText(0, Today);
        List<HashListEntry> entries = [];
        await foreach (var entry in reader.ReadAsync(new MemoryStream(text), TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
        }

        return (entries, reader.Errors);
    }
}
