using Gigawatt.Units;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Responses;

/// <summary>Deletes responses that were not used for as long as they are kept.</summary>
internal sealed partial class ResponseSweeper(ResponseStore store, ResponseOptions options, TimeProvider time, ILogger<ResponseSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try { store.Expire(new Instant(Instant.From(time.GetUtcNow()).Nanoseconds - options.Kept.Nanoseconds)); }
                catch (SqliteException e) { LogNotSwept(logger, e); }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(EventId = 2402, Level = LogLevel.Error, Message = "Old responses could not be deleted; it is tried again")]
    private static partial void LogNotSwept(ILogger logger, Exception exception);
}
