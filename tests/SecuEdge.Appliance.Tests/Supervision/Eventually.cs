using System.Diagnostics;

namespace SecuEdge.Appliance.Tests.Supervision;

/// <summary>Waits for what another process brings about, as there is no event to await.</summary>
internal static class Eventually
{
    public static Task IsTrue(Func<bool> condition, string what, int seconds = 20) =>
        IsTrueAsync(() => Task.FromResult(condition()), what, seconds);

    public static async Task IsTrueAsync(Func<Task<bool>> condition, string what, int seconds = 20)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s: {what}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
