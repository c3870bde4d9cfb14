namespace Gigawatt.Wire;

/// <summary>What admission and metering need from a request body; everything else in it stays bytes.</summary>
/// <param name="Model">The model asked for.</param>
/// <param name="Stream">Whether a stream of events is asked for.</param>
/// <param name="MaxOutputTokens">The request's own bound on answer tokens (all choices together), or null when it names none.</param>
/// <param name="InputTokenBound">An upper bound on prompt tokens: no tokenizer makes more tokens than there are bytes of text;
/// images and documents count by the bound of their kind.</param>
/// <param name="Choices">How many answers are asked for, at least 1: where <paramref name="MaxOutputTokens"/> is null, each may be as long as the model allows.</param>
public readonly record struct RequestFacts(string Model, bool Stream, int? MaxOutputTokens, long InputTokenBound, int Choices = 1)
{
    /// <summary>Whether it may ask for its prompt to be cached for an hour, which costs more than the usual five minutes.</summary>
    public bool HourWrites { get; init; }

    /// <summary>The most web searches that the request lets the provider make, as far as it names a number.</summary>
    public int WebSearches { get; init; }

    /// <summary>Whether it lets the provider search without naming a number.</summary>
    public bool WebSearchesOpen { get; init; }
}
