using System.Text;
using System.Text.Json;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;
using SecuEdge.Content.Containers.Native;

namespace SecuEdge.Cage.Jobs;

/// <summary>Takes a message apart. The answer is the anatomy; its scratch files are sent and then go with the rest of the folder.</summary>
internal sealed class ExamineJob : ICageJob
{
    public const string Word = "examine";

    public string Kind => Word;

    public CageAnswer Run(CageQuestion question, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize(question.Parameters, CageJson.Default.ExamineParameters) ?? throw new InvalidDataException("No parameters.");
        var anatomy = new Anatomist(parameters.Budget, question.ScratchFolder, TimeProvider.System).Examine(question.Bytes, parameters.Passwords, cancellationToken);
        return AnatomyWriter.Write(anatomy, question.Bytes);
    }

    public void WarmUp(string scratchFolder)
    {
        // While the loader may still look for them: behind the bars it sees no more than Landlock lets it.
        NativeLibraries.Preload();
        var message = new MemoryBytes(Encoding.ASCII.GetBytes(Example.ReplaceLineEndings("\r\n")));
        var parameters = JsonSerializer.Serialize(new ExamineParameters(new AnatomyBudget(), []), CageJson.Default.ExamineParameters);
        Run(new CageQuestion(Word, parameters, message, scratchFolder), CancellationToken.None);
    }

    /// <summary>Text, HTML and a zip with one file: what most caged mail consists of.</summary>
    private const string Example = """
        From: a@example.org
        Subject: =?utf-8?q?warm?=
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/html; charset=utf-8

        <p>See <a href="https://example.org/">here</a></p>
        --b
        Content-Type: application/zip; name=a.zip
        Content-Transfer-Encoding: base64

        UEsDBBQAAAAIAAAAIQA7fIrfCwAAABIAAAAFAAAAYS50eHTLSM3JyVfIQJBcAFBLAQIUAxQAAAAI
        AAAAIQA7fIrfCwAAABIAAAAFAAAAAAAAAAAAAACAAQAAAABhLnR4dFBLBQYAAAAAAQABADMAAAAu
        AAAAAAA=
        --b--
        """;
}
