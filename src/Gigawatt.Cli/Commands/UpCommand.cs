using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Placement;
using Gigawatt.Providers.Discovery;
using Gigawatt.Server;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw up</c>: the product on one machine.</summary>
internal static class UpCommand
{
    public static Verb Create(CliHost host)
    {
        Option<string?> address = Options.Text("--host", "ADDRESS", "The address to listen on; 127.0.0.1 unless given here or in the config file.");
        Option<int?> port = Options.Value("--port", "N", "The port to listen on; 8420 unless given here or in the config file. 0 takes a free one.", Kinds.Whole(0, 65_535, "8420"));
        Option<string?> data = Options.Text("--data", "DIR", "Where jobs, keys and usage are kept; else GIGAWATT_DATA, else ./.gigawatt.");
        Option<string?> fleet = Options.Text("--fleet", "FILE", "The fleet; this machine with simulated accelerators unless given (fleets/laptop.yaml).");
        Option<string?> config = Options.Text("--config", "FILE", "Providers, models, tenants and budgets; none is needed.");
        Option<string?> policy = PolicyOption.Create(PolicyOption.ForServers, $"{PlacementPolicies.Default}, or what the config file says,");
        Option<bool> discover = Options.Flag("--discover", "Also use the servers of models that run on this machine: vLLM, NIM, llama.cpp, Ollama, LM Studio, SGLang and others on their usual ports.");
        Option<string?> ready = Options.Text("--ready-file", "FILE", "Write {\"url\":...,\"api_key\":...} there once it serves; api_key is null unless this start made one.");
        var verb = new Verb("up", "Start the server on this machine: one endpoint for model calls and one queue for jobs. It runs until Ctrl-C, then drains and stops.")
        {
            Group = "The server",
            Options = { address, port, data, fleet, config, policy, discover, ready },
            Notes =
            [
                "The first start makes a tenant and an API key, which is shown once. Model calls go to Anthropic when ANTHROPIC_API_KEY is set (ANTHROPIC_BASE_URL for another address), to an OpenAI-compatible service when OPENAI_API_KEY or OPENAI_BASE_URL is set, and always to simulated models, whose names start with sim-.",
                "Nothing that was acknowledged is lost when it is stopped in any way, kill -9 included: start it again with the same data folder.",
            ],
            Examples =
            [
                new("the product on this machine", "gw up"),
                new("a second one beside it", "gw up --port 0 --data second"),
                new("with the models that Ollama or vLLM serves here", "gw up --discover"),
                new("a simulated rack", "gw up --fleet fleets/one-rack.yaml"),
            ],
        };
        verb.SetAction((parse, cancellationToken) => GigawattServer.RunAsync(
            new ServerOptions
            {
                Host = parse.GetValue(address),
                Port = parse.GetValue(port),
                DataFolder = parse.GetValue(data) ?? (host.Variable("GIGAWATT_DATA") is { Length: > 0 } folder ? folder : null),
                FleetPath = parse.GetValue(fleet),
                ConfigPath = parse.GetValue(config),
                Policy = parse.GetValue(policy),
                Discover = parse.GetValue(discover) ? LocalServers.UsualPorts : null,
                ReadyFile = parse.GetValue(ready),
                Output = host.Output,
                Error = host.Error,
            },
            cancellationToken));
        return verb;
    }
}
