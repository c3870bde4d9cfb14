using Gigawatt.Placement.Routing.Health;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Requests;
using Gigawatt.Units;

namespace Gigawatt.Server.Telemetry;

/// <summary>What the server is doing at the moment it is asked.</summary>
internal static class ServerGauges
{
    /// <summary>Adds them all, and has the journal tell of each record.</summary>
    public static void Add(RequestTelemetry telemetry, EndpointDirectory directory, UsageJournal journal, TimeProvider time)
    {
        journal.Noted = telemetry.Record;
        telemetry.AddGauge(Metric.Active, () => OfTargets(directory, static state => state.InFlight));
        telemetry.AddGauge(Metric.Breaker, () =>
        {
            Instant now = Instant.From(time.GetUtcNow());
            return OfTargets(directory, state => (double)state.Breaker.StateAt(now));
        });
        telemetry.AddGauge(Metric.Reservations, () => [new(journal.OpenReservations)]);
        telemetry.AddGauge(Metric.Series, () => [new(telemetry.Series.Count)]);
        telemetry.AddGauge(Metric.Cpu, static () => [new(Environment.CpuUsage.TotalTime.TotalSeconds)]);
        telemetry.AddGauge(Metric.Memory, static () => [new(Environment.WorkingSet)]);
    }

    private static IEnumerable<GaugeReading> OfTargets(EndpointDirectory directory, Func<TargetState, double> value) =>
        directory.State.Endpoints.SelectMany(endpoint => endpoint.States.Select(s => new GaugeReading(value(s.Value), endpoint.Provider.Name, s.Key)));
}
