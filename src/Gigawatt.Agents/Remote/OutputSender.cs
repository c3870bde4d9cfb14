using Gigawatt.Agents.Node;

namespace Gigawatt.Agents.Remote;

/// <summary>Sends what tasks print to the server, piece by piece, in order.</summary>
internal sealed class OutputSender(NodeAgent agent, ControlClient client)
{
    private const int PieceMax = 256 << 10;
    private readonly Dictionary<TaskKey, long> _sent = [];

    /// <summary>Sends what is new of every task.</summary>
    /// <returns>The tasks whose output is at the server as far as it exists.</returns>
    public async Task<HashSet<TaskKey>> SendNewAsync(IReadOnlyList<TaskState> tasks, CancellationToken cancellationToken)
    {
        var complete = new HashSet<TaskKey>();
        foreach (TaskState task in tasks)
        {
            if (await SendAsync(task.Key, cancellationToken).ConfigureAwait(false)) { complete.Add(task.Key); }
        }

        return complete;
    }

    /// <summary>Forgets a task that is done with.</summary>
    public void Forget(TaskKey key) => _sent.Remove(key);

    private async Task<bool> SendAsync(TaskKey key, CancellationToken cancellationToken)
    {
        // The server counts what it stores, the reader counts what the task wrote; they differ where output was dropped. So the
        // number that the server gave is kept apart from the reader's.
        long read = _sent.GetValueOrDefault(key);
        using var piece = new MemoryStream();
        await foreach (LogChunk chunk in agent.Log(key).ReadAsync(read, follow: false, cancellationToken).ConfigureAwait(false))
        {
            piece.Write(chunk.Bytes.Span);
            read = chunk.NextOffset;
            if (piece.Length >= PieceMax) { break; }
        }

        if (piece.Length == 0) { return true; }
        bool whole = piece.Length < PieceMax;
        long offset = _sent.GetValueOrDefault(key);
        long? stored = await client.SendOutputAsync(key, offset, piece.GetBuffer().AsMemory(0, (int)piece.Length), cancellationToken).ConfigureAwait(false);
        if (stored is null) { return true; }
        // A server that has less than was sent before, because its folder was emptied, gets the output from where it stands.
        _sent[key] = stored.Value < offset ? stored.Value : read;
        return whole;
    }
}
