using Microsoft.Extensions.Time.Testing;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Filter.Tests.Scanners;

public sealed class ConvictionGuardTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly BreakerOptions _options = new() { MinConvictions = 20 };

    [Fact]
    public void A_signature_that_suddenly_convicts_far_above_its_history_is_demoted_and_the_engine_is_not()
    {
        var guard = New();
        Assert.Null(Convict(guard, 20));
        var demotion = Convict(guard, 1);
        Assert.Equal(("clamav", "Bad.Sig"), (demotion!.Engine, demotion.Signature));
        Assert.Contains("21 of 21 messages in 10 minutes", demotion.Reason, StringComparison.Ordinal);
        Assert.True(guard.IsAdvisory("clamav", "Bad.Sig"));
        Assert.False(guard.IsAdvisory("clamav", "Other.Sig"));
        Assert.False(guard.IsAdvisory("yara", "Bad.Sig"));
        Convict(guard, 50);
        Assert.Single(guard.Demotions);
    }

    [Fact]
    public void Many_signatures_at_once_demote_the_engine()
    {
        var guard = New();
        Demotion? demotion = null;
        for (var i = 0; i < 21; i++)
        {
            demotion ??= Convict(guard, 1, $"Sig.{i}");
        }

        Assert.Equal(("clamav", null), (demotion!.Engine, demotion.Signature));
        Assert.True(guard.IsAdvisory("clamav", "Any.Sig"));
    }

    [Fact]
    public void What_is_few_percent_of_all_mail_is_a_campaign()
    {
        var guard = New();
        for (var i = 0; i < 1000; i++)
        {
            guard.CountMessage();
        }

        Assert.Null(Convict(guard, 40));
    }

    [Fact]
    public void What_comes_slowly_is_no_burst()
    {
        var guard = New();
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(Convict(guard, 1));
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public void A_signature_that_always_convicts_much_needs_more()
    {
        var guard = New();
        for (var hour = 0; hour < 7 * 24; hour++)
        {
            Convict(guard, 15);
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Null(Convict(guard, 100));
        Assert.NotNull(Convict(guard, 60));
    }

    [Theory]
    [InlineData("Eicar-Test-Signature")]
    [InlineData("Win.Test.EICAR_HDB-1")]
    [InlineData("ClamAV-Test-File.UNOFFICIAL")]
    public void The_test_file_never_trips_it_and_is_never_advice(string signature)
    {
        var guard = New();
        Assert.Null(Convict(guard, 500, signature));
        guard.Demote("clamav", null, "test", "tester", "1");
        Assert.False(guard.IsAdvisory("clamav", signature));
        Assert.True(guard.IsAdvisory("clamav", "Other"));
    }

    [Fact]
    public void The_administrators_own_lists_are_never_doubted()
    {
        var guard = New();
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(guard.Observe([Sample() with { Engine = "hashlist" }]));
        }
    }

    [Fact]
    public void Two_engines_that_agree_are_right()
    {
        var guard = New();
        for (var i = 0; i < 100; i++)
        {
            guard.CountMessage();
            Assert.Null(guard.Observe([Sample(), Sample() with { Engine = "yara" }]));
        }
    }

    [Fact]
    public void Known_correspondents_of_several_domains_demote_the_signature()
    {
        var guard = New();
        Assert.Null(guard.Observe([Sample() with { KnownDomain = "one.example" }]));
        Assert.Null(guard.Observe([Sample() with { KnownDomain = "one.example" }]));
        Assert.Null(guard.Observe([Sample() with { KnownDomain = "two.example" }]));
        Assert.Contains("3 known correspondents", guard.Observe([Sample() with { KnownDomain = "three.example" }])!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_believed_again_when_it_was_quiet()
    {
        var guard = New();
        Convict(guard, 21);
        _time.Advance(_options.QuietTime - TimeSpan.FromMinutes(1));
        Convict(guard, 1);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(guard.Expire(_ => "1"));
        _time.Advance(_options.QuietTime);
        Assert.Single(guard.Expire(_ => "1"));
        Assert.False(guard.IsAdvisory("clamav", "Bad.Sig"));
    }

    [Fact]
    public void New_signatures_end_what_the_breaker_did_but_not_what_a_person_did()
    {
        var guard = New();
        Convict(guard, 21);
        guard.Demote("yara", null, "noisy", "anna", "1");
        Assert.Empty(guard.Expire(_ => ""));
        Assert.Equal("clamav", Assert.Single(guard.Expire(_ => "2")).Engine);
        Assert.True(guard.IsAdvisory("yara", "x"));
    }

    [Fact]
    public void What_a_person_restored_is_left_alone_for_the_quiet_time()
    {
        var guard = New();
        Convict(guard, 21);
        Assert.Single(guard.Restore("clamav", null));
        Assert.False(guard.IsAdvisory("clamav", "Bad.Sig"));
        Assert.Null(Convict(guard, 100));
        _time.Advance(_options.QuietTime);
        Assert.NotNull(Convict(guard, 300));
    }

    [Fact]
    public void Demotions_and_history_survive_a_restart()
    {
        var guard = New();
        for (var hour = 0; hour < 7 * 24; hour++)
        {
            Convict(guard, 15);
            _time.Advance(TimeSpan.FromHours(1));
        }

        guard.Demote("yara", "Noisy", "noisy", "anna", "1");
        var again = New();
        again.Load(guard.Save());
        Assert.True(again.IsAdvisory("yara", "Noisy"));
        Assert.Null(Convict(again, 100));
    }

    [Fact]
    public void Switched_off_it_demotes_nothing()
    {
        _options.Enabled = false;
        Assert.Null(Convict(New(), 1000));
    }

    private static ConvictionSample Sample(string signature = "Bad.Sig") => new("clamav", signature, "1", null);

    private ConvictionGuard New() => new(_options, _time);

    private static Demotion? Convict(ConvictionGuard guard, int count, string signature = "Bad.Sig")
    {
        Demotion? demotion = null;
        for (var i = 0; i < count; i++)
        {
            guard.CountMessage();
            demotion ??= guard.Observe([Sample(signature)]);
        }

        return demotion;
    }
}
