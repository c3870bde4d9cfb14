using System.Collections.Concurrent;
using Gigawatt.Metering;

namespace Gigawatt.Server.Telemetry;

/// <summary>All series, at most so many: names come from clients, and memory must not grow by what they think of.</summary>
internal sealed class SeriesTable
{
    /// <summary>Stands for every name that came when there was no room for it.</summary>
    public const string Other = "_other";

    /// <summary>Most series; some more may be there for a moment.</summary>
    public const int Most = 4_096;

    /// <summary>Most names of models of one tenant, so that no tenant takes the room of the others.</summary>
    public const int ModelsMost = 256;

    private readonly ConcurrentDictionary<SeriesKey, Series> _series = [];
    private readonly ConcurrentDictionary<(string Tenant, string Subject, string Model), bool> _models = [];
    private readonly ConcurrentDictionary<string, int> _modelsOfTenant = [];

    /// <summary>Those there are.</summary>
    public ICollection<Series> All => _series.Values;

    /// <summary>How many there are.</summary>
    public int Count => _series.Count;

    /// <summary>The series of a record.</summary>
    public Series Of(UsageRecord record)
    {
        SeriesKey key = SeriesKey.Of(record);
        return _series.TryGetValue(key, out Series? found) ? found : Make(key);
    }

    private Series Make(SeriesKey key)
    {
        if (!HasRoomForModel(key)) { key = key with { Subject = Other, Model = Other }; }
        if (_series.TryGetValue(key, out Series? found)) { return found; }
        if (_series.Count >= Most) { key = new(key.Kind, Other, "", "", key.Format, "", "", key.Outcome, key.Method); }
        return _series.GetOrAdd(key, static k => new Series(k));
    }

    private bool HasRoomForModel(SeriesKey key)
    {
        if (key.Kind == UsageKind.Job) { return true; }
        (string, string, string) name = (key.Tenant, key.Subject, key.Model);
        if (_models.ContainsKey(name)) { return true; }
        if (_series.Count >= Most || _modelsOfTenant.GetValueOrDefault(key.Tenant) >= ModelsMost) { return false; }
        if (_models.TryAdd(name, true)) { _modelsOfTenant.AddOrUpdate(key.Tenant, 1, static (_, count) => count + 1); }
        return true;
    }
}
