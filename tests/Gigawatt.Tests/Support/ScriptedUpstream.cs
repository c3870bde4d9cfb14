using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gigawatt.Tests.Support;

/// <summary>A provider made of a socket and a script: it keeps the exact bytes of each request and sends exactly the bytes it was told to.</summary>
/// <remarks>It is a raw socket so that nothing between the test and the wire can tidy anything up. Scripts are played in the
/// order in which they were added, one for each request; the last one is played again for all further requests.</remarks>
public sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<Task> _connections = new();
    private readonly List<UpstreamScript> _scripts = [];
    private readonly List<UpstreamRequest> _requests = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Task _accepting;
    private int _played;
    private int _taken;

    private ScriptedUpstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, without a path.</summary>
    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    /// <summary>The requests so far, complete with their bodies.</summary>
    public IReadOnlyList<UpstreamRequest> Requests
    {
        get { lock (_requests) { return [.. _requests]; } }
    }

    /// <summary>Starts listening on a free port of the loopback address.</summary>
    public static ScriptedUpstream Start(params UpstreamScript[] scripts)
    {
        ScriptedUpstream upstream = new();
        upstream._scripts.AddRange(scripts);
        return upstream;
    }

    /// <summary>An address at which connections are refused for as long as the returned socket is not disposed of.</summary>
    public static (Uri Url, IDisposable Port) Refusing()
    {
        // Bound but not listening: the port is taken, so nobody else can begin to answer on it.
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (new($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}"), socket);
    }

    /// <summary>Adds a script for the next request that has none yet.</summary>
    public void Add(UpstreamScript script)
    {
        lock (_scripts) { _scripts.Add(script); }
    }

    /// <summary>The next request that no earlier call returned, once it has arrived.</summary>
    public async Task<UpstreamRequest> NextRequestAsync(CancellationToken cancellationToken)
    {
        await _arrived.WaitAsync(cancellationToken);
        lock (_requests) { return _requests[_taken++]; }
    }

    /// <summary>Stops listening and closes every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stopping.Token);
                _connections.Enqueue(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was disposed of.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        UpstreamRequest? open = null;
        try
        {
            socket.NoDelay = true;
            byte[] received = [];
            while (true)
            {
                open = null;
                (UpstreamRequest? request, received) = await ReadRequestAsync(socket, received);
                if (request is null) { return; }
                request.Connection = socket.RemoteEndPoint!.ToString()!;
                open = request;
                UpstreamScript script = Record(request);
                byte[] buffer = new byte[64 * 1024];
                Task<int> more = socket.ReceiveAsync(buffer, _stopping.Token).AsTask();
                if (!await script.PlayAsync(socket, more, _stopping.Token)) { return; }
                int read = await more;
                if (read == 0) { return; }
                received = buffer[..read];
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client or the test hung up.
        }
        finally
        {
            open?.MarkClosed();
            socket.Dispose();
        }
    }

    private UpstreamScript Record(UpstreamRequest request)
    {
        UpstreamScript script;
        lock (_scripts)
        {
            if (_scripts.Count == 0) { throw new InvalidOperationException("The upstream was called and has no script."); }
            script = _scripts[Math.Min(_played++, _scripts.Count - 1)];
        }

        lock (_requests) { _requests.Add(request); }
        _arrived.Release();
        return script;
    }

    private async Task<(UpstreamRequest? Request, byte[] Surplus)> ReadRequestAsync(Socket socket, byte[] received)
    {
        int headEnd;
        while ((headEnd = received.AsSpan().IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (await ReceiveAsync() == 0) { return (null, received); }
        }

        UpstreamRequest request = new(received[..(headEnd + 4)]);
        int length = int.Parse(request.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);
        int end = headEnd + 4 + length;
        while (received.Length < end)
        {
            if (await ReceiveAsync() == 0) { return (null, received); }
        }

        request.Body = received[(headEnd + 4)..end];
        return (request, received[end..]);

        async Task<int> ReceiveAsync()
        {
            byte[] buffer = new byte[64 * 1024];
            int read = await socket.ReceiveAsync(buffer, _stopping.Token);
            received = [.. received, .. buffer.AsSpan(0, read)];
            return read;
        }
    }
}

/// <summary>One request as it came over the wire.</summary>
/// <param name="head">The request line and the headers, with the empty line that ends them.</param>
public sealed class UpstreamRequest(byte[] head)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The request line and the headers as text.</summary>
    public string Head { get; } = Encoding.UTF8.GetString(head);

    /// <summary>The bytes of the body.</summary>
    public byte[] Body { get; internal set; } = [];

    /// <summary>Where the connection came from: equal for requests over the same one.</summary>
    public string Connection { get; internal set; } = "";

    /// <summary>The first line, such as <c>POST /v1/messages HTTP/1.1</c>.</summary>
    public string RequestLine => Head[..Head.IndexOf("\r\n", StringComparison.Ordinal)];

    /// <summary>The header lines as they came.</summary>
    public IReadOnlyList<string> HeaderLines => Head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];

    /// <summary>Completes when the connection that this request came over is closed, by whichever side, before another request came over it.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The value of a header by its name in any case; null where it is absent.</summary>
    public string? Header(string name)
    {
        foreach (string line in HeaderLines)
        {
            if (line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) { return line[(name.Length + 1)..].Trim(); }
        }

        return null;
    }

    internal void MarkClosed() => _closed.TrySetResult();
}

/// <summary>What the upstream sends for one request: pieces of bytes, each sent at once or when released, and how it ends.</summary>
public sealed class UpstreamScript
{
    private readonly byte[][] _pieces;
    private readonly SemaphoreSlim? _gate;
    private readonly Ending _ending;

    private UpstreamScript(byte[][] pieces, SemaphoreSlim? gate, Ending ending) => (_pieces, _gate, _ending) = (pieces, gate, ending);

    private enum Ending
    {
        KeepAlive,
        Close,
        Reset,
    }

    /// <summary>Sends the pieces one after the other, a write for each.</summary>
    public static UpstreamScript Send(params byte[][] pieces) => new(pieces, null, Ending.KeepAlive);

    /// <summary>Sends each piece only when <see cref="Release"/> lets it go; with the head in the first piece, this delays the head.</summary>
    public static UpstreamScript Gated(params byte[][] pieces) => new(pieces, new(0), Ending.KeepAlive);

    /// <summary>The same, but it closes the connection behind the last piece.</summary>
    public UpstreamScript ThenClose() => new(_pieces, _gate, Ending.Close);

    /// <summary>The same, but it resets the connection behind the last piece.</summary>
    public UpstreamScript ThenReset() => new(_pieces, _gate, Ending.Reset);

    /// <summary>Lets further pieces go.</summary>
    public void Release(int pieces = 1) => _gate!.Release(pieces);

    /// <summary>Returns true when the connection stays open for a further request.</summary>
    internal async Task<bool> PlayAsync(Socket socket, Task<int> more, CancellationToken cancellationToken)
    {
        foreach (byte[] piece in _pieces)
        {
            if (_gate is not null)
            {
                Task released = _gate.WaitAsync(cancellationToken);
                // Bytes or an end from the client while an answer is due: it hung up.
                if (await Task.WhenAny(released, more) == more) { return false; }
                await released;
            }

            for (int sent = 0; sent < piece.Length;)
            {
                sent += await socket.SendAsync(piece.AsMemory(sent), SocketFlags.None, cancellationToken);
            }
        }

        if (_ending == Ending.Reset) { socket.LingerState = new(true, 0); }
        else if (_ending == Ending.Close)
        {
            // Without this, closing with a request's bytes unread would reset the connection and lose what was sent.
            socket.Shutdown(SocketShutdown.Send);
        }

        return _ending == Ending.KeepAlive;
    }
}

/// <summary>Raw HTTP answers for scripts.</summary>
public static class RawHttp
{
    /// <summary>A whole answer with a <c>Content-Length</c>.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="headers">Header lines, each ending in CR LF; or empty.</param>
    /// <param name="body">The bytes of the body.</param>
    public static byte[] Answer(int status, string headers, ReadOnlySpan<byte> body) =>
        [.. Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>A whole answer of content type JSON.</summary>
    public static byte[] Json(int status, string body) =>
        Answer(status, "Content-Type: application/json\r\n", Encoding.UTF8.GetBytes(body));

    /// <summary>The head of an event stream; its body follows in chunks.</summary>
    /// <param name="headers">Further header lines, each ending in CR LF; or empty.</param>
    public static byte[] EventStreamHead(string headers = "") =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n{headers}Transfer-Encoding: chunked\r\n\r\n");

    /// <summary>One chunk of a chunked body.</summary>
    public static byte[] Chunk(ReadOnlySpan<byte> bytes) =>
        [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, (byte)'\r', (byte)'\n'];

    /// <summary>The end of a chunked body.</summary>
    public static byte[] LastChunk => "0\r\n\r\n"u8.ToArray();
}
