using System.Globalization;

namespace Gigawatt.Placement.Routing;

/// <summary>The words of a route's reasons, each made when it is first needed and then kept.</summary>
internal sealed class RouteTexts(string route, int targets)
{
    private static readonly int Reasons = Enum.GetValues<RouteReason>().Length;

    private readonly string?[] _texts = new string?[Reasons * (targets + 1) * 2];

    public string Of(in RoutePlan plan)
    {
        int index = (((int)plan.Reason * (targets + 1)) + plan.Eligible) * 2 + (plan.PassedOver ? 1 : 0);
        // Two threads may make the same text; either will do.
        return _texts[index] ??= Write(plan.Reason, plan.Eligible, plan.PassedOver);
    }

    private string Write(RouteReason reason, int eligible, bool passedOver)
    {
        string of = string.Create(CultureInfo.InvariantCulture, $"of {eligible} targets of {route}");
        string text = reason switch
        {
            RouteReason.Only => $"only target of {route}",
            RouteReason.Priority => $"first by order {of}",
            RouteReason.Weighted => $"by weight {of}",
            RouteReason.LeastLoaded => $"least busy {of}",
            RouteReason.LowestLatency => $"lowest latency {of}",
            RouteReason.LowestCost => $"lowest cost {of}",
            RouteReason.LowestCarbon => $"lowest carbon {of}",
            RouteReason.PrefixAffinity => $"by the prompt's beginning {of}",
            RouteReason.PrefixSpill => $"by the prompt's beginning {of}, next after a busy one",
            RouteReason.Canary => $"canary of {route}",
            RouteReason.AllUnhealthy => $"all unhealthy {of}",
            _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
        };
        return passedOver ? $"{text}, passing over an unhealthy one" : text;
    }
}
