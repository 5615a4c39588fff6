using System.Text;
using BenchmarkDotNet.Attributes;
using SecuEdge.Content;

namespace SecuEdge.Benchmarks;

/// <summary>What taking a message apart costs: the largest part of the CPU that a clean message takes without antivirus.</summary>
[MemoryDiagnoser]
public class AnatomyBenchmarks
{
    private readonly Anatomist _anatomist = new(new AnatomyBudget(), Path.GetTempPath(), TimeProvider.System);
    private IByteSource _message = new MemoryBytes(default);

    [Params(4096, 51_200, 1_048_576)]
    public int SizeBytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var attachment = new byte[SizeBytes * 57 / 78];
        new Random(1).NextBytes(attachment);
        _message = new MemoryBytes(Encoding.ASCII.GetBytes(
            "From: a@sender.example\r\nTo: b@acme.example\r\nSubject: figures\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
            + "--b\r\nContent-Type: text/plain\r\n\r\nsee https://www.sender.example/report\r\n--b\r\nContent-Type: image/jpeg; name=\"a.jpg\"\r\n"
            + $"Content-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(attachment, Base64FormattingOptions.InsertLineBreaks)}\r\n--b--\r\n"));
    }

    [Benchmark]
    public MessageAnatomy Examine() => _anatomist.Examine(_message, CancellationToken.None);
}
