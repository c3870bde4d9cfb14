using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw logs</c>: what a job's task printed.</summary>
internal static class LogsCommand
{
    public static Verb Create(CliHost host)
    {
        Argument<long> id = JobArgument.Create();
        Option<bool> follow = Options.Flag("--follow", "Stay until the task ends, and print what it prints.", "-f");
        Option<int?> rank = Options.Value("--rank", "N", "Which task of a gang; 0 unless given.", Kinds.Whole(0, 1_000_000, "0"));
        var verb = new Verb("logs", "Print what a job's task wrote to its output, byte for byte.")
        {
            Group = "Jobs",
            Arguments = { id },
            Options = { follow, rank },
            Examples = [new("what job 12 printed so far", "gw logs 12"), new("follow the fourth task of a gang", "gw logs 12 --follow --rank 3")],
        };
        ConnectionOptions.Connect(
            verb,
            host,
            async (call, cancellationToken) =>
            {
                CliFailure? failure = await call.Client.CopyLogAsync(
                    call.Parse.GetValue(id), call.Parse.GetValue(rank) ?? 0, call.Parse.GetValue(follow), host.OutputBytes, cancellationToken);
                return failure is null ? ExitCodes.Ok : host.Fail(failure);
            },
            hasJson: false);
        return verb;
    }
}
