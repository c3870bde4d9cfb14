using Gigawatt.Providers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Requests;

/// <summary>The endpoints as they are now; asks them for their models at the start and again when a model is not known.</summary>
internal sealed partial class EndpointDirectory(RequestPathState initial, TimeProvider time, ILogger<EndpointDirectory> logger) : BackgroundService
{
    /// <summary>However many unknown models are asked for, the endpoints are asked no more often than this.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    // Clients wait for a model list for three seconds.
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(2.5);

    private readonly SemaphoreSlim _refreshing = new(1);
    private volatile RequestPathState _state = initial;
    private long _lastRefresh;
    private bool _refreshed;

    /// <summary>The configuration in force. Setting it takes effect with the next request; requests under way keep theirs.</summary>
    public RequestPathState State
    {
        get => _state;
        set
        {
            _state = value;
            _refreshed = false;
        }
    }

    /// <summary>Asks all endpoints for their models, unless that was done within <see cref="RefreshInterval"/>. Callers at the same time share one round.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            if (_refreshed && time.GetElapsedTime(_lastRefresh) < RefreshInterval) { return; }
            RequestPathState state = _state;
            await Task.WhenAll(state.Endpoints.Select(endpoint => RefreshAsync(endpoint, cancellationToken)));
            state.Routes.Forget();
            (_lastRefresh, _refreshed) = (time.GetTimestamp(), true);
        }
        finally { _refreshing.Release(); }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _refreshing.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RefreshAsync(stoppingToken);

    private async Task RefreshAsync(ModelEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(ListTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLate.Token);
        try { await endpoint.RefreshAsync(either.Token); }
        catch (ProviderException e) { LogListFailed(logger, endpoint.Provider.Name, e.Message); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogListFailed(logger, endpoint.Provider.Name, $"no answer within {ListTimeout.TotalSeconds} s");
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "{Endpoint} did not say which models it serves: {Reason}")]
    private static partial void LogListFailed(ILogger logger, string endpoint, string reason);
}
