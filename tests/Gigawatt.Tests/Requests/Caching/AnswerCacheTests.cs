using CsCheck;
using Gigawatt.Placement.Routing;
using Gigawatt.Server.Requests.Caching;
using Gigawatt.Units;

namespace Gigawatt.Tests.Requests.Caching;

public sealed class AnswerCacheTests
{
    private const long Room = 10_000;

    private static readonly Duration Ttl = Duration.FromSeconds(60);

    /// <summary>Against a list that does the same slowly: what is found, in which order things go, and how much is held.</summary>
    [Fact]
    public void It_finds_what_was_kept_last_and_is_young_and_it_is_never_larger_than_allowed()
    {
        Gen<(bool Keep, int Key, int Length, int Seconds)> step = Gen.Select(Gen.Bool, Gen.Int[0, 9], Gen.Int[0, 1_400], Gen.Int[0, 25]);
        step.List[0, 200].Sample(steps =>
        {
            var cache = new AnswerCache(new(Ttl, Room));
            var model = new List<(int Key, KeptAnswer Answer)>(); // the least recently used first
            Instant now = Instant.Epoch;
            foreach ((bool keep, int key, int length, int seconds) in steps)
            {
                now += Duration.FromSeconds(seconds);
                int at = model.FindIndex(m => m.Key == key);
                if (keep)
                {
                    KeptAnswer answer = Answer(length, now);
                    cache.Keep(Key(key), answer);
                    if (length <= Room / 8)
                    {
                        if (at >= 0) { model.RemoveAt(at); }
                        model.Add((key, answer));
                        while (model.Sum(m => m.Answer.Bytes) > Room) { model.RemoveAt(0); }
                    }
                }
                else
                {
                    KeptAnswer? expected = at < 0 ? null : model[at].Answer;
                    if (at >= 0) { model.RemoveAt(at); }
                    if (expected is not null && now - expected.KeptAt >= Ttl) { expected = null; }
                    if (expected is not null) { model.Add((key, expected)); }
                    if (!ReferenceEquals(expected, cache.Find(Key(key), now))) { return false; }
                }

                if (cache.Bytes > Room || cache.Bytes != model.Sum(m => m.Answer.Bytes)) { return false; }
            }

            return true;
        });
    }

    [Fact]
    public void Threads_that_keep_and_find_at_once_leave_it_whole()
    {
        var cache = new AnswerCache(new(Ttl, Room));
        Parallel.For(0, 20_000, i =>
        {
            int key = i * 7 % 40;
            if (i % 3 == 0) { cache.Keep(Key(key), Answer(key * 10, Instant.Epoch)); }
            else if (cache.Find(Key(key), Instant.Epoch) is { } found) { Assert.Equal(key * 10, found.Body.Length); }
        });
        Assert.InRange(cache.Bytes, 1, Room);
        long sum = Enumerable.Range(0, 40).Sum(k => cache.Find(Key(k), Instant.Epoch)?.Bytes ?? 0);
        Assert.Equal(cache.Bytes, sum);
    }

    private static AnswerKey Key(int key) => new((ulong)key, 0, 0, 0);

    private static KeptAnswer Answer(int length, Instant now) => new()
    {
        Body = new byte[length],
        ContentType = "application/json",
        IsStream = false,
        NotCarried = "",
        Endpoint = "a",
        Model = "m",
        KeptAt = now,
    };
}
