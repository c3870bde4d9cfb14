using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw join-token</c>: lets a machine join the fleet.</summary>
internal static class JoinTokenCommand
{
    public static Verb Create(CliHost host)
    {
        var verb = new Verb("join-token", "Make a token with which a machine joins the fleet, through `gw agent`.")
        {
            Group = "The server",
            Examples = [new("join from another machine", "gw agent --server http://HEAD:8420 --token $(ssh HEAD gw join-token)")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.CreateJoinTokenAsync(cancellationToken), token =>
            {
                host.Output.WriteLine(token.Token);
                host.Hint($"Valid until {Words.Moment(token.Expires)}. Use it with: gw agent --server URL --token {token.Token}");
            }));
        return verb;
    }
}
