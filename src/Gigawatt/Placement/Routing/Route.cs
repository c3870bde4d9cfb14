using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Units;

namespace Gigawatt.Placement.Routing;

/// <summary>Where the requests for a model go, and how often and how long they are tried. Never changed once made, but for the state of its targets.</summary>
public sealed class Route
{
    /// <summary>Most targets of a route.</summary>
    public const int TargetsMax = 64;

    private readonly RouteTexts _texts;

    /// <summary>With 1 to <see cref="TargetsMax"/> targets.</summary>
    /// <param name="name">The model or pattern that it is for; reasons call it so.</param>
    /// <param name="strategy">How it chooses.</param>
    /// <param name="targets">Where its requests may go.</param>
    public Route(string name, RouteStrategy strategy, IReadOnlyList<RouteTarget> targets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targets.Count, TargetsMax);
        (Name, Strategy, Targets, _texts) = (name, strategy, targets, new RouteTexts(name, targets.Count));
    }

    /// <summary>The model or pattern.</summary>
    public string Name { get; }

    /// <summary>How it chooses.</summary>
    public RouteStrategy Strategy { get; }

    /// <summary>Where its requests may go.</summary>
    public IReadOnlyList<RouteTarget> Targets { get; }

    /// <summary>Whether targets that speak the client's format come before those that need a translation, whatever the strategy says.</summary>
    public bool OwnFormatFirst { get; init; }

    /// <summary>Most further attempts after the first, 0 or more.</summary>
    public int Retries { get; init; }

    /// <summary>Whether a target that failed may be tried again for the same request when all were tried.</summary>
    public bool RepeatsTargets { get; init; }

    /// <summary>Longest time for the whole request; null for no limit.</summary>
    public Duration? Deadline { get; init; }

    /// <summary>Longest wait of one attempt for the first byte of the answer; null for the provider's own.</summary>
    public Duration? AttemptTimeout { get; init; }

    /// <summary>Silence after which a second target is asked too; null never asks two.</summary>
    public Duration? HedgeAfter { get; init; }

    /// <summary>How much of the prompt decides about affinity, in bytes.</summary>
    public int AffinityBytes { get; init; } = 8 * 1024;

    /// <summary>How long its answers are kept for equal requests; null keeps none.</summary>
    public AnswerCachePolicy? Cache { get; init; }

    /// <summary>Bounds how many of its requests are retries.</summary>
    public RetryBudget RetryBudget { get; init; } = new();

    /// <summary>The reason of a plan in words. The same object each time, so that it costs nothing.</summary>
    public string Explain(in RoutePlan plan) => _texts.Of(plan);

    /// <summary>The most a request can use at any of the targets: in each count and each unit the most of all of them.</summary>
    /// <remarks>A route that may leave an attempt behind which the provider has begun to work on, by its timeout or by hedging,
    /// reserves the prompt of each such attempt too.</remarks>
    /// <param name="inputBound">Upper bound of prompt tokens.</param>
    /// <param name="outputBound">Upper bound of answer tokens; null where the request names none, and each model's own counts.</param>
    /// <param name="choices">How many answers are asked for.</param>
    /// <param name="webSearches">The most web searches that a provider may make for it.</param>
    /// <param name="hourWrites">Whether it may have its prompt cached for an hour.</param>
    public (TokenUsage Tokens, RequestImpact Impact) Bound(long inputBound, long? outputBound, int choices, long webSearches = 0, bool hourWrites = true)
    {
        int abandoned = (HedgeAfter is null ? 0 : 1) + (AttemptTimeout is null ? 0 : Retries);
        TokenUsage tokens = default;
        RequestImpact most = default;
        for (int i = 0; i < Targets.Count; i++)
        {
            RouteTarget target = Targets[i];
            // A copy is reserved by itself.
            if (target.ShadowBasisPoints > 0) { continue; }
            TokenUsage bound = TokenBound(target, inputBound, outputBound, choices, webSearches, hourWrites);
            for (int n = 0; n < abandoned; n++) { bound += TokenBound(target, inputBound, 0, 0, 0, hourWrites); }
            RequestImpact impact = RequestMeter.MeasureBound(target.Facts, bound, target.Site);
            tokens = TokenUsage.Max(tokens, bound);
            most = new(
                new(Math.Max(most.Cost.Micros, impact.Cost.Micros)),
                new(Math.Max(most.Energy.Millijoules, impact.Energy.Millijoules)),
                new(Math.Max(most.Carbon.Micrograms, impact.Carbon.Micrograms)),
                new(Math.Max(most.Water.Microlitres, impact.Water.Microlitres)));
        }

        return (tokens, most);
    }

    /// <summary>The most a request can use at one target, by one attempt.</summary>
    public static RequestImpact Bound(RouteTarget target, long inputBound, long? outputBound, int choices, long webSearches = 0, bool hourWrites = true) =>
        RequestMeter.MeasureBound(target.Facts, TokenBound(target, inputBound, outputBound, choices, webSearches, hourWrites), target.Site);

    /// <summary>The most tokens a request can use at one target, by one attempt.</summary>
    public static TokenUsage TokenBound(RouteTarget target, long inputBound, long? outputBound, int choices, long webSearches = 0, bool hourWrites = true) =>
        RequestMeter.Bound(target.Facts, inputBound, outputBound ?? (long)target.Facts.MaxOutputTokens * choices, webSearches, hourWrites);
}
