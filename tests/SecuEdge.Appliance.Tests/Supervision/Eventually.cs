using System.Diagnostics;

namespace SecuEdge.Appliance.Tests.Supervision;

/// <summary>Waits for what another process brings about, as there is no event to await.</summary>
internal static class Eventually
{
    public static async Task IsTrue(Func<bool> condition, string what, int seconds = 20)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s: {what}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
