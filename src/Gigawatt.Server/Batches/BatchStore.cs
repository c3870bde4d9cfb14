using System.Text.Json;
using Gigawatt.Server.Durability;
using Gigawatt.Units;
using Gigawatt.Wire.Batches;

namespace Gigawatt.Server.Batches;

/// <summary>The batches of a server: <c>batches/index.gwj</c> says which there are, <c>batches/ID/</c> holds requests and results of each.</summary>
/// <remarks>A batch is accepted when its requests and then its frame in the index are on the disk. A folder that the index does not
/// name is what a crash left before that, and is deleted.</remarks>
internal sealed class BatchStore : IDisposable
{
    // So few that the index is not worth rewriting for them.
    private const int DeadFramesKept = 1_000;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly List<Batch> _batches = []; // oldest first
    private readonly FramedLog _index;

    private BatchStore(string folder, FramedLog index) => (_folder, _index) = (folder, index);

    /// <summary>Opens or creates the folder.</summary>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static BatchStore Open(string folder)
    {
        Directory.CreateDirectory(folder);
        Dictionary<string, BatchFacts> latest = ReadIndex(folder, out List<string> order, out long frames);
        if (frames - latest.Count > DeadFramesKept) { Rewrite(folder, order.Select(id => latest[id])); }
        var store = new BatchStore(folder, FramedLog.Open(IndexPath(folder), out _));
        foreach (string id in order) { store._batches.Add(new(Path.Combine(folder, id), latest[id])); }
        foreach (string left in Directory.EnumerateDirectories(folder))
        {
            if (!latest.ContainsKey(Path.GetFileName(left))) { Directory.Delete(left, recursive: true); }
        }

        return store;
    }

    /// <summary>All batches, oldest first.</summary>
    public IReadOnlyList<Batch> All()
    {
        lock (_lock) { return [.. _batches]; }
    }

    /// <summary>The batches that a caller may see, newest first, as the API lists them.</summary>
    /// <param name="tenant">The caller's tenant.</param>
    /// <param name="project">The caller's project; null sees those of all projects.</param>
    public IReadOnlyList<Batch> Of(string tenant, string? project)
    {
        lock (_lock) { return [.. _batches.Where(b => IsOf(b.Facts, tenant, project)).Reverse()]; }
    }

    /// <summary>A batch that a caller may see; null when there is none of that id, or it is another's.</summary>
    public Batch? Find(string tenant, string? project, string id)
    {
        lock (_lock) { return _batches.Find(b => b.Facts.Id == id && IsOf(b.Facts, tenant, project)); }
    }

    /// <summary>Bytes that the requests of all batches take.</summary>
    public long Length
    {
        get { lock (_lock) { return _batches.Sum(b => b.Facts.Length); } }
    }

    /// <summary>A folder for a batch that is being received; <see cref="Accept"/> or <see cref="Discard"/> it.</summary>
    public string CreateFolder(string id) => Directory.CreateDirectory(Path.Combine(_folder, id)).FullName;

    /// <summary>Deletes the folder of a batch that was not accepted.</summary>
    public static void Discard(string folder) => Directory.Delete(folder, recursive: true);

    /// <summary>Takes a batch in, whose requests are on the disk. When it returns, the batch survives a loss of power.</summary>
    public Batch Accept(BatchFacts facts)
    {
        var batch = new Batch(Path.Combine(_folder, facts.Id), facts);
        Write(facts);
        lock (_lock) { _batches.Add(batch); }
        return batch;
    }

    /// <summary>Changes what is kept of a batch. When it returns, the change survives a loss of power.</summary>
    public void Change(Batch batch, Func<BatchFacts, BatchFacts> change)
    {
        lock (batch)
        {
            BatchFacts changed = change(batch.Facts);
            if (changed == batch.Facts) { return; }
            Write(changed);
            batch.Facts = changed;
        }
    }

    /// <summary>Notes that all requests of a batch have their results.</summary>
    public void End(Batch batch, Instant now)
    {
        BatchCounts counts = batch.Counts();
        Change(batch, facts => facts with { Ended = now.Nanoseconds, Counts = counts });
        batch.Close();
    }

    /// <summary>Forgets a batch and deletes its requests and results.</summary>
    public void Delete(Batch batch)
    {
        Change(batch, static facts => facts with { Deleted = true });
        lock (_lock) { _batches.Remove(batch); }
        batch.Dispose();
        Directory.Delete(batch.Folder, recursive: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Batch batch in _batches) { batch.Dispose(); }
        }

        _index.Dispose();
    }

    private static bool IsOf(BatchFacts facts, string tenant, string? project) => facts.Tenant == tenant && (project is null || facts.Project == project);

    private void Write(BatchFacts facts)
    {
        _index.Append(JsonSerializer.SerializeToUtf8Bytes(facts, BatchJson.Default.BatchFacts));
        _index.Flush();
    }

    private static Dictionary<string, BatchFacts> ReadIndex(string folder, out List<string> order, out long frames)
    {
        using FramedLog index = FramedLog.Open(IndexPath(folder), out LogRecovery recovery);
        frames = recovery.Frames;
        order = [];
        var latest = new Dictionary<string, BatchFacts>(StringComparer.Ordinal);
        FramedLogReader reader = index.Read();
        while (reader.TryRead())
        {
            BatchFacts facts = JsonSerializer.Deserialize(reader.Payload.Span, BatchJson.Default.BatchFacts)!;
            if (facts.Deleted) { latest.Remove(facts.Id); }
            else
            {
                if (!latest.ContainsKey(facts.Id)) { order.Add(facts.Id); }
                latest[facts.Id] = facts;
            }
        }

        order.RemoveAll(id => !latest.ContainsKey(id));
        return latest;
    }

    private static void Rewrite(string folder, IEnumerable<BatchFacts> facts)
    {
        string temporary = Path.Combine(folder, "index.tmp");
        File.Delete(temporary);
        using (FramedLog rewritten = FramedLog.Open(temporary, out _))
        {
            foreach (BatchFacts one in facts) { rewritten.Append(JsonSerializer.SerializeToUtf8Bytes(one, BatchJson.Default.BatchFacts)); }
            rewritten.Flush();
        }

        File.Move(temporary, IndexPath(folder), overwrite: true);
    }

    private static string IndexPath(string folder) => Path.Combine(folder, "index.gwj");
}
