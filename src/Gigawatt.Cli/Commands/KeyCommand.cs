using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw key</c>: API keys.</summary>
internal static class KeyCommand
{
    private static readonly Kind<string> Tier = Kinds.OneOf([.. Priorities.Names.Select(static name => (name, name))]);

    public static Verb Create(CliHost host) => new("key", "Make, list, rotate and revoke API keys, with which clients call the server.")
    {
        Group = "The server",
        Subcommands = { Make(host), List(host), Rotate(host), Revoke(host) },
        Examples =
        [
            new("a key for a team", "gw key create --tenant research --name notebook"),
            new("a key for a month, one model and $20 a day", "gw key create --name trial --expires 30d --models claude-haiku-* --budget \"$20 per day\" --limit 60rpm"),
            new("which keys there are", "gw key list"),
        ],
    };

    private static Verb Make(CliHost host)
    {
        Option<string?> tenant = Options.Word("--tenant", "NAME", "The tenant that pays for its use; \"default\" unless given.", Kinds.Name);
        Option<string?> project = Options.Word("--project", "NAME", "The tenant's project that it belongs to.", Kinds.Name);
        Option<string?> name = Options.Text("--name", "NAME", "A name by which people know the key; \"key\" unless given.");
        Option<Duration?> expires = Options.Value("--expires", "TIME", "How long it is accepted, such as 30d; for ever unless given.", Kinds.Time);
        Option<string[]> models = Options.Texts("--models", "MODEL", "A model it may use, or the start of names and *. May be repeated.");
        Option<string[]> routes = Options.Texts("--route", "PATH", "A path it may call, such as /v1/messages*. May be repeated.");
        Option<string[]> addresses = Options.Texts("--ip", "RANGE", "Addresses it may be used from, such as 10.0.0.0/8. May be repeated.");
        Option<string?> priority = Options.Word("--priority", "CLASS", "production, standard, early-access or spot: who goes first when not all can run at once.", Tier);
        Option<string[]> budgets = Options.Texts("--budget", "BUDGET", "What it may use, such as \"$20 per day\". May be repeated.");
        Option<string[]> limits = Options.Texts("--limit", "LIMIT", "How fast it may use it, such as 60rpm. May be repeated.");
        var verb = new Verb("create", "Make an API key. It is shown once and stored only as a hash.")
        {
            Options = { tenant, project, name, expires, models, routes, addresses, priority, budgets, limits },
            Notes = [AllowanceHelp.Note],
            Examples =
            [
                new("put a new key into a variable", "export GIGAWATT_API_KEY=$(gw key create --tenant research --name notebook)"),
                new("a key for one office, with a limit for each model", "gw key create --ip 192.0.2.0/24 --limit \"60rpm for claude-opus-*\" --limit \"16 concurrent\""),
            ],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            var key = new KeyRequest(call.Parse.GetValue(tenant) ?? "default", call.Parse.GetValue(name) ?? "key")
            {
                Project = call.Parse.GetValue(project),
                Expires = call.Parse.GetValue(expires) is { } life ? host.Time.GetUtcNow() + life.ToTimeSpan() : null,
                Models = call.Parse.GetValue(models) ?? [],
                Routes = call.Parse.GetValue(routes) ?? [],
                Addresses = call.Parse.GetValue(addresses) ?? [],
                Priority = call.Parse.GetValue(priority) ?? "standard",
                Budgets = call.Parse.GetValue(budgets) ?? [],
                Limits = call.Parse.GetValue(limits) ?? [],
            };
            return call.Print(await call.Client.CreateKeyAsync(key, cancellationToken), made =>
            {
                host.Output.WriteLine(made.ApiKey);
                host.Hint($"Key {made.Id} of tenant {Words.Safe(made.Tenant)}. It is not shown again; revoke it with: gw key revoke {made.Id}");
            });
        });
        return verb;
    }

    private static Verb List(CliHost host)
    {
        var verb = new Verb("list", "List the API keys, without the keys themselves.");
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.ListKeysAsync(cancellationToken), keys => Print(keys, host)));
        return verb;
    }

    private static Verb Rotate(CliHost host)
    {
        Argument<string> id = IdArgument();
        Option<Duration?> grace = Options.Value("--grace", "TIME", "How long the old secret is accepted beside the new one; 24h unless given, 0s to end it at once.", Kinds.TimeFromZero);
        var verb = new Verb("rotate", "Give an API key another secret. The old one is accepted for a while longer, so that clients can change over.")
        {
            Arguments = { id },
            Options = { grace },
            Examples = [new("change over within an hour", "gw key rotate key_8Fq2XkP0aB1c --grace 1h")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            Duration kept = call.Parse.GetValue(grace) ?? Duration.FromSeconds(86_400);
            Answer<KeyView> answer = await call.Client.RotateKeyAsync(call.Parse.GetRequiredValue(id), new KeyRotation(kept.Nanoseconds / 1_000_000_000), cancellationToken);
            return call.Print(answer, made =>
            {
                host.Output.WriteLine(made.ApiKey);
                host.Hint($"Key {made.Id} has this secret now. It is not shown again; what it had before is accepted for {kept} more.");
            });
        });
        return verb;
    }

    private static Verb Revoke(CliHost host)
    {
        Argument<string> id = IdArgument();
        var verb = new Verb("revoke", "Revoke an API key. Requests with it are refused from then on; this cannot be undone.") { Arguments = { id } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) => call.Print(
            await call.Client.RevokeKeyAsync(call.Parse.GetRequiredValue(id), cancellationToken),
            key => host.Output.WriteLine($"Key {Words.Safe(key.Id)} is revoked.")));
        return verb;
    }

    private static Argument<string> IdArgument() => new("ID") { HelpName = "ID", Description = "The key's public id, as `gw key list` shows it." };

    private static void Print(IReadOnlyList<KeyView> keys, CliHost host)
    {
        if (keys.Count == 0)
        {
            host.Output.WriteLine("No keys yet. Make one with: gw key create");
            return;
        }

        var table = new TextTable(
            new("ID"), new("TENANT"), new("PROJECT"), new("NAME"), new("STATE", Style: static state => state == "valid" ? "green" : "red"), new("CLASS"), new("EXPIRES"), new("BUDGETS"));
        foreach (KeyView key in keys)
        {
            string state = !key.Enabled ? "revoked" : key.Expires <= host.Time.GetUtcNow() ? "expired" : "valid";
            table.Add(key.Id, key.Tenant, key.Project ?? "", key.Name, state, key.Priority, key.Expires is { } end ? Words.Moment(end) : "never", string.Join(", ", key.Budgets));
        }

        table.WriteTo(host);
    }
}
