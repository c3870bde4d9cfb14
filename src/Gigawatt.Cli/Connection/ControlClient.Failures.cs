using System.Net;
using System.Net.Sockets;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Connection;

internal sealed partial class ControlClient
{
    private CliFailure Unreachable(HttpRequestException exception)
    {
        bool refused = exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
        bool neverSent = exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;
        string message = refused && _server.Url.IsLoopback ? $"No Gigawatt server at {_server.Name}. Start one with: {_server.StartCommand}"
            : neverSent ? $"Cannot reach a Gigawatt server at {_server.Name}: {Innermost(exception)} Check the address and that the server runs."
            : $"Lost the connection to the Gigawatt server at {_server.Name}. Check that it still runs, then try again.";
        return new CliFailure(ExitCodes.NotReachable, message) { NeverSent = neverSent };
    }

    private static string Innermost(Exception exception)
    {
        string message = exception.GetBaseException().Message;
        return message.EndsWith('.') ? message : $"{message}.";
    }

    private async Task<CliFailure> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ControlError? error = await ReadJsonAsync<ControlError>(response, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when _server.Credential is null => CliFailure.Failed(
                $"The server at {_server.Name} asks who you are. Run this in the folder where it was started, give --data with its data folder, or set GIGAWATT_API_KEY."),
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => new CliFailure(
                ExitCodes.NotReachable, error?.Error.Message ?? $"The Gigawatt server at {_server.Name} takes no requests now (status {(int)response.StatusCode}). Try again soon."),
            _ when error is not null => CliFailure.Failed(error.Error.Message),
            _ => NotGigawatt(response),
        };
    }

    private CliFailure NotGigawatt(HttpResponseMessage response) => CliFailure.Failed(
        $"What answers at {_server.Name} does not speak Gigawatt's control API (status {(int)response.StatusCode}). Check the address, and that server and gw are of the same version.");
}
