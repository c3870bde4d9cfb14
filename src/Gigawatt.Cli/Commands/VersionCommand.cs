using System.Runtime.InteropServices;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Server.Hosting;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw version</c>.</summary>
internal static class VersionCommand
{
    public static Verb Create(CliHost host)
    {
        var verb = new Verb("version", "Print the version of gw, of .NET and of the system.") { Group = "The server" };
        verb.SetAction(_ => Print(host));
        return verb;
    }

    public static int Print(CliHost host)
    {
        host.Output.WriteLine($"gw {Product.Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})");
        return ExitCodes.Ok;
    }
}
