using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>Each engine and the cage killed, hung and starved under load: 451 or kept, nothing unexamined, and well again by itself.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class EngineFaultTests(ITestOutputHelper output)
{
    /// <summary>A status question or a worker's start takes one; a machine that runs other suites beside this one took seven.</summary>
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Clamd_killed_and_frozen()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var scene = await FaultScene.StartAsync(Mixed);
        await scene.Clamd.KillAsync(cancellationToken);
        await scene.UntilDeferredAsync();
        await scene.Clamd.StartAsync(cancellationToken);
        await RecoversAsync(scene, "killed");

        await scene.Clamd.FreezeAsync(cancellationToken);
        await scene.UntilDeferredAsync();
        await scene.Clamd.ThawAsync(cancellationToken);
        await RecoversAsync(scene, "frozen");
        output.WriteLine(await scene.EndAsync());
    }

    [Fact]
    public async Task All_workers_of_the_cage_killed_again_and_again()
    {
        await using var scene = await FaultScene.StartAsync(Mixed);
        var (attachments, notes) = (scene.Attachments, scene.Notes);
        for (var round = 0; round < 8; round++)
        {
            await scene.SignalWorkersAsync("KILL");
            // Twice the start of a worker on an idle machine: some serve a moment, some die while they start.
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        output.WriteLine($"meanwhile {scene.Attachments - attachments} with attachment and {scene.Notes - notes} without came out, {scene.Deferred} were deferred");
        Assert.True(scene.Notes > notes, "Mail that needs no cage waited for it");
        await RecoversAsync(scene, "killed");
        output.WriteLine(await scene.EndAsync());
    }

    [Fact]
    public async Task All_workers_of_the_cage_stopped()
    {
        await using var scene = await FaultScene.StartAsync(Mixed, new KeyValuePair<string, string>("SECUEDGE__Cage__Workers", "2"));
        // One that starts only now would go on.
        await scene.UntilAsync(() => scene.Workers().Count >= 2);
        for (var round = 0; round < 2; round++)
        {
            // Answers that are on their way may still be read, and a worker that was only starting is met by the second round; then nothing
            // that needs a worker can come out.
            await scene.SignalWorkersAsync("STOP");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var attachments = scene.Attachments;
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.InRange(scene.Attachments - attachments, 0, 3);
        await scene.SignalWorkersAsync("CONT");
        await RecoversAsync(scene, "stopped");
        output.WriteLine(await scene.EndAsync());
    }

    [Fact]
    public async Task The_engine_behind_ICAP_hangs_cuts_and_is_away()
    {
        await using var scene = await FaultScene.StartAsync(Mixed);
        foreach (var behaviour in new[] { FakeIcapBehaviour.Hang, FakeIcapBehaviour.HangUp })
        {
            scene.Icap.Behaviour = behaviour;
            await scene.UntilDeferredAsync();
            scene.Icap.Behaviour = FakeIcapBehaviour.Answer;
            await RecoversAsync(scene, $"{behaviour}");
        }

        await scene.Icap.StopAsync();
        await scene.UntilDeferredAsync();
        scene.Icap.Start();
        await RecoversAsync(scene, "away");
        output.WriteLine(await scene.EndAsync());
    }

    [Fact]
    public async Task The_cage_starved_by_one_worker_little_memory_and_heavy_mail()
    {
        var isHeavy = false;
        await using var scene = await FaultScene.StartAsync(
            number => Volatile.Read(ref isHeavy) && number % 3 == 0 ? FaultMailKind.Heavy : Mixed(number),
            new("SECUEDGE__Cage__Workers", "1"),
            new("SECUEDGE__Cage__MaxMemoryBytes", "268435456"),
            new("SECUEDGE__Cage__MaxWaiting", "8"),
            new("SECUEDGE__Cage__MaxWait", "00:00:01"));
        Volatile.Write(ref isHeavy, true);
        await scene.UntilDeferredAsync();
        Volatile.Write(ref isHeavy, false);
        await RecoversAsync(scene, "starved");
        output.WriteLine(await scene.EndAsync());
    }

    private static FaultMailKind Mixed(int number) => (FaultMailKind)(number % 4);

    private async Task RecoversAsync(FaultScene scene, string fault)
    {
        var time = await scene.UntilFlowingAsync();
        output.WriteLine($"{fault}: flowing again after {time.TotalSeconds:0.0} s");
        Assert.True(time < RecoveryLimit, $"{fault}: it took {time}\n{scene.Gateway.Tail()}");
    }
}
