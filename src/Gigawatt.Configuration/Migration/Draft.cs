namespace Gigawatt.Configuration.Migration;

/// <summary>A provider of the file to be written, all but its name. Equal ones are one provider.</summary>
/// <param name="Vendor">What it is.</param>
internal sealed record DraftProvider(Vendor Vendor)
{
    public string? Url { get; init; }

    public string? Resource { get; init; }

    public string? KeyVariable { get; init; }

    public string? KeyFile { get; init; }

    public string? Region { get; init; }

    public string? Project { get; init; }

    public string? Location { get; init; }

    public string? Profile { get; init; }

    public string? ApiVersion { get; init; }

    public bool AllowPrivate { get; init; }
}

/// <summary>A place where a route's requests may go.</summary>
/// <param name="Provider">Name of its provider in the file to be written.</param>
/// <param name="Model">What the provider calls the model; null for the name that was asked for.</param>
/// <param name="Share">Its share among those of its order, in any unit.</param>
/// <param name="Order">Its place in the order of failover, from 1.</param>
internal sealed record DraftTarget(string Provider, string? Model, decimal Share, int Order)
{
    public string? Region { get; init; }
}

/// <summary>A route to be written.</summary>
/// <param name="Model">The public name.</param>
/// <param name="Strategy">Our word for it.</param>
/// <param name="Targets">At least one.</param>
internal sealed record DraftRoute(string Model, string Strategy, IReadOnlyList<DraftTarget> Targets)
{
    public int? Retries { get; init; }

    /// <summary>In milliseconds.</summary>
    public long? AttemptTimeoutMs { get; init; }

    /// <summary>How long equal requests get the same answer, in seconds; null for not at all.</summary>
    public long? CacheSeconds { get; init; }
}

/// <summary>Prices of a model, in dollars for a million tokens.</summary>
/// <param name="Name">What its provider calls it.</param>
internal sealed record DraftPrice(string Name)
{
    public decimal? Input { get; init; }

    public decimal? Output { get; init; }

    public decimal? CacheRead { get; init; }

    public decimal? CacheWrite { get; init; }

    public int? MaxOutputTokens { get; init; }
}

/// <summary>What is known of the file to be written.</summary>
internal sealed class Draft
{
    public List<DraftRoute> Routes { get; } = [];

    public List<DraftPrice> Prices { get; } = [];

    /// <summary>Requests that run at once; null for no limit.</summary>
    public int? Concurrent { get; set; }

    /// <summary>What the one tenant may spend, as our files write it, such as <c>$20 per day</c>.</summary>
    public string? Budget { get; set; }
}
