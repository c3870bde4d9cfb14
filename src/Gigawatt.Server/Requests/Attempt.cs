using System.Buffers;
using System.Runtime.CompilerServices;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Providers;
using Gigawatt.Units;
using Gigawatt.Wire;

namespace Gigawatt.Server.Requests;

/// <summary>One call to one target: sent, and looked at until it is clear whether it is an answer. Notes what it shows of the target's health.</summary>
internal sealed class Attempt : IAsyncDisposable
{
    // Most events are shorter than 1 KiB, and each silent stream holds one of these.
    private const int BufferLength = 4 << 10;
    private const int BufferLengthMax = 16 << 10;

    // Long enough to spare most requests the detour, short enough that a mended key is found soon.
    private static readonly Duration CredentialsRest = Duration.FromSeconds(30);

    private readonly ModelCall _call;
    private readonly TimeProvider _time;
    private bool _counted;
    private bool _judged;
    private byte[]? _buffer;

    private Attempt(ModelCall call, RouteTarget target, TimeProvider time)
    {
        (_call, _time, Target) = (call, time, target);
        Endpoint = call.State.Endpoints[target.EndpointIndex];
        Format = target.FormatFor(call.Dialect)!.Value;
    }

    /// <summary>Where it went.</summary>
    public RouteTarget Target { get; }

    /// <summary>Who answers there.</summary>
    public ModelEndpoint Endpoint { get; }

    /// <summary>The format spoken with the target.</summary>
    public Dialect Format { get; }

    /// <summary>What was sent; null when it could not be told in the target's format.</summary>
    public Outgoing? Outgoing { get; private set; }

    /// <summary>The head of the answer, once there is one.</summary>
    public ProviderAnswer? Answer { get; private set; }

    /// <summary>The first bytes of the answer's body; empty where they were not looked at.</summary>
    public ReadOnlyMemory<byte> First { get; private set; }

    /// <summary>Whether the answer is a stream of events.</summary>
    public bool IsStream { get; private set; }

    /// <summary>Counts the tokens of a stream, <see cref="First"/> included; null for other answers.</summary>
    public StreamMeter? Meter { get; private set; }

    /// <summary>Why it gave no answer; null when it did, and also for an error that the provider must not be asked again about.</summary>
    public AttemptFailure? Failure { get; private set; }

    /// <summary>Whether it may have used tokens that nobody counted: it was sent, and neither refused nor answered.</summary>
    public bool MayHaveUsed { get; private set; }

    /// <summary>Sends the request to a target and looks at how the answer begins.</summary>
    /// <param name="call">The request.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="time">For its timeout and its speed.</param>
    /// <param name="cancellationToken">Stops it. It then throws when the request is over, and so does its provider's connection.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ValueTask<Attempt> StartAsync(ModelCall call, RouteTarget target, TimeProvider time, CancellationToken cancellationToken) =>
        new Attempt(call, target, time).StartAsync(cancellationToken);

    /// <summary>Memory to read the rest of a stream into. It is where <see cref="First"/> lies, or what was read here before.</summary>
    /// <param name="filled">How much came last: a provider that fills it gets more of it.</param>
    public Memory<byte> BufferAfter(int filled)
    {
        if (filled == _buffer!.Length) { Widen(kept: 0); }
        return _buffer;
    }

    /// <summary>Notes that the answer broke off behind its first bytes.</summary>
    public void BrokeOff() => Target.State.Breaker.Failed(Now);

    /// <summary>Closes the connection, or gives it back when the answer was read to its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_counted) { Target.State.End(); }
        _counted = false;
        if (!_judged) { Target.State.Breaker.Ignored(); }
        _judged = true;
        if (_buffer is not null) { ArrayPool<byte>.Shared.Return(_buffer); }
        (_buffer, First) = (null, default);
        if (Answer is not null) { await Answer.DisposeAsync(); }
    }

    private Instant Now => Instant.From(_time.GetUtcNow());

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Attempt> StartAsync(CancellationToken cancellationToken)
    {
        if (!Outgoing.TryWrite(_call, Target, Format, Endpoint.Provider, out Outgoing? outgoing, out ApiError? error))
        {
            Failure = AttemptFailure.Untranslatable(error);
            return this;
        }

        Outgoing = outgoing;
        Target.State.Begin();
        Target.State.Breaker.TryEnter(Now);
        _counted = true;
        long began = _time.GetTimestamp();
        using Deadline? limit = _call.Route.AttemptTimeout is { } timeout ? new(timeout, _time, cancellationToken) : null;
        CancellationToken stopping = limit?.Token ?? cancellationToken;
        try
        {
            Answer = await Endpoint.Provider.SendAsync(outgoing.Call, stopping);
            if (Answer.Status >= 400) { JudgeStatus(Answer); }
            else
            {
                IsStream = IsEventStream(Answer);
                await PeekAsync(Answer.Body, stopping);
            }

            if (!_judged) { Succeed(began); }
        }
        catch (ProviderException e) { Fail(AttemptFailure.Unreachable(e)); }
        catch (IOException e) { Fail(AttemptFailure.BrokenOff(Target.Endpoint, e.Message)); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(AttemptFailure.Silent(Target.Endpoint, _call.Route.AttemptTimeout!.Value));
            MayHaveUsed = true;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        return this;
    }

    /// <summary>Reads up to the end of the first event, or the first bytes of anything else: until then, nothing is told to the client that could not be taken back.</summary>
    private async ValueTask PeekAsync(Stream body, CancellationToken cancellationToken)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        int length = 0;
        if (IsStream) { Meter = new StreamMeter(Format); }
        while (length < _buffer.Length || Widen(length))
        {
            int read;
            try { read = await body.ReadAsync(_buffer.AsMemory(length), cancellationToken); }
            // What came before it broke is passed on, and the break is met again behind it.
            catch (IOException) when (length > 0) { break; }
            if (read == 0) { break; }
            Meter?.Feed(_buffer.AsSpan(length, read));
            length += read;
            if (!IsStream || FirstEvent.IsComplete(_buffer.AsSpan(0, length))) { break; }
        }

        First = _buffer.AsMemory(0, length);
        if (length == 0) { Fail(AttemptFailure.BrokenOff(Target.Endpoint, "it ended before its first byte")); }
        else if (Meter is { ErrorSeen: true } && FirstEvent.TryReadError(First.Span, Format, out int status, out byte[] error)) { JudgeEvent(status, error); }
    }

    private bool Widen(int kept)
    {
        if (_buffer!.Length >= BufferLengthMax) { return false; }
        byte[] wider = ArrayPool<byte>.Shared.Rent(BufferLengthMax);
        _buffer.AsSpan(0, kept).CopyTo(wider);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = wider;
        return true;
    }

    private void Succeed(long began)
    {
        Target.State.Latency.Add(Now, Duration.From(_time.GetElapsedTime(began)));
        Target.State.Breaker.Succeeded(Now);
        _judged = true;
    }

    private void JudgeStatus(ProviderAnswer answer)
    {
        RetrySignals signals = RetrySignals.Read(answer.Headers, Now);
        Judge(answer.Status, signals, eventBody: null);
    }

    private void JudgeEvent(int status, byte[] body) => Judge(status, RetrySignals.Read(Answer!.Headers, Now), body);

    private void Judge(int status, RetrySignals signals, byte[]? eventBody)
    {
        if (status is 401 or 403)
        {
            Failure = AttemptFailure.CredentialsRefused(Target.Endpoint, status);
            // Bad credentials are bad for everybody. What is forbidden may be this request only, which must not take the target away from others.
            if (status == 401) { Target.State.Breaker.RateLimited(Now, signals.RetryAfter ?? CredentialsRest); }
            else { Target.State.Breaker.Ignored(); }
            _judged = true;
            return;
        }

        Failure = new AttemptFailure { Status = status, EventBody = eventBody, Retryable = signals.Retries(status), RetryAfter = signals.RetryAfter };
        if (status == 429) { Target.State.Breaker.RateLimited(Now, signals.RetryAfter); }
        else if (status >= 500 || status == 408) { Target.State.Breaker.Failed(Now); }
        // What the client did wrong says nothing of the target.
        else { Target.State.Breaker.Ignored(); }
        _judged = true;
    }

    private void Fail(AttemptFailure failure)
    {
        Failure = failure;
        Target.State.Breaker.Failed(Now);
        _judged = true;
    }

    private static bool IsEventStream(ProviderAnswer answer)
    {
        for (int i = 0; i < answer.Headers.Count; i++)
        {
            (string name, string value) = answer.Headers[i];
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase)) { return value.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase); }
        }

        return false;
    }
}
