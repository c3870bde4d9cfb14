using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Ledger;

/// <summary>Flushes the usage journal about each second while the server runs.</summary>
internal sealed partial class UsageFlusher(UsageJournal journal, TimeProvider time, ILogger<UsageFlusher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) { TryFlush(); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            TryFlush();
        }
    }

    private void TryFlush()
    {
        try { journal.Flush(); }
        catch (Exception e) when (e is IOException or Microsoft.Data.Sqlite.SqliteException) { LogFlushFailed(logger, e); }
    }

    [LoggerMessage(EventId = 2251, Level = LogLevel.Error, Message = "Usage could not be moved into the ledger; it stays in the journal and is tried again")]
    private static partial void LogFlushFailed(ILogger logger, Exception exception);
}
