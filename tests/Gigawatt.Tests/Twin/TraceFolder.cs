using System.IO.Compression;
using System.Text;
using Gigawatt.Twin.Traces;
using Xunit;

namespace Gigawatt.Tests.Twin;

/// <summary>A folder of trace files for one test.</summary>
internal sealed class TraceFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gigawatt-trace-");

    public string Write(string name, params string[] lines)
    {
        string path = Path.Combine(_folder.FullName, name);
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        using Stream file = File.Create(path);
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
        {
            file.Write(bytes);
            return path;
        }

        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        gzip.Write(bytes);
        return path;
    }

    /// <summary>Asserts that reading fails with an error at a line and column that says what was expected.</summary>
    public static void AssertRefuses(Action read, int line, string column, string said)
    {
        TraceFormatException error = Assert.Throws<TraceFormatException>(read);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{error.File}, line {line}", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
