using Gigawatt.Metering;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Gigawatt.Server.Control;

/// <summary>A question about usage as it stands in a URL.</summary>
internal sealed record UsageAsk(
    [FromQuery(Name = "by")] string? By, [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To, [FromQuery(Name = "period")] string? Period,
    [FromQuery(Name = "tenant")] string? Tenant, [FromQuery(Name = "project")] string? Project, [FromQuery(Name = "key")] string? Key,
    [FromQuery(Name = "model")] string? Model, [FromQuery(Name = "asked")] string? Asked, [FromQuery(Name = "provider")] string? Provider,
    [FromQuery(Name = "status")] string? Status, [FromQuery(Name = "kind")] string? Kind);

/// <summary>A question about usage: which records, and into which groups.</summary>
/// <param name="Groups">Names of the groups, in their order.</param>
/// <param name="From">Beginning of the time asked for; null without one.</param>
/// <param name="To">Its end.</param>
/// <param name="Query">The question as the ledger takes it.</param>
internal sealed record UsageQuestion(IReadOnlyList<string> Groups, DateTimeOffset? From, DateTimeOffset? To, UsageQuery Query)
{
    private static readonly Dictionary<string, UsageGroup> Names = new()
    {
        ["tenant"] = UsageGroup.Tenant,
        ["project"] = UsageGroup.Project,
        ["key"] = UsageGroup.Key,
        ["model"] = UsageGroup.Model,
        ["asked"] = UsageGroup.Asked,
        ["provider"] = UsageGroup.Endpoint,
        ["endpoint"] = UsageGroup.Endpoint,
        ["format"] = UsageGroup.Format,
        ["decision"] = UsageGroup.Decision,
        ["status"] = UsageGroup.Outcome,
        ["outcome"] = UsageGroup.Outcome,
        ["tokens"] = UsageGroup.Tokens,
        ["hour"] = UsageGroup.Hour,
        ["day"] = UsageGroup.Day,
        ["month"] = UsageGroup.Month,
        ["kind"] = UsageGroup.Kind,
    };

    /// <summary>Reads it.</summary>
    /// <param name="ask">As it came.</param>
    /// <param name="caller">Who asks, which decides whose usage may be seen.</param>
    /// <param name="now">What names of periods count from.</param>
    /// <param name="question">What was asked.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static IResult? TryRead(UsageAsk ask, ControlCaller caller, DateTimeOffset now, out UsageQuestion question)
    {
        question = null!;
        string[] groups = (ask.By ?? "tenant").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (groups.FirstOrDefault(g => !Names.ContainsKey(g)) is { } unknown) { return ControlErrors.BadRequest($"by must be one or several of {string.Join(", ", Names.Keys)}; it has '{unknown}'."); }
        UsageGroup[] groupBy = [.. groups.Select(g => Names[g])];
        if (groupBy.Distinct().Count() < groupBy.Length) { return ControlErrors.BadRequest($"by names a column twice: '{ask.By}'."); }
        if (TryReadTimes(ask, now, out DateTimeOffset? from, out DateTimeOffset? to) is { } wrong) { return wrong; }
        if (ask.Kind is not (null or "request" or "job")) { return ControlErrors.BadRequest($"kind must be request or job; it is '{ask.Kind}'."); }
        if (ask.Tenant is not null && !caller.MayActFor(ask.Tenant)) { return ControlErrors.Forbidden($"This key belongs to tenant '{caller.Tenant}'."); }
        question = new(groups, from, to, new UsageQuery
        {
            GroupBy = groupBy,
            From = from is { } first ? Instant.From(first) : null,
            To = to is { } end ? Instant.From(end) : null,
            Tenant = caller.Tenant ?? ask.Tenant,
            Project = ask.Project,
            Key = ask.Key,
            Model = ask.Model,
            Asked = ask.Asked,
            Endpoint = ask.Provider,
            Outcome = ask.Status,
            Kind = ask.Kind is null ? null : ask.Kind == "job" ? UsageKind.Job : UsageKind.Request,
        });
        return null;
    }

    private static IResult? TryReadTimes(UsageAsk ask, DateTimeOffset now, out DateTimeOffset? from, out DateTimeOffset? to)
    {
        (from, to) = (null, null);
        if (ask.Period is not null)
        {
            if (ask.From is not null || ask.To is not null) { return ControlErrors.BadRequest("period and from or to exclude each other; give one of them."); }
            if (!UsagePeriod.TryRead(ask.Period, now, out DateTimeOffset start, out DateTimeOffset stop)) { return ControlErrors.BadRequest($"period must be {UsagePeriod.Words}; it is '{ask.Period}'."); }
            (from, to) = (start, stop);
            return null;
        }

        return ReadTime("from", ask.From, isEnd: false, ref from) ?? ReadTime("to", ask.To, isEnd: true, ref to)
            ?? (from >= to ? ControlErrors.BadRequest($"from must be before to; they are '{ask.From}' and '{ask.To}'.") : null);
    }

    private static IResult? ReadTime(string name, string? text, bool isEnd, ref DateTimeOffset? time)
    {
        if (text is null) { return null; }
        if (!UsagePeriod.TryReadTime(text, isEnd, out DateTimeOffset read)) { return ControlErrors.BadRequest($"{name} must be a UTC day such as 2026-11-23 or a time such as 2026-11-23T14:00Z; it is '{text}'."); }
        time = read;
        return null;
    }
}
