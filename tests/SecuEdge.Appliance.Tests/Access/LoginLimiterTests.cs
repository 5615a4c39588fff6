using System.Net;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Access;

public sealed class LoginLimiterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
    private readonly LoginLimiter _limiter;

    public LoginLimiterTests() => _limiter = new LoginLimiter(_time);

    [Fact]
    public void The_fifth_failure_of_one_client_pauses_and_every_further_one_doubles_the_pause()
    {
        var pauses = new List<double>();
        for (var i = 0; i < 18; i++)
        {
            var wait = _limiter.Begin("anna", "a").Wait;
            if (wait > TimeSpan.Zero)
            {
                pauses.Add(wait.TotalSeconds);
                _time.Advance(wait);
                Assert.Equal(TimeSpan.Zero, _limiter.Begin("anna", "a").Wait);
            }
        }

        Assert.Equal([1, 2, 4, 8, 16, 32], pauses.Take(6));
    }

    [Fact]
    public void A_pause_is_never_longer_than_a_quarter_of_an_hour()
    {
        for (var i = 0; i < 60; i++)
        {
            var attempt = _limiter.Begin("anna", "a");
            Assert.True(attempt.Wait <= TimeSpan.FromMinutes(15));
            _time.Advance(attempt.Wait);
        }
    }

    [Fact]
    public void Many_attempts_at_once_count_from_their_beginning()
    {
        var begun = Enumerable.Range(0, 100).Count(_ => _limiter.Begin("anna", "a").Wait == TimeSpan.Zero);
        Assert.Equal(5, begun);
    }

    [Fact]
    public void A_stranger_elsewhere_does_not_lock_the_person_out()
    {
        for (var i = 0; i < 100; i++)
        {
            _limiter.Begin("anna", "attacker");
        }

        Assert.Equal(TimeSpan.Zero, _limiter.Begin("anna", "home").Wait);
    }

    [Fact]
    public void One_client_that_tries_many_users_is_paused_for_all()
    {
        var begun = Enumerable.Range(0, 100).Count(i => _limiter.Begin($"user{i}", "a").Wait == TimeSpan.Zero);
        Assert.Equal(20, begun);
        Assert.Equal(TimeSpan.Zero, _limiter.Begin("user1", "b").Wait);
    }

    [Fact]
    public void Many_clients_that_try_one_user_are_paused_together()
    {
        var begun = Enumerable.Range(0, 200).Count(i => _limiter.Begin("anna", $"bot{i}").Wait == TimeSpan.Zero);
        Assert.Equal(50, begun);
    }

    [Fact]
    public void Many_strangers_do_not_lock_him_out_where_he_signed_in_before()
    {
        _limiter.Succeed("anna", "home");
        for (var i = 0; i < 200; i++)
        {
            _limiter.Begin("anna", $"bot{i}");
        }

        Assert.Equal(TimeSpan.Zero, _limiter.Begin("Anna", "home").Wait);
        Assert.NotEqual(TimeSpan.Zero, _limiter.Begin("anna", "cafe").Wait);
        Assert.Equal(4, Enumerable.Range(0, 10).Count(_ => _limiter.Begin("anna", "home").Wait == TimeSpan.Zero));
    }

    [Fact]
    public void A_success_forgives_the_user_but_not_the_clients_failures_against_others()
    {
        for (var i = 0; i < 19; i++)
        {
            Assert.Equal(TimeSpan.Zero, _limiter.Begin($"user{i}", "a").Wait);
        }

        Assert.Equal(TimeSpan.Zero, _limiter.Begin("mallory", "a").Wait);
        _limiter.Succeed("mallory", "a");
        Assert.Equal(TimeSpan.Zero, _limiter.Begin("user20", "a").Wait);
        Assert.NotEqual(TimeSpan.Zero, _limiter.Begin("user21", "a").Wait);
    }

    [Fact]
    public void The_moment_of_locking_is_told_once()
    {
        var told = 0;
        for (var i = 0; i < 12; i++)
        {
            var attempt = _limiter.Begin("anna", "a");
            told += attempt.IsNowLocked ? 1 : 0;
            _time.Advance(attempt.Wait);
        }

        Assert.Equal(1, told);
    }

    [Fact]
    public void A_day_without_a_failure_is_forgotten()
    {
        for (var i = 0; i < 5; i++)
        {
            _limiter.Begin("anna", "a");
        }

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(5, Enumerable.Range(0, 10).Count(_ => _limiter.Begin("anna", "a").Wait == TimeSpan.Zero));
    }

    [Fact]
    public void Names_and_clients_without_end_do_not_fill_the_memory()
    {
        for (var i = 0; i < LoginLimiter.Capacity / 2; i++)
        {
            _limiter.Begin($"user{i}", $"bot{i}");
        }

        Assert.InRange(_limiter.Count, 1, LoginLimiter.Capacity);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    public void A_client_is_an_address_or_a_site(string address, string client) => Assert.Equal(client, AddressRanges.Client(IPAddress.Parse(address)));

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.7", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.7", true)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.3.7", false)]
    [InlineData("::ffff:192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("2001:db8::/32", "192.0.2.7", false)]
    [InlineData("::/0", "192.0.2.7", false)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("0.0.0.0/0", "::ffff:192.0.2.7", true)]
    public void A_range_holds_an_address_in_either_form(string network, string address, bool isWithin)
    {
        Assert.Equal(isWithin, AddressRanges.Contain([network], IPAddress.Parse(address)));
        Assert.False(AddressRanges.Contain([network], null));
        Assert.True(AddressRanges.Contain([], IPAddress.Parse(address)));
    }

    [Fact]
    public void An_attempt_that_is_taken_back_ends_its_own_pause_and_not_that_of_others()
    {
        List<LoginAttempt> begun = [.. Enumerable.Range(0, 5).Select(_ => _limiter.Begin("anna", "a"))];
        _time.Advance(TimeSpan.FromSeconds(2));
        var sixth = _limiter.Begin("anna", "a");
        Assert.Equal(TimeSpan.Zero, sixth.Wait);

        // Five are left: as many as bring a pause.
        _limiter.Undo("anna", "a", begun[0]);
        Assert.NotEqual(TimeSpan.Zero, _limiter.Begin("anna", "a").Wait);
        _time.Advance(TimeSpan.FromSeconds(4));
        var alone = _limiter.Begin("anna", "a");
        Assert.Equal(TimeSpan.Zero, alone.Wait);
        _limiter.Undo("anna", "a", alone);
        Assert.Equal(TimeSpan.Zero, _limiter.Begin("anna", "a").Wait);
    }
}
