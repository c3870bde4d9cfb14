namespace Gigawatt.Tests.EndToEnd;

/// <summary>Waits for a named condition, with a generous deadline: a machine may be busy.</summary>
internal static class Until
{
    public static async Task TrueAsync(Func<bool> condition, string what) => await TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        DateTime deadline = DateTime.UtcNow + TimeSpan.FromSeconds(120);
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline) { throw new TimeoutException($"Waited 120 s in vain until {what}."); }
            await Task.Delay(20);
        }
    }
}

/// <summary>A folder that goes when the test does.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gigawatt-test-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try { Directory.Delete(Path, recursive: true); }
        catch (IOException) { /* A process that is just ending may still write here. */ }
    }
}
