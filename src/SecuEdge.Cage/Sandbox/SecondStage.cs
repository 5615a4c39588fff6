using System.Text.Json;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Protocol;

namespace SecuEdge.Cage.Sandbox;

/// <summary>The second life of a worker: says what holds it, then answers one question after the other until its input ends.</summary>
internal static class SecondStage
{
    public const string Word = "second";

    /// <summary>The scratch folder as the worker sees it: its working folder, which it may use whoever owns the folders above.</summary>
    public const string ScratchFolder = "/proc/self/cwd";

    public static int Run(WorkerSettings settings)
    {
        Linux.DieWithParent();
        if (Linux.ParentProcess() != settings.Parent)
        {
            return 1; // It ended before we asked to be told.
        }

        using var questions = Console.OpenStandardInput();
        using var answers = Console.OpenStandardOutput();
        var jobs = AllCageJobs.Create().ToDictionary(job => job.Kind, StringComparer.Ordinal);
        WarmUp(jobs.Values);
        var bars = settings.Bars.Append(SeccompFilter.Install()).ToList();
        AnswerFrame.Write(answers, new CageAnswer(JsonSerializer.Serialize(new Greeting(bars), CageJson.Default.Greeting)));
        while (QuestionFrame.Read(questions, ScratchFolder) is { } question)
        {
            Answer(question, jobs, answers);
            EmptyScratch();
        }

        return 0;
    }

    /// <summary>Loads code and libraries while nobody waits for it.</summary>
    private static void WarmUp(IEnumerable<ICageJob> jobs)
    {
        foreach (var job in jobs)
        {
            job.WarmUp(ScratchFolder);
        }
    }

    private static void Answer(CageQuestion question, Dictionary<string, ICageJob> jobs, Stream answers)
    {
        CageAnswer answer;
        try
        {
            if (!jobs.TryGetValue(question.Kind, out var job))
            {
                AnswerFrame.WriteFailure(answers, $"There is no job {question.Kind}.", isDiskTrouble: false);
                return;
            }

            answer = job.Run(question, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Nothing but a sentence leaves: the gateway decides what it means, and replaces us.
            AnswerFrame.WriteFailure(answers, $"{exception.GetType().Name}: {exception.Message}", IsDiskTrouble(exception));
            return;
        }

        AnswerFrame.Write(answers, answer);
    }

    /// <summary>No space, quota, failing disk (ENOSPC, EDQUOT, EIO): not the message's doing. A file beyond our own limit (EFBIG) is.</summary>
    private static bool IsDiskTrouble(Exception? exception) =>
        exception is not null && ((exception is IOException && (exception.HResult & 0xFFFF) is 28 or 122 or 5) || IsDiskTrouble(exception.InnerException));

    /// <summary>Done by the worker itself: deleting in a folder that a taken-over process can change at the same time is a trap for others.</summary>
    private static void EmptyScratch()
    {
        foreach (var entry in new DirectoryInfo(ScratchFolder).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }
}
