using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw tenant</c>: who pays.</summary>
internal static class TenantCommand
{
    public static Verb Create(CliHost host) => new("tenant", "Make, list and disable tenants, which pay for what their keys use.")
    {
        Group = "The server",
        Subcommands = { Make(host), List(host), Show(host), Switch(host, enabled: false), Switch(host, enabled: true) },
        Notes = ["A tenant that stands in the server's config file is changed there."],
        Examples = [new("a tenant with a budget", "gw tenant create research --budget \"$1000 per month\""), new("which tenants there are", "gw tenant list")],
    };

    private static Verb Make(CliHost host)
    {
        Argument<string> name = NameArgument();
        Option<string[]> models = Options.Texts("--models", "MODEL", "A model it may use, or the start of names and *. May be repeated.");
        Option<string[]> budgets = Options.Texts("--budget", "BUDGET", "What it may use, such as \"$1000 per month\". May be repeated.");
        Option<string[]> limits = Options.Texts("--limit", "LIMIT", "How fast it may use it, such as 600rpm. May be repeated.");
        var verb = new Verb("create", "Make a tenant.")
        {
            Arguments = { name },
            Options = { models, budgets, limits },
            Notes = [AllowanceHelp.Note],
            Examples = [new("bounded in dollars and in energy", "gw tenant create research --budget \"$1000 per month\" --budget \"50kWh per month\"")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            var tenant = new TenantRequest(call.Parse.GetRequiredValue(name))
            {
                Models = call.Parse.GetValue(models) ?? [],
                Budgets = call.Parse.GetValue(budgets) ?? [],
                Limits = call.Parse.GetValue(limits) ?? [],
            };
            return call.Print(await call.Client.CreateTenantAsync(tenant, cancellationToken), made =>
            {
                host.Output.WriteLine($"Tenant {Words.Safe(made.Name)} is made.");
                host.Hint($"Make a key for it with: gw key create --tenant {Words.Safe(made.Name)}");
            });
        });
        return verb;
    }

    private static Verb List(CliHost host)
    {
        var verb = new Verb("list", "List the tenants.");
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.ListTenantsAsync(cancellationToken), tenants => Print(tenants, host)));
        return verb;
    }

    private static Verb Show(CliHost host)
    {
        Argument<string> name = NameArgument();
        var verb = new Verb("show", "Show one tenant.") { Arguments = { name } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) => call.Print(
            await call.Client.GetTenantAsync(call.Parse.GetRequiredValue(name), cancellationToken),
            tenant =>
            {
                var sheet = new FactSheet();
                sheet.Add("name", tenant.Name);
                sheet.Add("state", StateOf(tenant.Enabled), tenant.Enabled ? "green" : "red");
                sheet.Add("managed by", tenant.ManagedBy);
                sheet.Add("models", tenant.Models.Count == 0 ? "all" : string.Join(", ", tenant.Models));
                sheet.Add("budgets", string.Join(", ", tenant.Budgets));
                sheet.Add("limits", string.Join(", ", tenant.Limits));
                sheet.WriteTo(host);
            }));
        return verb;
    }

    private static Verb Switch(CliHost host, bool enabled)
    {
        Argument<string> name = NameArgument();
        Verb verb = enabled
            ? new("enable", "Accept a tenant's keys again.") { Arguments = { name } }
            : new("disable", "Stop accepting a tenant's keys at once. Requests under way come to their end.") { Arguments = { name } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) => call.Print(
            await call.Client.EnableTenantAsync(call.Parse.GetRequiredValue(name), enabled, cancellationToken),
            tenant => host.Output.WriteLine($"Tenant {Words.Safe(tenant.Name)} is {StateOf(tenant.Enabled)}.")));
        return verb;
    }

    private static Argument<string> NameArgument() => new("NAME") { HelpName = "NAME", Description = "The tenant's name." };

    private static void Print(IReadOnlyList<TenantView> tenants, CliHost host)
    {
        var table = new TextTable(
            new("NAME"), new("STATE", Style: static state => state == "enabled" ? "green" : "red"), new("MANAGED BY"), new("MODELS"), new("BUDGETS"), new("LIMITS"));
        foreach (TenantView tenant in tenants)
        {
            table.Add(tenant.Name, StateOf(tenant.Enabled), tenant.ManagedBy, tenant.Models.Count == 0 ? "all" : string.Join(", ", tenant.Models),
                string.Join(", ", tenant.Budgets), string.Join(", ", tenant.Limits));
        }

        table.WriteTo(host);
    }

    private static string StateOf(bool enabled) => enabled ? "enabled" : "disabled";
}
