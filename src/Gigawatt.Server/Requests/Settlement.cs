using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;

namespace Gigawatt.Server.Requests;

/// <summary>How a request ended, as usage records name it.</summary>
internal static class Outcomes
{
    /// <summary>Answered to its end.</summary>
    public const string Ok = "ok";

    /// <summary>The client hung up.</summary>
    public const string Aborted = "aborted";

    /// <summary>The provider refused, broke off or could not be reached.</summary>
    public const string Failed = "failed";

    /// <summary>Answered with what an equal request was answered before.</summary>
    public const string Cached = "cached";
}

/// <summary>The promise that a dispatched request is settled once: reserved in the journal when made, charged when it is known what was used.</summary>
/// <remarks>A request has one record, however many providers were called for it: what an abandoned attempt used is added to what
/// the answer used, each at the price of the model that used it. The record names the target that answered, or was tried last.</remarks>
internal sealed class Settlement
{
    private readonly ModelCall _call;
    private readonly RequestHold _hold;
    private readonly UsageJournal _journal;
    private readonly TimeProvider _time;
    private bool _estimated;

    private Settlement(ModelCall call, RequestHold hold, UsageJournal journal, TimeProvider time) =>
        (_call, _hold, _journal, _time) = (call, hold, journal, time);

    /// <summary>Whether the request is charged.</summary>
    public bool Done { get; private set; }

    /// <summary>What was charged, once <see cref="Done"/>; before that, what is to be charged for attempts that were abandoned.</summary>
    public RequestImpact Impact { get; private set; }

    /// <summary>The tokens of <see cref="Impact"/>.</summary>
    public TokenUsage Tokens { get; private set; }

    /// <summary>Whether any of <see cref="Tokens"/> are estimated.</summary>
    public bool Estimated => _estimated;

    /// <summary>By how much the cost was above the bound reserved: 0, unless the provider used more than it could have.</summary>
    public Usd Overrun { get; private set; }

    /// <summary>Notes the reservation in the journal, before anything is sent to the provider, and takes over the call's hold.</summary>
    /// <exception cref="IOException">It could not be noted; the call keeps its hold.</exception>
    public static Settlement Begin(ModelCall call, UsageJournal journal, TimeProvider time)
    {
        journal.Reserve(call.ToRecord(call.Bound, call.Most, call.Started, UsageJournal.Recovered, estimated: true));
        RequestHold hold = call.Hold!;
        call.Hold = null;
        return new(call, hold, journal, time);
    }

    /// <summary>Whether what is reserved is enough for an attempt at a target, besides what is to be charged already.</summary>
    public bool Covers(RouteTarget target)
    {
        if (Impact == default) { return true; }
        RequestImpact all = Sum(Impact, Route.Bound(target, _call.Facts.InputTokenBound, _call.Facts.MaxOutputTokens, _call.Facts.Choices, _call.Facts.WebSearches, _call.Facts.HourWrites));
        return all.Cost <= _call.Most.Cost && all.Energy <= _call.Most.Energy
            && all.Carbon.Micrograms <= _call.Most.Carbon.Micrograms && all.Water.Microlitres <= _call.Most.Water.Microlitres;
    }

    /// <summary>Adds what an abandoned attempt used.</summary>
    public void Charge(RouteTarget target, TokenUsage tokens, bool estimated)
    {
        if (Done) { throw new InvalidOperationException("The request is charged already."); }
        Impact = Sum(Impact, RequestMeter.Measure(target.Facts, tokens, target.Site));
        Tokens = Tokens + tokens;
        _estimated |= estimated;
    }

    /// <summary>Charges the request for what its target used, and for what attempts before it did; only the first call counts. Returns when the charge survives a crash of the process.</summary>
    /// <exception cref="IOException">It could not be noted: do not acknowledge. The reservation is charged at the next start.</exception>
    public void Settle(TokenUsage tokens, string outcome, bool estimated)
    {
        if (Done) { return; }
        Charge(_call.Target, tokens, estimated);
        Done = true;
        // The journal first: what the hold gives back may be reserved by another request at once, and after a crash both bounds
        // would stand in the journal. When it cannot be noted, the whole bound stays reserved, as the next start charges it.
        _journal.Settle(_call.ToRecord(Tokens, Impact, Instant.From(_time.GetUtcNow()), outcome, _estimated));
        Overrun = _hold.Settle(Admission.Charge.Of(Tokens, Impact));
    }

    /// <summary>What is charged when the target has used these tokens, attempts before it included.</summary>
    public (RequestImpact Impact, bool Estimated) Preview(TokenUsage tokens, bool estimated) => Done
        ? (Impact, _estimated)
        : (Sum(Impact, RequestMeter.Measure(_call.Target.Facts, tokens, _call.Target.Site)), _estimated || estimated);

    private static RequestImpact Sum(in RequestImpact one, in RequestImpact other) =>
        new(one.Cost + other.Cost, one.Energy + other.Energy, one.Carbon + other.Carbon, one.Water + other.Water);
}
