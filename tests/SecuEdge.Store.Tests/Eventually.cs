namespace SecuEdge.Store.Tests;

/// <summary>Waits for what a background loop is about to do; fails after ten seconds.</summary>
internal static class Eventually
{
    public static Task Async(Func<bool> condition) => Async(() => Task.FromResult(condition()));

    public static async Task Async(Func<Task<bool>> condition)
    {
        var end = Environment.TickCount64 + 10_000;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < end, "It did not happen within ten seconds.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
