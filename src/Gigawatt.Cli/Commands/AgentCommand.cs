using System.CommandLine;
using Gigawatt.Agents.Remote;
using Gigawatt.Cli.Connection;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw agent</c>: this machine as a further node of a server's fleet.</summary>
internal sealed class AgentCommand
{
    private static readonly Kind<string> SimulatedType = new("sim-h100", static (string text, out string value) =>
    {
        value = text;
        return text.StartsWith("sim-", StringComparison.Ordinal) ? Kinds.Name.Read(text, out value)
            : $"{Numbers.Quote(text)} is simulated, so its name must say so; write sim-{text}";
    });

    private readonly Option<string?> _server = Options.Text("--server", "URL", "The server to join; else GIGAWATT_SERVER, else the server of ./.gigawatt, else http://127.0.0.1:8420.");
    private readonly Option<string?> _token = Options.Text("--token", "TOKEN", "A join token, from `gw join-token`; else GIGAWATT_JOIN_TOKEN.");
    private readonly Option<string?> _name = Options.Word("--name", "NAME", "The node's name, unique in the fleet; this machine's host name unless given.", Kinds.Name);
    private readonly Option<string?> _data = Options.Text("--data", "DIR", "Where the agent keeps its tasks and their output; ./.gigawatt/agents/NAME unless given.");
    private readonly Option<string?> _address = Options.Text("--address", "HOST", "Where tasks on other nodes reach this one; the address used towards the server unless given.");
    private readonly Option<int?> _cpus = Options.Value("--cpus", "N", "CPU cores to offer; all of them unless given.", Kinds.Cores);
    private readonly Option<int?> _memory = Options.Value("--memory", "SIZE", "Memory to offer, such as 64GiB; all of it unless given.", Kinds.MemoryMib);
    private readonly Option<int?> _accelerators = Options.Value("--accelerators", "N", "Offer so many simulated accelerators instead of those that the machine has.", Kinds.Whole(0, 64, "8"));
    private readonly Option<string?> _type = Options.Word("--accelerator", "TYPE", "The type of the simulated accelerators, such as sim-h100.", SimulatedType);

    public static Verb Create(CliHost host)
    {
        var command = new AgentCommand();
        var verb = new Verb("agent", "Join a server's fleet with this machine, and run the tasks that it is given. It runs until Ctrl-C.")
        {
            Group = "The server",
            RequiredOptions = "--token TOKEN",
            Options =
            {
                command._server, command._token, command._name, command._data, command._address,
                command._cpus, command._memory, command._accelerators, command._type,
            },
            Notes =
            [
                "Running tasks outlive the agent: start it again with the same folder and it takes them up. When it cannot reach the server for the length of its lease it stops them, so that no task runs twice.",
            ],
            Examples =
            [
                new("join from another machine", "gw agent --server http://HEAD:8420 --token TOKEN"),
                new("a second node on this machine, with eight simulated accelerators", "gw agent --token $(gw join-token) --name second --accelerators 8 --accelerator sim-h100"),
            ],
        };
        verb.SetAction((parse, cancellationToken) => command.Read(parse, host).TryGet(out RemoteAgentOptions? options, out CliFailure? failure)
            ? RunAsync(options, host, cancellationToken)
            : Task.FromResult(host.Fail(failure)));
        return verb;
    }

    private Answer<RemoteAgentOptions> Read(ParseResult parse, CliHost host)
    {
        if (!ServerLocation.Find(parse.GetValue(_server), data: null, host).TryGet(out ServerLocation? location, out CliFailure? failure)) { return failure; }
        if ((parse.GetValue(_token) ?? host.Variable("GIGAWATT_JOIN_TOKEN")) is not { Length: > 0 } joinToken)
        {
            return CliFailure.BadUsage("An agent needs a join token. Make one where the server runs with: gw join-token");
        }

        if ((parse.GetValue(_type) is null) != (parse.GetValue(_accelerators) is null or 0))
        {
            return CliFailure.BadUsage("--accelerators and --accelerator go together: how many simulated ones, and of which type.");
        }

        string folder = parse.GetValue(_data) ?? Path.Combine(ServerLocation.DefaultDataFolder, "agents", parse.GetValue(_name) ?? Environment.MachineName);
        return new RemoteAgentOptions
        {
            Server = location.Url,
            JoinToken = joinToken,
            Name = parse.GetValue(_name),
            DataFolder = host.FullPath(folder),
            Address = parse.GetValue(_address),
            CpuMilli = parse.GetValue(_cpus),
            MemoryMib = parse.GetValue(_memory),
            SimulatedAccelerators = parse.GetValue(_accelerators) ?? 0,
            SimulatedAcceleratorType = parse.GetValue(_type),
            Output = host.Output,
        };
    }

    private static async Task<int> RunAsync(RemoteAgentOptions options, CliHost host, CancellationToken cancellationToken)
    {
        try
        {
            return await RemoteAgent.RunAsync(options, host.Time, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return host.Fail(CliFailure.Failed(e.Message));
        }
    }
}
