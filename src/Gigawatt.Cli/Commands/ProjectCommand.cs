using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw project</c>: parts of tenants.</summary>
internal static class ProjectCommand
{
    public static Verb Create(CliHost host) => new("project", "Make, list and disable projects, parts of a tenant with budgets of their own.")
    {
        Group = "The server",
        Subcommands = { Make(host), List(host), Switch(host, enabled: false), Switch(host, enabled: true) },
        Notes = ["A project that stands in the server's config file is changed there."],
        Examples =
        [
            new("a project with a budget", "gw project create chatbot --tenant research --budget \"$50 per week\""),
            new("a key for it", "gw key create --tenant research --project chatbot"),
        ],
    };

    private static Verb Make(CliHost host)
    {
        Argument<string> name = NameArgument();
        Option<string?> tenant = TenantOption();
        Option<string[]> models = Options.Texts("--models", "MODEL", "A model it may use, or the start of names and *. May be repeated.");
        Option<string[]> budgets = Options.Texts("--budget", "BUDGET", "What it may use, such as \"$50 per week\". May be repeated.");
        Option<string[]> limits = Options.Texts("--limit", "LIMIT", "How fast it may use it, such as 600rpm. May be repeated.");
        var verb = new Verb("create", "Make a project of a tenant.") { Arguments = { name }, Options = { tenant, models, budgets, limits }, Notes = [AllowanceHelp.Note] };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            var project = new ProjectRequest(call.Parse.GetValue(tenant) ?? "default", call.Parse.GetRequiredValue(name))
            {
                Models = call.Parse.GetValue(models) ?? [],
                Budgets = call.Parse.GetValue(budgets) ?? [],
                Limits = call.Parse.GetValue(limits) ?? [],
            };
            return call.Print(await call.Client.CreateProjectAsync(project, cancellationToken), made =>
            {
                host.Output.WriteLine($"Project {Words.Safe(made.Name)} of tenant {Words.Safe(made.Tenant)} is made.");
                host.Hint($"Make a key for it with: gw key create --tenant {Words.Safe(made.Tenant)} --project {Words.Safe(made.Name)}");
            });
        });
        return verb;
    }

    private static Verb List(CliHost host)
    {
        Option<string?> tenant = Options.Word("--tenant", "NAME", "Only this tenant's.", Kinds.Name);
        var verb = new Verb("list", "List the projects.") { Options = { tenant } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.ListProjectsAsync(call.Parse.GetValue(tenant), cancellationToken), projects => Print(projects, host)));
        return verb;
    }

    private static Verb Switch(CliHost host, bool enabled)
    {
        Argument<string> name = NameArgument();
        Option<string?> tenant = TenantOption();
        Verb verb = enabled
            ? new("enable", "Accept a project's keys again.") { Arguments = { name }, Options = { tenant } }
            : new("disable", "Stop accepting a project's keys at once. Requests under way come to their end.") { Arguments = { name }, Options = { tenant } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) => call.Print(
            await call.Client.EnableProjectAsync(call.Parse.GetValue(tenant) ?? "default", call.Parse.GetRequiredValue(name), enabled, cancellationToken),
            project => host.Output.WriteLine($"Project {Words.Safe(project.Name)} of tenant {Words.Safe(project.Tenant)} is {StateOf(project.Enabled)}.")));
        return verb;
    }

    private static Argument<string> NameArgument() => new("NAME") { HelpName = "NAME", Description = "The project's name." };

    private static Option<string?> TenantOption() => Options.Word("--tenant", "NAME", "The tenant it is part of; \"default\" unless given.", Kinds.Name);

    private static void Print(IReadOnlyList<ProjectView> projects, CliHost host)
    {
        if (projects.Count == 0)
        {
            host.Output.WriteLine("No projects. Make one with: gw project create NAME");
            return;
        }

        var table = new TextTable(
            new("TENANT"), new("NAME"), new("STATE", Style: static state => state == "enabled" ? "green" : "red"), new("MANAGED BY"), new("MODELS"), new("BUDGETS"), new("LIMITS"));
        foreach (ProjectView project in projects)
        {
            table.Add(project.Tenant, project.Name, StateOf(project.Enabled), project.ManagedBy, project.Models.Count == 0 ? "all" : string.Join(", ", project.Models),
                string.Join(", ", project.Budgets), string.Join(", ", project.Limits));
        }

        table.WriteTo(host);
    }

    private static string StateOf(bool enabled) => enabled ? "enabled" : "disabled";
}
