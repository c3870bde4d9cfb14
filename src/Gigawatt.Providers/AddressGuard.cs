using System.Net;
using System.Net.Sockets;
using Gigawatt.Models;

namespace Gigawatt.Providers;

/// <summary>Connects to a provider, and not to an address it has no business at, such as the metadata service of a cloud.</summary>
/// <remarks>The address that is judged is the one that is connected to: a name that resolves to something else a moment later
/// changes nothing.</remarks>
internal sealed class AddressGuard(HttpProviderOptions options)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint asked = context.DnsEndPoint;
        IPAddress[] addresses = IPAddress.TryParse(asked.Host, out IPAddress? literal) ? [literal] : await options.Resolve(asked.Host, cancellationToken);
        bool loopbackNamed = literal is not null || asked.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        IPAddress[] allowed = Array.FindAll(addresses, address => MayConnect(address, loopbackNamed));
        if (allowed.Length == 0 && addresses.Length > 0) { throw new RefusedAddressException(asked.Host, addresses[0]); }
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, options.ConnectPort ?? asked.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool MayConnect(IPAddress address, bool loopbackNamed) => options.AllowPrivate || AddressReaches.Of(address) switch
    {
        AddressReach.Public => true,
        AddressReach.Loopback => loopbackNamed,
        _ => false,
    };
}

/// <summary>A provider is at an address that its configuration does not allow.</summary>
internal sealed class RefusedAddressException(string host, IPAddress address) : IOException(Describe(host, address))
{
    private static string Describe(string host, IPAddress address)
    {
        string what = AddressReaches.Of(address) switch
        {
            AddressReach.Loopback => "is of this machine",
            AddressReach.LinkLocal => "is link-local, where clouds keep credentials",
            _ => "is not of the internet",
        };
        string where = host == address.ToString() ? $"{address}, which {what}" : $"{host}, whose address {address} {what}";
        return $"it is at {where}; give it allow-private: true in the config file if that is meant.";
    }
}
