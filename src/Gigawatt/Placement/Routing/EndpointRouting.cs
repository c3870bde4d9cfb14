using Gigawatt.Models;

namespace Gigawatt.Placement.Routing;

/// <summary>What routing knows of a provider endpoint.</summary>
/// <param name="Name">By which reasons and usage records call it.</param>
/// <param name="Dialects">The formats it answers in.</param>
/// <param name="Models">What it serves.</param>
public sealed record EndpointFacts(string Name, IReadOnlyList<Dialect> Dialects, ServedModels Models);

/// <summary>Why no endpoint was chosen. The list is closed.</summary>
public enum RoutingRefusal
{
    /// <summary>One was chosen.</summary>
    None,

    /// <summary>No endpoint serves the model.</summary>
    UnknownModel,

    /// <summary>Endpoints serve the model, but none in the format asked for.</summary>
    OtherDialect,
}

/// <summary>Where a request goes, and why.</summary>
/// <param name="Index">The chosen endpoint's place in the list, or -1.</param>
/// <param name="Refusal">Why none was chosen.</param>
/// <param name="Reason">A phrase for people, such as <c>only endpoint that serves claude-x in the anthropic format</c>.</param>
public readonly record struct RoutingDecision(int Index, RoutingRefusal Refusal, string Reason);

/// <summary>Chooses the endpoint of a request: filter by model, filter by format, least busy first, then the order of the list.</summary>
public static class EndpointRouting
{
    /// <summary>Chooses.</summary>
    /// <param name="endpoints">All of them, in the operator's order of preference.</param>
    /// <param name="inFlight">The calls under way at each, in the same order.</param>
    /// <param name="model">The model asked for.</param>
    /// <param name="dialect">The format of the request.</param>
    public static RoutingDecision Choose(IReadOnlyList<EndpointFacts> endpoints, ReadOnlySpan<int> inFlight, string model, Dialect dialect)
    {
        int best = -1;
        int candidates = 0;
        bool served = false;
        for (int i = 0; i < endpoints.Count; i++)
        {
            if (!endpoints[i].Models.Serves(model)) { continue; }
            served = true;
            if (!Speaks(endpoints[i], dialect)) { continue; }
            candidates++;
            if (best < 0 || inFlight[i] < inFlight[best]) { best = i; }
        }

        if (best >= 0) { return new(best, RoutingRefusal.None, Why(candidates, model, dialect)); }
        return served
            ? new(-1, RoutingRefusal.OtherDialect, $"no endpoint serves {model} in the {dialect.Name()} format")
            : new(-1, RoutingRefusal.UnknownModel, $"no endpoint serves {model}");
    }

    private static string Why(int candidates, string model, Dialect dialect) => candidates == 1
        ? $"only endpoint that serves {model} in the {dialect.Name()} format"
        : $"least busy of {candidates} endpoints that serve {model} in the {dialect.Name()} format";

    private static bool Speaks(EndpointFacts endpoint, Dialect dialect)
    {
        for (int i = 0; i < endpoint.Dialects.Count; i++)
        {
            if (endpoint.Dialects[i] == dialect) { return true; }
        }

        return false;
    }
}
