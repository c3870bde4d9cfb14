using System.Net;
using System.Net.Sockets;

namespace Gigawatt.Tests.Support;

/// <summary>An upstream that answers one call with pieces as fast as they are taken, and knows how many bytes were.</summary>
internal sealed class CountingUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;
    private long _sent;

    public CountingUpstream(byte[][] pieces)
    {
        _listener.Start();
        _serving = ServeAsync(pieces);
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Waits until nothing was taken for a while.</summary>
    public async Task StalledAsync(CancellationToken cancellationToken)
    {
        long seen = -1;
        for (int quiet = 0; quiet < 10; quiet = seen == Sent && seen > 0 ? quiet + 1 : 0)
        {
            seen = Sent;
            await Task.Delay(50, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _stopping.Dispose();
    }

    private async Task ServeAsync(byte[][] pieces)
    {
        try
        {
            using Socket socket = await _listener.AcceptSocketAsync(_stopping.Token);
            await socket.ReceiveAsync(new byte[64 * 1024], _stopping.Token);
            foreach (byte[] piece in pieces)
            {
                for (int at = 0; at < piece.Length;)
                {
                    int sent = await socket.SendAsync(piece.AsMemory(at), SocketFlags.None, _stopping.Token);
                    at += sent;
                    Interlocked.Add(ref _sent, sent);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client or the test hung up.
        }
    }
}
