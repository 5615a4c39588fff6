using System.Security.Cryptography;
using System.Text;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Containers.Passwords;

namespace SecuEdge.Content.Tests;

/// <summary>Locked archives: opened where somebody wrote the password down, flagged where not.</summary>
public sealed class PasswordTests
{
    private const AnatomyFlags Locks = AnatomyFlags.EncryptedArchive | AnatomyFlags.Unlocked;

    public static TheoryData<string, string> Sentences => new()
    {
        { "Password: Xy7.kL", "Xy7.kL" },
        { "The password for the attached archive is Tulip!", "Tulip!" },
        { "The password for the attached archive is Tulip!", "Tulip" },
        { "Mot de passe : été2026", "été2026" },
        { "mdp=abc", "abc" },
        { "Das Kennwort lautet \"geheim\".", "geheim" },
        { "Please use „mit blank“ to open it", "mit blank" },
        { "Password\r\n\r\n   swordfish\r\n", "swordfish" },
        { "Hello,\r\nhunter2\r\nBye", "hunter2" },
        { "open it with K-4711-Z, thanks", "K-4711-Z" },
        { "code: 0042", "0042" },
        { "PASSWORD correct horse battery", "correct" },
        { "password: correct horse battery", "correct horse battery" },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_text_gives_away_its_password(string text, string password) =>
        Assert.Contains(password, PasswordWords.In(text).Take(60));

    [Fact]
    public void A_novel_gives_a_bounded_number_of_words_in_bounded_time()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"password code{i} \"quoted {i}\" "));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var search = new PasswordSearch([], new BudgetMeter(new AnatomyBudget(), TimeProvider.System, TestContext.Current.CancellationToken));
        search.AddMessage(() => text);
        Assert.InRange(search.Candidates().Count(), 50, 80);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
    }

    [Fact]
    public void The_words_of_a_message_are_read_once_however_many_messages_lie_in_it()
    {
        var reads = 0;
        var search = new PasswordSearch([], new BudgetMeter(new AnatomyBudget(), TimeProvider.System, TestContext.Current.CancellationToken));
        for (var i = 0; i < 50; i++)
        {
            search.AddMessage(() =>
            {
                reads++;
                return "password: x";
            });
            Assert.NotEmpty(search.Candidates());
        }

        Assert.Equal(50, reads);
    }

    public static TheoryData<string> Kinds => ["ZipCrypto", "AES-128", "AES-256"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_password_in_the_text_opens_a_zip(string kind)
    {
        using var anatomy = Samples.Examine(Message("Here it is. Password: Tulip7!", Zip(kind, ("e.com", Samples.Eicar, "Tulip7!"))));
        var archive = anatomy.AllParts().Single(part => part.FileName == "x.zip");
        Assert.Equal(AnatomyFlags.Unlocked, archive.Flags & Locks);
        Assert.True(Samples.HasEicarByItself(archive.Children[0]), Samples.Describe(anatomy));
        Assert.Equal(["Opened with a password from the message."], archive.Evidence);
    }

    [Fact]
    public void The_text_may_come_behind_the_archive()
    {
        using var anatomy = Samples.Examine(Message("pwd Tulip7", Zip("ZipCrypto", ("e.com", Samples.Eicar, "Tulip7")), isTextLast: true));
        Assert.Equal(AnatomyFlags.Unlocked, anatomy.Flags & Locks);
    }

    [Fact]
    public void The_subject_of_the_message_around_counts_for_an_archive_in_a_message_inside()
    {
        var inner = Message("no word here", Zip("AES-256", ("e.com", Samples.Eicar, "Rose-9")));
        using var anatomy = Samples.Examine([.. "From: a@example.org\r\nSubject: use Rose-9\r\nContent-Type: message/rfc822\r\n\r\n"u8, .. inner]);
        Assert.Equal(AnatomyFlags.Unlocked, anatomy.Flags & Locks);
    }

    [Fact]
    public void A_password_of_the_list_opens_and_is_not_told()
    {
        using var anatomy = new Anatomist(new AnatomyBudget(), Samples.ScratchFolder, TimeProvider.System)
            .Examine(new MemoryBytes(Message("nothing", Zip("AES-256", ("e.com", Samples.Eicar, "house rule")))), ["other", "house rule"], TestContext.Current.CancellationToken);
        var archive = anatomy.AllParts().Single(part => part.FileName == "x.zip");
        Assert.Equal((AnatomyFlags.Unlocked, "Opened with a password of the list."), (archive.Flags & Locks, Assert.Single(archive.Evidence)));
        Assert.DoesNotContain("house rule", Samples.Describe(anatomy), StringComparison.Ordinal);
    }

    [Fact]
    public void A_common_password_opens() => AssertLocks(AnatomyFlags.Unlocked, Message("sample", Zip("ZipCrypto", ("e.com", Samples.Eicar, "infected"))));

    [Fact]
    public void A_zip_of_which_one_entry_stays_locked_is_both() =>
        AssertLocks(Locks, Message("password: one1", Zip("ZipCrypto", ("a.txt", "hello"u8.ToArray(), "one1"), ("e.com", Samples.Eicar, "another"))));

    [Fact]
    public void Two_entries_may_have_two_passwords() =>
        AssertLocks(AnatomyFlags.Unlocked, Message("passwords: one1 and two2", Zip("AES-128", ("a.txt", "hello"u8.ToArray(), "one1"), ("e.com", Samples.Eicar, "two2"))));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wrong_password_leaves_the_flag(string kind) =>
        AssertLocks(AnatomyFlags.EncryptedArchive, Message("password: wrong1 wrong2 wrong3", Zip(kind, ("e.com", Samples.Eicar, "right"))));

    [Fact]
    public void A_decoy_that_passes_the_check_byte_opens_nothing()
    {
        var zip = Zip("ZipCrypto", ("e.com", Samples.Eicar, "right"));
        var data = new MemoryBytes(zip.AsMemory(30 + "e.com".Length, ZipCryptoStream.HeaderBytes + Samples.Eicar.Length));
        var check = (byte)(Crc32.Of(Samples.Eicar) >> 24);
        var decoy = Enumerable.Range(0, 100_000).Select(i => $"decoy{i}").First(word =>
        {
            using var opened = ZipCryptoStream.Open(data.OpenRead(), word, check);
            return opened is not null;
        });
        AssertLocks(AnatomyFlags.EncryptedArchive, Message($"password: {decoy}", zip));
    }

    [Fact]
    public void Strong_encryption_is_not_even_tried()
    {
        var zip = Zip("ZipCrypto", ("e.com", Samples.Eicar, "right"));
        zip[6] |= 0x40;
        zip[zip.AsSpan().IndexOf("PK\u0001\u0002"u8) + 8] |= 0x40;
        AssertLocks(AnatomyFlags.EncryptedArchive, Message("password: right", zip));
    }

    [Fact]
    public void A_thousand_locked_entries_are_tried_within_the_budget()
    {
        var zip = Zip("AES-256", [.. Enumerable.Range(0, 1_000).Select(i => ($"{i}.txt", new byte[100], "nobody knows"))]);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        AssertLocks(AnatomyFlags.EncryptedArchive, Message("password: a1 b2 c3 d4 e5 f6", zip), new AnatomyBudget { MaxPasswordAttempts = 500 });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    public static TheoryData<string, string> Samples7zAndRar => new()
    {
        { "7Zip.LZMA.Aes.7z", "testpassword" }, { "7Zip.LZMA2.Aes.7z", "testpassword" }, { "Rar.encrypted_filesAndHeader.rar", "test" }, { "Rar.encrypted_filesOnly.rar", "test" },
        { "Rar5.encrypted_filesAndHeader.rar", "test" }, { "Rar5.encrypted_filesOnly.rar", "test" }, { "Zip.bzip2.pkware.zip", "test" }, { "Zip.deflate.WinzipAES.zip", "test" },
        { "Zip.lzma.WinzipAES.zip", "test" }, { "Zip.deflate.pkware.zip", "12345678" }, { "zipcrypto.zip", "test" },
    };

    [Theory]
    [MemberData(nameof(Samples7zAndRar))]
    public void Archives_of_other_programs_open_with_the_right_password_only(string file, string password)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Samples.Require("archives"), "sharpcompress", file));
        AssertLocks(AnatomyFlags.Unlocked, Message($"the password is {password}", bytes));

        // "test" is among the common ones, so wrong ones are all that may be tried here.
        if (password != "test")
        {
            AssertLocks(AnatomyFlags.EncryptedArchive, Message("the password is wrong1", bytes));
        }
    }

    private static void AssertLocks(AnatomyFlags expected, byte[] message, AnatomyBudget? budget = null)
    {
        using var anatomy = Samples.Examine(message, budget);
        Assert.True((anatomy.Flags & Locks) == expected, Samples.Describe(anatomy));
    }

    private static byte[] Message(string text, byte[] archive, bool isTextLast = false)
    {
        var body = $"--BOUND\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n";
        var attachment = $"--BOUND\r\nContent-Type: application/octet-stream; name=x.zip\r\nContent-Disposition: attachment; filename=x.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(archive, Base64FormattingOptions.InsertLineBreaks)}\r\n";
        return Encoding.UTF8.GetBytes("From: a@example.org\r\nSubject: an archive\r\nContent-Type: multipart/mixed; boundary=BOUND\r\n\r\n" + (isTextLast ? attachment + body : body + attachment) + "--BOUND--\r\n");
    }

    /// <summary>A zip of stored, locked entries.</summary>
    private static byte[] Zip(string kind, params (string Name, byte[] Content, string Password)[] entries)
    {
        var zip = new List<byte>();
        var directory = new List<byte>();
        foreach (var (name, content, password) in entries)
        {
            var isAes = kind != "ZipCrypto";
            byte strength = kind == "AES-128" ? (byte)1 : (byte)3;
            var data = isAes ? Aes(content, password, strength) : ZipCrypto(content, password);
            byte[] extra = isAes ? [0x01, 0x99, 7, 0, 2, 0, (byte)'A', (byte)'E', strength, 0, 0] : [];
            var common = new byte[26];
            common[2] = 1;
            ArchiveSamples.U16(common, 4, isAes ? 99 : 0);
            ArchiveSamples.U32(common, 10, isAes ? 0 : Crc32.Of(content));
            ArchiveSamples.U32(common, 14, data.Length);
            ArchiveSamples.U32(common, 18, content.Length);
            ArchiveSamples.U16(common, 22, name.Length);
            ArchiveSamples.U16(common, 24, extra.Length);
            var offset = new byte[14];
            ArchiveSamples.U32(offset, 10, zip.Count);
            directory.AddRange([.. "PK\u0001\u0002"u8, 20, 0, .. common, .. offset, .. Encoding.ASCII.GetBytes(name), .. extra]);
            zip.AddRange([.. "PK\u0003\u0004"u8, .. common, .. Encoding.ASCII.GetBytes(name), .. extra, .. data]);
        }

        var end = new byte[22];
        "PK\u0005\u0006"u8.CopyTo(end);
        ArchiveSamples.U16(end, 8, entries.Length);
        ArchiveSamples.U16(end, 10, entries.Length);
        ArchiveSamples.U32(end, 12, directory.Count);
        ArchiveSamples.U32(end, 16, zip.Count);
        return [.. zip, .. directory, .. end];
    }

    private static byte[] ZipCrypto(byte[] content, string password)
    {
        uint key0 = 0x12345678, key1 = 0x23456789, key2 = 0x34567890;
        foreach (var value in Encoding.UTF8.GetBytes(password))
        {
            Update(value);
        }

        byte[] plain = [.. new byte[11], (byte)(Crc32.Of(content) >> 24), .. content];
        return [.. plain.Select(value =>
        {
            var temporary = (ushort)(key2 | 2);
            var locked = (byte)(value ^ ((temporary * (temporary ^ 1)) >> 8));
            Update(value);
            return locked;
        })];

        void Update(byte value)
        {
            key0 = Crc32.Step(key0, value);
            key1 = ((key1 + (byte)key0) * 134_775_813) + 1;
            key2 = Crc32.Step(key2, (byte)(key1 >> 24));
        }
    }

    private static byte[] Aes(byte[] content, string password, int strength)
    {
        var keyBytes = 8 + (8 * strength);
        var salt = new byte[4 + (4 * strength)];
        var keys = Rfc2898DeriveBytes.Pbkdf2(password, salt, 1000, HashAlgorithmName.SHA1, (2 * keyBytes) + 2);
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = keys[..keyBytes];
        var locked = content.ToArray();
        for (var i = 0; i < content.Length; i++)
        {
            var counter = new byte[16];
            ArchiveSamples.U32(counter, 0, (i / 16) + 1);
            locked[i] ^= aes.EncryptEcb(counter, PaddingMode.None)[i % 16];
        }

#pragma warning disable CA5350 // The format says HMAC-SHA1.
        return [.. salt, .. keys[(2 * keyBytes)..], .. locked, .. HMACSHA1.HashData(keys.AsSpan(keyBytes, keyBytes), locked)[..10]];
#pragma warning restore CA5350
    }
}
