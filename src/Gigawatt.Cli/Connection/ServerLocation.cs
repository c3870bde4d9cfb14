using Gigawatt.Cli.Terminal;
using Gigawatt.Server.Hosting;

namespace Gigawatt.Cli.Connection;

/// <summary>Which server a command talks to, and as whom.</summary>
/// <param name="Url">Its address, with a path that ends in a slash.</param>
/// <param name="Credential">What goes into <c>Authorization: Bearer</c>; null when nothing is known.</param>
/// <param name="StartCommand">What starts this server where it is not running.</param>
internal sealed record ServerLocation(Uri Url, string? Credential, string StartCommand)
{
    /// <summary>The SHA-256 of the certificate that the server wrote into its own file, which is trusted whoever signed it; or null.</summary>
    public string? CertificateHash { get; init; }

    public const string DefaultUrl = "http://127.0.0.1:8420";
    public const string DefaultDataFolder = ".gigawatt";

    /// <summary>The address as people write it.</summary>
    public string Name => Url.AbsoluteUri.TrimEnd('/');

    /// <summary>Looks at the options, then the environment, then the data folder, then the default address.</summary>
    /// <param name="server">The value of <c>--server</c>, or null.</param>
    /// <param name="data">The value of <c>--data</c>, or null.</param>
    /// <param name="host">Gives environment and folder.</param>
    public static Answer<ServerLocation> Find(string? server, string? data, CliHost host)
    {
        string? namedFolder = data ?? Nonempty(host.Variable("GIGAWATT_DATA"));
        string? namedServer = server ?? Nonempty(host.Variable("GIGAWATT_SERVER"));
        string start = namedFolder is null ? "./gw up" : $"./gw up --data {Words.ShellLine([namedFolder])}";
        string folder = host.FullPath(namedFolder ?? DefaultDataFolder);
        ServerFile? file = null;
        if (ServerFileReader.Read(folder) is { } answer && !answer.TryGet(out file, out CliFailure? failure) && namedServer is null) { return failure; }
        if (namedServer is null && file is null && namedFolder is not null)
        {
            return new CliFailure(ExitCodes.NotReachable, $"No Gigawatt server keeps its data in {namedFolder}. Start one with: {start}");
        }

        string address = namedServer ?? file?.Url ?? DefaultUrl;
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            return CliFailure.BadUsage($"\"{address}\" is not a server's address. Write one such as {DefaultUrl}.");
        }

        // The operator token opens one server; no other server may see it.
        string? token = file is not null && Uri.TryCreate(file.Url.TrimEnd('/') + "/", UriKind.Absolute, out Uri? own) && own == url ? file.OperatorToken : null;
        // Whoever may read the token is the operator here, also with a key for model calls in the environment.
        return new ServerLocation(url, token ?? Nonempty(host.Variable("GIGAWATT_API_KEY")), start) { CertificateHash = token is null ? null : file!.CertificateHash };
    }

    private static string? Nonempty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
