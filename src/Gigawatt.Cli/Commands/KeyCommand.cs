using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw key</c>: API keys.</summary>
internal static class KeyCommand
{
    public static Verb Create(CliHost host) => new("key", "Make, list and revoke API keys, with which clients call the server.")
    {
        Group = "The server",
        Subcommands = { Make(host), List(host), Revoke(host) },
        Examples =
        [
            new("a key for a team", "gw key create --tenant research --name notebook"),
            new("which keys there are", "gw key list"),
        ],
    };

    private static Verb Make(CliHost host)
    {
        Option<string?> tenant = Options.Word("--tenant", "NAME", "The tenant that pays for its use; \"default\" unless given.", Kinds.Name);
        Option<string?> name = Options.Text("--name", "NAME", "A name by which people know the key; \"key\" unless given.");
        var verb = new Verb("create", "Make an API key. It is shown once and stored only as a hash.")
        {
            Options = { tenant, name },
            Examples = [new("put a new key into a variable", "export GIGAWATT_API_KEY=$(gw key create --tenant research --name notebook)")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            var key = new KeyRequest(call.Parse.GetValue(tenant) ?? "default", call.Parse.GetValue(name) ?? "key");
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

    private static Verb Revoke(CliHost host)
    {
        var id = new Argument<string>("ID") { HelpName = "ID", Description = "The key's public id, as `gw key list` shows it." };
        var verb = new Verb("revoke", "Revoke an API key. Requests with it are refused from then on; this cannot be undone.") { Arguments = { id } };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) => call.Print(
            await call.Client.RevokeKeyAsync(call.Parse.GetRequiredValue(id), cancellationToken),
            key => host.Output.WriteLine($"Key {Words.Safe(key.Id)} is revoked.")));
        return verb;
    }

    private static void Print(IReadOnlyList<KeyView> keys, CliHost host)
    {
        if (keys.Count == 0)
        {
            host.Output.WriteLine("No keys yet. Make one with: gw key create");
            return;
        }

        var table = new TextTable(new("ID"), new("TENANT"), new("NAME"), new("STATE", Style: state => state == "revoked" ? "red" : "green"));
        foreach (KeyView key in keys)
        {
            table.Add(key.Id, key.Tenant, key.Name, key.Enabled ? "valid" : "revoked");
        }

        table.WriteTo(host);
    }
}
