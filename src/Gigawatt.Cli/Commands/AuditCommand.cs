using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw audit</c>: who changed what.</summary>
internal static class AuditCommand
{
    public static Verb Create(CliHost host)
    {
        Option<int?> limit = Options.Value("--limit", "COUNT", "How many of the newest changes; 100 unless given.", Kinds.Whole(1, 10_000, "100"));
        var verb = new Verb("audit", "Show who changed tenants, projects, keys and budgets, newest first.")
        {
            Group = "The server",
            Options = { limit },
            Notes = ["A change and its line are written together or not at all. --json shows how each was before and after."],
            Examples = [new("the last ten changes, in full", "gw audit --limit 10 --json")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.GetAuditAsync(call.Parse.GetValue(limit), cancellationToken), entries => Print(entries, host)));
        return verb;
    }

    private static void Print(IReadOnlyList<AuditView> entries, CliHost host)
    {
        if (entries.Count == 0)
        {
            host.Output.WriteLine("No changes yet.");
            return;
        }

        var table = new TextTable(new("NUMBER", true), new("AT"), new("BY"), new("ACTION"), new("SUBJECT"));
        foreach (AuditView entry in entries) { table.Add(Words.Count(entry.Number), Words.Moment(entry.At), entry.Actor, entry.Action, entry.Subject); }
        table.WriteTo(host);
    }
}
