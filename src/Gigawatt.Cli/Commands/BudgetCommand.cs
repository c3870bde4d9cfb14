using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw budget</c>: what may be used and what is left of it.</summary>
internal static class BudgetCommand
{
    public static Verb Create(CliHost host) => new("budget", "Show and set budgets and rate limits of keys, projects and tenants.")
    {
        Group = "The server",
        Subcommands = { List(host), Set(host) },
        Examples =
        [
            new("what is left of every budget", "gw budget list"),
            new("another budget for a tenant", "gw budget set --tenant research --budget \"$2000 per month\""),
        ],
    };

    private static Verb List(CliHost host)
    {
        Option<string?> tenant = Options.Word("--tenant", "NAME", "Only this tenant's, with those of its projects and keys.", Kinds.Name);
        var verb = new Verb("list", "Show every budget with what is spent and reserved of it.") { Options = { tenant } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.ListBudgetsAsync(call.Parse.GetValue(tenant), cancellationToken), budgets => Print(budgets, host)));
        return verb;
    }

    private static Verb Set(CliHost host)
    {
        Option<string?> tenant = Options.Word("--tenant", "NAME", "The tenant whose budgets they are.", Kinds.Name);
        Option<string?> project = Options.Word("--project", "NAME", "The tenant's project whose budgets they are.", Kinds.Name);
        Option<string?> key = Options.Text("--key", "ID", "The key whose budgets they are, by its public id.");
        Option<string[]> budgets = Options.Texts("--budget", "BUDGET", "What may be used, such as \"$20 per day\". May be repeated.");
        Option<string[]> limits = Options.Texts("--limit", "LIMIT", "How fast it may be used, such as 60rpm. May be repeated.");
        Option<bool> noBudgets = Options.Flag("--no-budgets", "Take all budgets away.");
        Option<bool> noLimits = Options.Flag("--no-limits", "Take all limits away.");
        var verb = new Verb("set", "Put budgets in the place of those that a key, project or tenant has, and limits in the place of its limits.")
        {
            Options = { tenant, project, key, budgets, limits, noBudgets, noLimits },
            Notes = [AllowanceHelp.Note, "What is spent and reserved in the running period stays counted. What is not named stays: --budget leaves the limits, --limit the budgets."],
            Examples = [new("a key that may use $5 a day, and no more than $1 of it for the dearest model", "gw budget set --key key_8Fq2XkP0aB1c --budget \"$5 per day\" --budget \"$1 per day for claude-opus-*\"")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            string[] given = call.Parse.GetValue(budgets) ?? [], rates = call.Parse.GetValue(limits) ?? [];
            var change = new BudgetChange
            {
                Tenant = call.Parse.GetValue(tenant),
                Project = call.Parse.GetValue(project),
                Key = call.Parse.GetValue(key),
                Budgets = given.Length > 0 || call.Parse.GetValue(noBudgets) ? given : null,
                Limits = rates.Length > 0 || call.Parse.GetValue(noLimits) ? rates : null,
            };
            return call.Print(await call.Client.SetBudgetsAsync(change, cancellationToken), now => Print(now, host));
        });
        return verb;
    }

    private static void Print(IReadOnlyList<BudgetView> budgets, CliHost host)
    {
        if (budgets.Count == 0)
        {
            host.Output.WriteLine("No budgets.");
            return;
        }

        var table = new TextTable(new("SCOPE"), new("TENANT"), new("OF"), new("BUDGET"), new("USED", true), new("LEFT", true), new("STARTS AFRESH"));
        foreach (BudgetView budget in budgets)
        {
            table.Add(budget.Scope, budget.Tenant, budget.Of, budget.Budget, Amount(budget.Unit, budget.Committed), Amount(budget.Unit, budget.Remaining),
                budget.PeriodEnds is { } end ? Words.Moment(end) : "never");
        }

        table.WriteTo(host);
    }

    private static string Amount(string unit, decimal amount) => unit switch
    {
        "usd" => Words.Dollars(amount),
        "joules" => Words.Energy(amount),
        "gCO2e" => Words.Mass(amount),
        _ => Words.Count((long)amount),
    };
}
