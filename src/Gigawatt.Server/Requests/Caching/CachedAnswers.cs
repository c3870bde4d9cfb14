using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests.Caching;

/// <summary>Answers a call with what an equal one was answered, on routes that keep answers.</summary>
/// <remarks>What is given again costs nobody anything: it reserves nothing, waits for nobody, and its record has no tokens and no
/// cost. Equal requests that run at the same time all go to the provider, and the last to end is kept.</remarks>
internal static class CachedAnswers
{
    private const string Header = "x-gigawatt-cache";

    /// <summary>Answers a call whose route keeps answers; else sees to it that its answer is kept.</summary>
    /// <returns>Whether it is answered.</returns>
    public static async ValueTask<bool> TryAnswerAsync(ModelCall call, UsageJournal journal, TimeProvider time)
    {
        HttpContext http = call.Http;
        (bool store, Duration oldest) = Wishes(http.Request.Headers.CacheControl.ToString());
        if (!store || call.Prepared is { Kept: not null }) { return false; }
        AnswerCache cache = call.State.Routes.CacheOf(call.Route);
        if (AnswerKey.Of(call.Caller, cache.Policy.Scope, call.Dialect, http.Request, call.Body.Span) is not { } key) { return false; }
        Instant now = Instant.From(time.GetUtcNow());
        if (oldest > Duration.Zero && cache.Find(key, now) is { } kept && now - kept.KeptAt < oldest)
        {
            await AnswerAsync(call, kept, now, journal);
            return true;
        }

        http.Response.Headers[Header] = "miss";
        // What one call cost is nothing to tell the next client.
        if (!call.WantsUsage) { AnswerCapture.Begin(call, cache, key, time); }
        return false;
    }

    private static Task AnswerAsync(ModelCall call, KeptAnswer kept, Instant now, UsageJournal journal)
    {
        call.Answered = true;
        HttpResponse response = call.Http.Response;
        IHeaderDictionary headers = response.Headers;
        response.ContentType = kept.ContentType;
        if (kept.IsStream) { headers.CacheControl = "no-cache"; }
        else { response.ContentLength = kept.Body.Length; }
        if (kept.NotCarried.Length > 0) { headers["x-gigawatt-not-carried"] = kept.NotCarried; }
        headers[Header] = "hit";
        headers.Age = FixedPoint.Text(Math.Max(0, (long)(now - kept.KeptAt).Seconds));
        headers["x-gigawatt-endpoint"] = kept.Endpoint;
        headers["x-gigawatt-reason"] = "cache";
        AnswerHeaders.WriteId(response, call.Dialect, call.Id);
        AnswerHeaders.WriteUsage(call.Http, default, default);
        RateHeaders.Write(headers, call.Dialect, call.Caller, call.Facts.Model, call.Started);
        journal.Settle(Record(call, kept, now));
        return response.Body.WriteAsync(kept.Body, 0, kept.Body.Length, call.Http.RequestAborted);
    }

    private static UsageRecord Record(ModelCall call, KeptAnswer kept, Instant now) => new()
    {
        Id = call.Id,
        Kind = UsageKind.Request,
        Tenant = call.Caller.Tenant.Id,
        Project = call.Caller.Key.ProjectId,
        Key = call.Caller.Key.Id,
        Subject = call.Facts.Model,
        Model = kept.Model,
        Format = call.Dialect.Name(),
        Decision = "cache",
        Endpoint = kept.Endpoint,
        Started = call.Started,
        FirstByte = now,
        Ended = now,
        Cost = default,
        Energy = default,
        EnergyMethod = EnergyMethod.Modelled,
        Carbon = default,
        Water = default,
        Outcome = Outcomes.Cached,
    };

    /// <summary>What the client's <c>Cache-Control</c> wants (RFC 9111 section 5.2.1): whether anything of this may be kept, and how old an answer may be.</summary>
    private static (bool Store, Duration Oldest) Wishes(string cacheControl)
    {
        Duration oldest = new(long.MaxValue);
        foreach (Range range in cacheControl.AsSpan().Split(','))
        {
            ReadOnlySpan<char> wish = cacheControl.AsSpan(range).Trim();
            if (wish.Equals("no-store", StringComparison.OrdinalIgnoreCase)) { return (false, default); }
            if (wish.Equals("no-cache", StringComparison.OrdinalIgnoreCase)) { oldest = Duration.Zero; }
            else if (wish.StartsWith("max-age=", StringComparison.OrdinalIgnoreCase) && uint.TryParse(wish["max-age=".Length..], out uint seconds))
            {
                oldest = Duration.FromSeconds(Math.Min((long)seconds, (long)oldest.Seconds));
            }
        }

        return (true, oldest);
    }
}
