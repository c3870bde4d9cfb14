using System.Text;
using Gigawatt.Server.Responses;
using Gigawatt.Units;
using Gigawatt.Wire.Responses;

namespace Gigawatt.Tests.Responses;

/// <summary>What is kept of responses, for whom and for how long.</summary>
public sealed class ResponseStoreTests : IDisposable
{
    private static readonly ResponseOwner Owner = new("t", null);

    private readonly string _folder = Directory.CreateTempSubdirectory("gw-responses-").FullName;
    private ResponseStore _store;

    public ResponseStoreTests() => _store = Open();

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_conversation_comes_back_in_order_after_a_restart()
    {
        long? before = null;
        for (int i = 0; i < 4; i++) { before = Keep($"r{i}", before, at: i); }
        _store.Dispose();
        _store = Open();
        StoredResponse last = _store.Find(Owner, "r3", At(9))!;
        Assert.Equal(["[r0]", "[r1]", "[r2]"], last.Before.Select(t => Encoding.UTF8.GetString(t.Input)));
        Assert.Equal("[r3]", Encoding.UTF8.GetString(last.Turn.Input));
        Assert.True(last.Whole);
        Assert.Equal(4 * 8, _store.Length);
    }

    [Fact]
    public void A_response_is_seen_by_its_tenant_and_where_it_has_a_project_by_that()
    {
        _store.Keep(new("t", "p"), "r", null, Turn("r"), null, At(0), long.MaxValue);
        Assert.NotNull(_store.Find(new("t", "p"), "r", At(1)));
        Assert.NotNull(_store.Find(new("t", null), "r", At(1)));
        foreach (ResponseOwner other in (ResponseOwner[])[new("t", "q"), new("u", "p"), new("v", null)])
        {
            Assert.Null(_store.Find(other, "r", At(1)));
            Assert.False(_store.Delete(other, "r"));
            // Somebody else's response of the same id stands beside it.
            _store.Keep(other, "r", null, Turn("x"), null, At(1), long.MaxValue);
            Assert.Equal("[x]", Encoding.UTF8.GetString(_store.Find(other, "r", At(1))!.Turn.Input));
        }

        Assert.Equal("[r]", Encoding.UTF8.GetString(_store.Find(new("t", "p"), "r", At(1))!.Turn.Input));
    }

    [Fact]
    public void A_provider_that_gives_the_same_id_twice_breaks_no_conversation()
    {
        long first = Keep("same", null, at: 0);
        long second = Keep("same", first, at: 1);
        StoredResponse found = _store.Find(Owner, "same", At(2))!;
        Assert.Equal((second, 1, true), (found.Row, found.Before.Count, found.Whole));
        Assert.True(_store.Delete(Owner, "same"));
        Assert.Equal(0, _store.Length);
    }

    [Fact]
    public void Who_goes_on_from_what_was_deleted_is_told_that_it_is_not_whole()
    {
        long first = Keep("a", null, at: 0);
        Keep("b", first, at: 1);
        Assert.True(_store.Delete(Owner, "a"));
        Assert.Null(_store.Find(Owner, "a", At(2)));
        Assert.False(_store.Find(Owner, "b", At(2))!.Whole);
        // A response that comes later does not take its place.
        Keep("c", null, at: 3);
        Assert.False(_store.Find(Owner, "b", At(4))!.Whole);
    }

    [Fact]
    public void What_is_used_keeps_all_that_led_to_it_young()
    {
        long first = Keep("a", null, at: 0);
        Keep("b", first, at: 1);
        Keep("other", null, at: 5);
        Assert.NotNull(_store.Find(Owner, "b", At(10)));
        _store.Expire(At(10));
        Assert.Null(_store.Find(Owner, "other", At(11)));
        Assert.True(_store.Find(Owner, "b", At(11))!.Whole);
        _store.Expire(At(12));
        Assert.Equal(0, _store.Length);
    }

    [Fact]
    public void What_was_unused_for_longest_makes_room()
    {
        for (int i = 0; i < 4; i++) { Keep($"r{i}", null, at: i); }
        _store.Find(Owner, "r0", At(8));
        _store.Keep(Owner, "new", null, Turn("new"), null, At(9), lengthMax: 20);
        Assert.Equal(["r0", "new"], ((string[])["r0", "r1", "r2", "r3", "new"]).Where(id => _store.Find(Owner, id, At(10)) is not null));
        Assert.Equal(8 + 10, _store.Length);
    }

    private ResponseStore Open() => ResponseStore.Open(Path.Combine(_folder, "responses.db"));

    private long Keep(string id, long? before, int at)
    {
        _store.Keep(Owner, id, before, Turn(id), null, At(at), long.MaxValue);
        return _store.Find(Owner, id, At(at))!.Row;
    }

    private static StoredTurn Turn(string text) => new(Encoding.UTF8.GetBytes($"[{text}]"), Encoding.UTF8.GetBytes($"{{{text}}}"));

    private static Instant At(int seconds) => new(seconds * 1_000_000_000L);
}
