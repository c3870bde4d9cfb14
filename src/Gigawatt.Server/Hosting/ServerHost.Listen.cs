using System.Net;
using System.Net.Sockets;
using Gigawatt.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Hosting;

/// <content>Where the server listens, and what is served where.</content>
internal sealed partial class ServerHost
{
    private ServerTls? _tls;
    private ServerTls? _adminTls;

    private string ControlUrl { get; set; } = "";

    private void Listen(KestrelServerOptions kestrel)
    {
        _tls = _settings.Config.Tls is { } tls ? new(tls) : null;
        kestrel.Listen(AddressOf(_settings.Host, "--host takes"), _settings.Port, listen => Secure(listen, _tls));
        if (_settings.Config.Admin is not { } admin) { return; }
        _adminTls = admin.Tls is { } adminTls ? new(adminTls) : null;
        kestrel.Listen(AddressOf(admin.Host, "admin: listen takes"), admin.Port, listen =>
        {
            // By the connection, which nobody can claim, and not by the name that a request asks for.
            listen.Use(next => connection =>
            {
                connection.Features.Set(new AdminConnection());
                return next(connection);
            });
            Secure(listen, _adminTls);
        });
    }

    private static void Secure(ListenOptions listen, ServerTls? tls)
    {
        if (tls is not null) { listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls.NextConnection()) }); }
    }

    /// <summary>With an address of its own, the control API is served there and nowhere else, and nothing else is served there.</summary>
    private void SeparateControl()
    {
        if (_settings.Config.Admin is null) { return; }
        App.Use(static (http, next) =>
        {
            bool isControl = Array.Exists(ControlPaths, path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase));
            bool atAdmin = http.Features.Get<AdminConnection>() is not null;
            if (isControl == atAdmin || http.Request.Path == "/healthz") { return next(http); }
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private static readonly PathString[] ControlPaths = ["/gigawatt", "/openapi/v1.json", "/metrics"];

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try { await App.StartAsync(cancellationToken); }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new AddressException(
                _settings.Config.Admin is { Port: > 0 } admin && e.Message.Contains($":{admin.Port}:", StringComparison.Ordinal) && admin.Port != _settings.Port
                    ? $"Port {admin.Port} of {admin.Host} is in use. Stop what uses it, or write another under admin: listen (0 takes a free one)."
                    : $"Port {_settings.Port} of {_settings.Host} is in use. Stop what uses it, or choose another with --port (0 takes a free one).", e);
        }
        catch (SocketException e)
        {
            throw new AddressException($"Cannot listen on {_settings.Host}:{_settings.Port}: {e.Message}.", e);
        }

        string[] addresses = [.. App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(Reachable)];
        (Url, ControlUrl) = (addresses[0], addresses[^1]);
        WriteServerFile();
        foreach (ServerTls tls in ((ServerTls?[])[_tls, _adminTls]).OfType<ServerTls>())
        {
            Background(tls.WatchAsync(WriteServerFile, _time, App.Services.GetRequiredService<ILogger<ServerTls>>(), _stopping.Token));
        }
    }

    private void WriteServerFile() =>
        new ServerFile(ControlUrl, Access.OperatorToken, Environment.ProcessId, (_settings.Config.Admin is null ? _tls : _adminTls)?.CertificateHash).Write(Folder.ServerFile);

    private static string Reachable(string address) =>
        address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);

    private static IPAddress AddressOf(string host, string who)
    {
        if (host == "localhost") { return IPAddress.Loopback; }
        return IPAddress.TryParse(host, out IPAddress? address) ? address : throw new SettingsException([$"{who} an IP address or localhost; it is '{host}'."]);
    }

    // Marks the connections that came to the control API's own address.
    private sealed class AdminConnection;
}
