using System.Text;
using Gigawatt.Cli;
using Gigawatt.Cli.Terminal;
using Xunit;

namespace Gigawatt.Tests.Cli;

/// <summary>What one call of the command line said and how it ended.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>A moment that all tables are seen from.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Runs a command line in a world of its own: no environment but <paramref name="environment"/>, and the clock at <see cref="Now"/>.</summary>
    public static async Task<CliRun> OfAsync(
        IReadOnlyList<string> args, IReadOnlyDictionary<string, string>? environment = null, string? folder = null, bool terminal = false)
    {
        using var output = new MemoryStream();
        var error = new StringWriter();
        using var host = new CliHost
        {
            OutputBytes = output,
            Output = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true },
            Error = error,
            OutputIsTerminal = terminal,
            Variable = name => environment?.GetValueOrDefault(name),
            Variables = environment ?? new Dictionary<string, string>(),
            Folder = folder ?? Path.GetTempPath(),
            Time = new StoppedCalendar(),
        };
        int code = await CommandLine.RunAsync(args, host, TestContext.Current.CancellationToken);
        return new CliRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    /// <summary>Runs a command line against a server.</summary>
    public static Task<CliRun> AtAsync(StubServer server, params string[] args) =>
        OfAsync(args, new Dictionary<string, string> { ["GIGAWATT_SERVER"] = server.Url, ["GIGAWATT_API_KEY"] = "gw-test" });

    /// <summary>The date stands still; timers and stopwatches run.</summary>
    private sealed class StoppedCalendar : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
