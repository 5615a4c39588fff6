using System.Text;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Tests;

/// <summary>Answers of a worker that was taken over: read, or refused as what they are; nothing else ever happens in the gateway.</summary>
public sealed class AnswerFuzzTests : IDisposable
{
    private const int Seed = 20_261;
    private const int Rounds = 3_000;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("secuedge-answers-");

    [Fact]
    public async Task A_damaged_answer_is_read_or_refused()
    {
        var message = new MemoryBytes(Encoding.ASCII.GetBytes("From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>a</p>\r\n"
            + $"--b\r\nContent-Type: application/octet-stream; name=a.txt.gz\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0, 0, 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0])}\r\n--b--\r\n"));
        using var anatomy = new Anatomist(new AnatomyBudget(), _folder.FullName, TimeProvider.System).Examine(message, TestContext.Current.CancellationToken);
        using var frame = new MemoryStream();
        AnswerFrame.Write(frame, AnatomyWriter.Write(anatomy, message));
        var random = new Random(Seed);
        var (read, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            try
            {
                await ReadAsync(Damage(frame.ToArray(), random), message);
                read++;
            }
            catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
            {
                refused++;
            }
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task ReadAsync(byte[] bytes, IByteSource message)
    {
        using var stream = new MemoryStream(bytes);
        var reply = await new AnswerReader(1024 * 1024, _folder.FullName).ReadAsync(stream, TestContext.Current.CancellationToken);
        using var answer = new CageOutcome.Answered(reply.Body, reply.Attachments) { Files = reply.Files };
        using var files = new AnatomyFiles(answer, _folder.FullName);
        using var back = new AnatomyReader(message, answer, files, AnatomyLimits.Of(new AnatomyBudget(), 1024 * 1024), TestContext.Current.CancellationToken).Read(Anatomist.Root(message));
        Assert.NotEmpty(back.AllParts());
    }

    /// <summary>Digits and names of the JSON as often as bytes of the head: that is where a lie is still an answer.</summary>
    private static byte[] Damage(byte[] bytes, Random random)
    {
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(5) == 0 ? random.Next(32) : random.Next(bytes.Length);
            bytes[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)('0' + random.Next(10)), _ => bytes[random.Next(bytes.Length)] };
        }

        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
