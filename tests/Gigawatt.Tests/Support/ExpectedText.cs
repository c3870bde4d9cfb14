using System.Runtime.CompilerServices;
using Xunit;

namespace Gigawatt.Tests.Support;

/// <summary>Compares text that people see with a file beside the test, <c>Expected/NAME.txt</c>, which is reviewed like code.</summary>
/// <remarks>To accept a change, run the tests once with GIGAWATT_UPDATE_SNAPSHOTS=1 and read the difference in git.</remarks>
internal static class ExpectedText
{
    private const string UpdateVariable = "GIGAWATT_UPDATE_SNAPSHOTS";

    public static void Matches(string name, string actual, [CallerFilePath] string test = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(test)!, "Expected", $"{name}.txt");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing. Run the tests once with {UpdateVariable}=1 to write it, and read what it holds.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
