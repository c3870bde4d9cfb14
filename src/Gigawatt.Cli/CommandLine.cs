using System.CommandLine;
using System.CommandLine.Help;
using Gigawatt.Cli.Commands;
using Gigawatt.Cli.Commands.Usage;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;

namespace Gigawatt.Cli;

/// <summary>The whole command line: reads it, runs the command, and gives the exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliHost host, CancellationToken cancellationToken)
    {
        // `gw help submit` is what people also try.
        if (args is ["help", ..]) { args = [.. args.Skip(1), "--help"]; }

        // Jobs may have arguments that start with '@'; they are not files of further arguments.
        ParseResult parse = Create(host).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (ParseComplaint.Of(parse) is { } complaint) { return host.Fail(complaint); }
        var invocation = new InvocationConfiguration
        {
            Output = host.Output,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parse.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>All commands, in the order in which help lists them.</summary>
    public static Verb Create(CliHost host)
    {
        Option<bool> version = Options.Flag("--version", "Print the version.");
        var root = new Verb("gw", "Gigawatt is a control plane for AI compute, from watt to token: it admits, places, runs and meters model calls and jobs.")
        {
            Options = { new HelpOption("--help", "-h") { Action = new HelpPage(host), Description = "Show help, for every command too." }, version },
            Subcommands =
            {
                UpCommand.Create(host),
                AgentCommand.Create(host),
                JoinTokenCommand.Create(host),
                TenantCommand.Create(host),
                ProjectCommand.Create(host),
                KeyCommand.Create(host),
                BudgetCommand.Create(host),
                AuditCommand.Create(host),
                ConfigCommand.Create(host),
                MigrateCommand.Create(host),
                VersionCommand.Create(host),
                SubmitCommand.Create(host),
                QueueCommand.Create(host),
                ShowCommand.Create(host),
                LogsCommand.Create(host),
                CancelCommand.Create(host),
                FleetCommand.Create(host),
                NodeCommand.Create(host),
                QueuesCommand.Create(host),
                WhatIfCommand.Create(host),
                UsageCommand.Create(host),
                SimulateCommand.Create(host),
            },
            Notes = ["In a clone of the repository, ./gw builds what changed before it runs, and ./gw test runs the tests."],
            Examples =
            [
                new("start the product on this machine", "gw up"),
                new("run a job, and see what it printed", "gw submit --name hello --follow -- echo hello"),
                new("what was used, and what it cost", "gw usage --by model"),
            ],
        };
        HelpPage.ShowWhereNothingIsAsked(root, host);
        root.SetAction(parse => parse.GetValue(version) ? VersionCommand.Print(host) : new HelpPage(host).Invoke(parse));
        return root;
    }
}
