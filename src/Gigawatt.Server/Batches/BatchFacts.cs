using System.Text.Json.Serialization;
using Gigawatt.Wire.Batches;

namespace Gigawatt.Server.Batches;

/// <summary>What is kept of a batch beside its requests and results; each change of it is a frame of the index. Times are nanoseconds since 1970.</summary>
internal sealed record BatchFacts
{
    public required string Id { get; init; }

    /// <summary>Whose it is: only this tenant sees it.</summary>
    public required string Tenant { get; init; }

    /// <summary>The project of the key that made it: keys of other projects do not see it, those of no project do. Null for none.</summary>
    public string? Project { get; init; }

    /// <summary>The key that made it, for which its requests run.</summary>
    public required string Key { get; init; }

    /// <summary>Headers of the request that made it, which go with each of its requests.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    public required int Total { get; init; }

    /// <summary>Bytes of its body.</summary>
    public required long Length { get; init; }

    public required long Created { get; init; }

    public required long Expires { get; init; }

    public long? CancelInitiated { get; init; }

    public long? Ended { get; init; }

    /// <summary>Its counts once it has ended; before, they follow from its results.</summary>
    public BatchCounts? Counts { get; init; }

    /// <summary>Whether it is gone, with its requests and results.</summary>
    public bool Deleted { get; init; }
}

/// <summary>JSON of the index.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BatchFacts))]
internal sealed partial class BatchJson : JsonSerializerContext;
