namespace Gigawatt.Providers;

/// <summary>An answer's bytes as they come; disposing it gives the connection back, or closes it before the end.</summary>
internal sealed class RelayedBody(Stream body, HttpResponseMessage response) : ReadOnlyStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        body.ReadAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
