using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Events;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Events are numbered over all tenants; what a tenant sees of it must not be a number.</summary>
public sealed class EventIdsTests
{
    private const long Number = 1_700_000_000_000_000_001;

    [Fact]
    public void An_id_is_read_back_also_after_a_restart_and_by_nobody_else()
    {
        var states = new MemoryStateFiles();
        using var ids = Ids(states);
        using var later = Ids(states);
        using var other = Ids(new MemoryStateFiles());
        var id = ids.Of(Number);
        Assert.Equal(id, ids.Of(Number));
        Assert.Equal(Number, ids.NumberOf(id));
        Assert.Equal(Number, later.NumberOf(id));
        Assert.Null(other.NumberOf(id));
    }

    [Fact]
    public void Ids_of_one_number_after_the_other_have_neither_order_nor_distance()
    {
        using var ids = Ids(new MemoryStateFiles());
        List<string> list = [.. Enumerable.Range(0, 1000).Select(i => ids.Of(Number + i))];
        Assert.Equal(1000, list.Distinct().Count());

        // Of random ids half are higher than the one before; 1,000 of them are within 100 of that but once in ten thousand million runs.
        Assert.InRange(list.Zip(list.Skip(1)).Count(p => string.CompareOrdinal(p.First, p.Second) < 0), 400, 600);
        Assert.Equal(16, list.Select(i => i[0]).Distinct().Count());
    }

    [Fact]
    public void A_full_disk_is_no_reason_to_tell_nobody()
    {
        var states = new MemoryStateFiles { IsFull = true };
        using var ids = Ids(states);
        var id = ids.Of(Number);
        Assert.Equal(id, ids.Of(Number));
        states.IsFull = false;
        ids.Of(Number + 1);
        using var later = Ids(states);
        Assert.Equal(Number, later.NumberOf(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("17000000000000001")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void What_is_no_id_of_ours_is_none(string id)
    {
        using var ids = Ids(new MemoryStateFiles());
        Assert.Null(ids.NumberOf(id));
    }

    private static EventIds Ids(MemoryStateFiles states) => new(states, NullLogger<EventIds>.Instance);
}
