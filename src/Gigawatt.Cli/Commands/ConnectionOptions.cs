using System.CommandLine;
using Gigawatt.Cli.Connection;
using Gigawatt.Cli.Terminal;

namespace Gigawatt.Cli.Commands;

/// <summary>The options of every command that talks to a server.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<string?> _server = Options.Text(
        "--server", "URL", "The server's address; else GIGAWATT_SERVER, else the server of the data folder, else http://127.0.0.1:8420.");

    private readonly Option<string?> _data = Options.Text(
        "--data", "DIR", "The data folder of a server on this machine; else GIGAWATT_DATA, else ./.gigawatt.");

    private readonly Option<bool> _json = Options.Flag("--json", "Print JSON, as the control API gives it.");

    /// <summary>Adds the options to a command and makes it run <paramref name="run"/> with a connection.</summary>
    public static void Connect(Command command, CliHost host, Func<ServerCall, CancellationToken, Task<int>> run, bool hasJson = true)
    {
        var options = new ConnectionOptions();
        if (hasJson) { command.Add(options._json); }
        command.Add(options._server);
        command.Add(options._data);
        command.SetAction(async (parse, cancellationToken) =>
        {
            Answer<ServerLocation> found = ServerLocation.Find(parse.GetValue(options._server), parse.GetValue(options._data), host);
            if (!found.TryGet(out ServerLocation? location, out CliFailure? failure)) { return host.Fail(failure); }
            using var client = new ControlClient(location, host.Time);
            return await run(new ServerCall(parse, host, client, hasJson && parse.GetValue(options._json)), cancellationToken);
        });
    }
}

/// <summary>What a command works with that talks to a server.</summary>
/// <param name="Parse">Its options and arguments.</param>
/// <param name="Host">Its streams.</param>
/// <param name="Client">Its connection.</param>
/// <param name="Json">Whether results are wanted as JSON.</param>
internal sealed record ServerCall(ParseResult Parse, CliHost Host, ControlClient Client, bool Json)
{
    /// <summary>Prints a result, as JSON or for people, or says why there is none.</summary>
    public int Print<T>(Answer<T> answer, Action<T> print) where T : class
    {
        if (!answer.TryGet(out T? value, out CliFailure? failure)) { return Host.Fail(failure); }
        if (Json) { Host.WriteJson(value); }
        else { print(value); }
        return ExitCodes.Ok;
    }
}
