using System.Diagnostics;

namespace SecuEdge.Content.Tests;

public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    [Fact]
    public void Mutated_messages_never_throw_and_never_hang()
    {
        var seeds = DubiousMime.All.Values.Select(message => (Bytes: message, Name: (string?)null)).Concat(
        [
            (ContainerTests.Zip(("a.txt", new byte[500]), ("e.com", Samples.Eicar), ("b.zip", ContainerTests.Zip(("c.txt", Samples.Eicar)))), "x.zip"),
            (ContainerTests.Tar(("a.txt", new byte[500]), ("e.com", Samples.Eicar)), "x.tar"),
            (Samples.WithAttachment(Samples.Eicar), "x.eml"),
        ]).ToArray();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed < Budget; count++)
        {
            var (original, name) = seeds[random.Next(2) == 0 ? random.Next(seeds.Length) : seeds.Length - 1 - random.Next(3)];
            var mutated = Mutate(original, random);
            var message = name is null ? mutated : Samples.WithAttachment(mutated, name);
            var started = watch.Elapsed;
            using var anatomy = Samples.Examine(message);
            Assert.False(anatomy.Troubles.Any(trouble => trouble.StartsWith("Examination failed", StringComparison.Ordinal)),
                $"seed {seed}, message {count}: {Samples.Describe(anatomy)}\n{Convert.ToBase64String(message)}");
            Assert.True(watch.Elapsed - started < TimeSpan.FromSeconds(3), $"seed {seed}, message {count} took {watch.Elapsed - started}\n{Convert.ToBase64String(message)}");
        }

        output.WriteLine($"{count} messages");
        Assert.True(count > 100);
    }

    /// <summary>Flips, cuts, repeats. Attachments are mutated in the clear and encoded afterwards, or base64 would hide every change.</summary>
    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (var i = random.Next(1, 8); i > 0 && bytes.Count > 10; i--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 60), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    bytes[at] = "\r\n\0-=:;\""u8[random.Next(8)];
                    break;
            }
        }

        return [.. bytes];
    }
}
