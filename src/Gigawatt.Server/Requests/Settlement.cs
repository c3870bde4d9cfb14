using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
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
}

/// <summary>The promise that a dispatched request is settled once: reserved in the journal when made, charged when it is known what was used.</summary>
internal sealed class Settlement
{
    private readonly ModelCall _call;
    private readonly RequestHold _hold;
    private readonly UsageJournal _journal;
    private readonly TimeProvider _time;

    private Settlement(ModelCall call, RequestHold hold, UsageJournal journal, TimeProvider time) =>
        (_call, _hold, _journal, _time) = (call, hold, journal, time);

    /// <summary>Whether the request is charged.</summary>
    public bool Done { get; private set; }

    /// <summary>What was charged, once <see cref="Done"/>.</summary>
    public RequestImpact Impact { get; private set; }

    /// <summary>The tokens charged, once <see cref="Done"/>.</summary>
    public TokenUsage Tokens { get; private set; }

    /// <summary>By how much the cost was above the bound reserved: 0, unless the provider used more than it could have.</summary>
    public Usd Overrun { get; private set; }

    /// <summary>Notes the reservation in the journal, before anything is sent to the provider, and takes over the call's hold.</summary>
    /// <exception cref="IOException">It could not be noted; the call keeps its hold.</exception>
    public static Settlement Begin(ModelCall call, UsageJournal journal, TimeProvider time)
    {
        RequestImpact bound = RequestMeter.Measure(call.Model, call.Bound, call.State.Site);
        journal.Reserve(call.ToRecord(call.Bound, bound, call.Started, UsageJournal.Recovered, estimated: true));
        RequestHold hold = call.Hold!.Value;
        call.Hold = null;
        return new(call, hold, journal, time);
    }

    /// <summary>Charges the request; only the first call counts. Returns when the charge survives a crash of the process.</summary>
    /// <exception cref="IOException">It could not be noted: do not acknowledge. The reservation is charged at the next start.</exception>
    public void Settle(TokenUsage tokens, string outcome, bool estimated)
    {
        if (Done) { return; }
        Done = true;
        (Tokens, Impact) = (tokens, RequestMeter.Measure(_call.Model, tokens, _call.State.Site));
        Overrun = _hold.Settle(Impact.Cost);
        _journal.Settle(_call.ToRecord(tokens, Impact, Instant.From(_time.GetUtcNow()), outcome, estimated));
    }
}
