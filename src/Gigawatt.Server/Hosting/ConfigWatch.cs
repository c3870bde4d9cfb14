using Gigawatt.Configuration;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Hosting;

/// <summary>Looks at the config file once a second, and brings a changed one into force when it has no mistake. A file with mistakes changes nothing, and each of them is logged.</summary>
internal sealed partial class ConfigWatch(string path, TimeProvider time, ILogger<ConfigWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Watches until cancelled.</summary>
    /// <param name="load">Reads the file.</param>
    /// <param name="apply">Brings what was read into force; gives what is wrong with it, or nothing.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async Task RunAsync(Func<Loaded<ServerConfig>> load, Func<ServerConfig, IReadOnlyList<string>> apply, CancellationToken cancellationToken)
    {
        (DateTime, long) inForce = FileStamp.Of(path), before = inForce;
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            (DateTime, long) now = FileStamp.Of(path);
            // Only when it has stopped changing: who writes a file may not be done yet.
            if (now != inForce && now == before)
            {
                inForce = now;
                Apply(load(), apply);
            }

            before = now;
        }
    }

    private void Apply(Loaded<ServerConfig> loaded, Func<ServerConfig, IReadOnlyList<string>> apply)
    {
        IReadOnlyList<string> wrong = loaded.Value is { } config ? apply(config) : [.. loaded.Problems.Select(static p => p.ToString())];
        foreach (string line in wrong) { LogMistake(logger, line); }
        if (wrong.Count > 0) { LogKept(logger, path, wrong.Count); }
        else { LogInForce(logger, path); }
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "{Path} has changed; its providers, models, routes, tenants, budgets and limits are in force")]
    private static partial void LogInForce(ILogger logger, string path);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "{Line}")]
    private static partial void LogMistake(ILogger logger, string line);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Error, Message = "{Path} has changed and has {Count} mistakes; what was in force stays")]
    private static partial void LogKept(ILogger logger, string path, int count);
}
