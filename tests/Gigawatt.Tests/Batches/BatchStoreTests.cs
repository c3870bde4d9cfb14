using System.Text;
using Gigawatt.Server.Batches;
using Gigawatt.Units;
using Gigawatt.Wire.Batches;

namespace Gigawatt.Tests.Batches;

/// <summary>What a batch is after the server was killed and started again.</summary>
public sealed class BatchStoreTests : IDisposable
{
    private static readonly Instant Now = Instant.From(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero));

    private readonly string _folder = Directory.CreateTempSubdirectory("gw-batch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_batch_comes_back_with_what_was_begun_and_what_has_ended()
    {
        using (BatchStore store = BatchStore.Open(_folder))
        {
            Batch batch = Make(store, "msgbatch_1", 5);
            batch.Open();
            Assert.Equal([0, 1, 2], [batch.Take(Now), batch.Take(Now), batch.Take(Now)]);
            batch.End(0, BatchOutcome.Succeeded, "{\"id\":1}"u8);
            batch.PutOff(1, Now);
            store.CreateFolder("msgbatch_left");
        }

        using (BatchStore store = BatchStore.Open(_folder))
        {
            Assert.False(Directory.Exists(Path.Combine(_folder, "msgbatch_left")));
            Batch batch = store.Find("t", null, "msgbatch_1")!;
            Assert.Null(store.Find("other", null, "msgbatch_1"));
            Assert.Null(store.Find("t", "a project", "msgbatch_1"));
            batch.Open();
            // The third was begun, and nobody knows what became of it; the second was refused and may go again.
            Assert.Equal([2], batch.Begun());
            Assert.Equal(new BatchCounts(4, 1, 0, 0, 0), batch.View().Counts);
            Assert.Equal("[1]", Encoding.UTF8.GetString(batch.Params(1)));
            batch.End(2, BatchOutcome.Errored, "{}"u8);
            Assert.Equal([1, 3, 4, -1], [batch.Take(Now), batch.Take(Now), batch.Take(Now), batch.Take(Now)]);
            foreach (int index in (int[])[1, 3, 4]) { batch.End(index, BatchOutcome.Succeeded, "{}"u8); }
            store.End(batch, Now);
        }

        using (BatchStore store = BatchStore.Open(_folder))
        {
            Batch batch = store.Find("t", null, "msgbatch_1")!;
            Assert.Equal((BatchStatus.Ended, new BatchCounts(0, 4, 1, 0, 0)), (batch.View().Status, batch.View().Counts));
            using (Batch.Reader results = batch.OpenResults())
            {
                Assert.Equal(["""{"custom_id":"c0","result":{"type":"succeeded","message":{"id":1}}}"""], results.Lines().Take(1).Select(l => Encoding.UTF8.GetString(l.Span)));
                Assert.Equal(5, results.Lines().Count());
            }

            store.Delete(batch);
        }

        using BatchStore last = BatchStore.Open(_folder);
        Assert.Empty(last.All());
    }

    [Fact]
    public void What_is_put_off_waits_and_lets_the_others_by()
    {
        using BatchStore store = BatchStore.Open(_folder);
        Batch batch = Make(store, "msgbatch_1", 2);
        batch.Open();
        batch.Take(Now);
        batch.PutOff(0, Now + Duration.FromSeconds(5));
        Assert.Equal([1, -1], [batch.Take(Now), batch.Take(Now)]);
        Assert.False(batch.HasDue(Now));
        Assert.Equal(0, batch.Take(Now + Duration.FromSeconds(5)));
    }

    [Fact]
    public void The_index_is_rewritten_when_it_is_mostly_history()
    {
        using (BatchStore store = BatchStore.Open(_folder))
        {
            Batch kept = Make(store, "msgbatch_kept", 1);
            for (int i = 0; i < 1_100; i++) { store.Change(kept, f => f with { Length = f.Length + 1 }); }
        }

        long before = new FileInfo(Path.Combine(_folder, "index.gwj")).Length;
        using BatchStore again = BatchStore.Open(_folder);
        Assert.Equal(1_100 + 9, Assert.Single(again.All()).Facts.Length);
        Assert.True(new FileInfo(Path.Combine(_folder, "index.gwj")).Length < before / 100);
    }

    private static Batch Make(BatchStore store, string id, int count)
    {
        string folder = store.CreateFolder(id);
        File.WriteAllText(Path.Combine(folder, BatchRequests.BodyFile), string.Concat(Enumerable.Range(0, count).Select(i => $"[{i}]")));
        using (FileStream table = File.Create(Path.Combine(folder, BatchRequests.TableFile)))
        {
            for (int i = 0; i < count; i++) { BatchRequests.WriteEntry(table, new BatchItem($"c{i}", 3 * i, 3)); }
        }

        return store.Accept(new() { Id = id, Tenant = "t", Key = "k", Headers = [new("anthropic-version", "2023-06-01")], Total = count, Length = 9, Created = Now.Nanoseconds, Expires = Now.Nanoseconds + 1 });
    }
}
