using System.Runtime.InteropServices;

namespace Gigawatt.Cli.Terminal;

/// <summary>Turns the first Ctrl-C, SIGTERM or SIGHUP into a cancelled token; one that comes a second later ends the process at once.</summary>
/// <remarks>One stop may bring several signals: <c>timeout</c> signals its child and then the child's group.</remarks>
internal sealed class Interrupt : IDisposable
{
    private static readonly TimeSpan OneStop = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source = new();
    private readonly Lock _lock = new();
    private long? _first;
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupt() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
    ];

    public CancellationToken Token => _source.Token;

    private void OnSignal(PosixSignalContext context)
    {
        // A signal that is not cancelled is left to the runtime, which ends the process.
        lock (_lock)
        {
            context.Cancel = _first is not { } first || TimeProvider.System.GetElapsedTime(first) < OneStop;
            _first ??= TimeProvider.System.GetTimestamp();
        }

        _source.Cancel();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) { registration.Dispose(); }
        _source.Dispose();
    }
}
