using System.Diagnostics;
using Gigawatt.Tests.EndToEnd;
using Xunit;

namespace Gigawatt.Tests.Cli;

/// <summary>
/// The launcher, in a small tree of its own with a pretended SDK: a script that writes down each build and, instead of
/// running a program, prints its arguments. So every rule of when to build can be tried in milliseconds.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    private const string FakeDotnet = """
        #!/bin/sh
        case $1 in
            --list-sdks) echo "${FAKE_SDK:-10.0.401} [/sdk]" ;;
            build)
                echo "$2" >> builds
                if [ -n "${FAKE_BUILD_FAILS:-}" ]; then echo 'Loop.cs(1,1): error CS1002: ; expected'; exit 1; fi
                sleep "${FAKE_BUILD_SECONDS:-0}"
                mkdir -p src/Gigawatt.Cli/bin/Release/net10.0 src/Gigawatt.Cli/obj
                : > src/Gigawatt.Cli/bin/Release/net10.0/gw.dll
                : > src/Gigawatt.Cli/obj/made-by-the-build
                ;;
            *.Tests.dll)
                shift
                while [ $# -gt 0 ]; do
                    case $1 in
                        --results-directory) folder=$2 ;;
                        --report-xunit-xml-filename) name=$2 ;;
                    esac
                    shift
                done
                mkdir -p "$folder"
                if [ -n "${FAKE_COUNTS:-}" ]; then echo "<assemblies><assembly name=\"a\" $FAKE_COUNTS run-time=\"1\"><collection passed=\"99\" failed=\"99\" /></assembly></assemblies>" > "$folder/$name"; fi
                exit "${FAKE_EXIT:-0}"
                ;;
            *) shift; printf '<%s>' "$@" ;;
        esac
        """;

    private readonly TestFolder _folder = new();

    public LauncherTests()
    {
        Write("tree/gw", File.ReadAllText(Path.Combine(RepositoryRoot(), "gw")), executable: true);
        Write("tree/src/Gigawatt.Cli/Program.cs", "return 0;");
        Write("tree/src/Gigawatt/Loop.cs", "// loop");
        Write("tree/fleets/laptop.yaml", "name: laptop");
        Write("tree/global.json", "{}");
        Write("sdk/dotnet", FakeDotnet, executable: true);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_call_builds_and_further_calls_only_run()
    {
        Assert.Equal((0, "<queue><--all><a b>", ""), await RunAsync("tree/gw", ["queue", "--all", "a b"]));
        Assert.Equal((0, "<version>", ""), await RunAsync("tree/gw", ["version"]));
        Assert.Equal(["src/Gigawatt.Cli/Gigawatt.Cli.csproj"], Builds());
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("add")]
    [InlineData("remove")]
    [InlineData("rename")]
    [InlineData("edit a fleet")]
    [InlineData("lose the program")]
    public async Task A_change_of_the_sources_is_built_once(string change)
    {
        await RunAsync("tree/gw", ["version"]);
        switch (change)
        {
            case "edit": Write("tree/src/Gigawatt/Loop.cs", "// changed"); break;
            case "add": Write("tree/src/Gigawatt/New.cs", "// new"); break;
            case "remove": File.Delete(_folder.At("tree/src/Gigawatt/Loop.cs")); break;
            case "rename": File.Move(_folder.At("tree/src/Gigawatt/Loop.cs"), _folder.At("tree/src/Gigawatt/Loop2.cs")); break;
            case "edit a fleet": Write("tree/fleets/laptop.yaml", "name: desk"); break;
            default: File.Delete(_folder.At("tree/src/Gigawatt.Cli/bin/Release/net10.0/gw.dll")); break;
        }

        await RunAsync("tree/gw", ["version"]);
        await RunAsync("tree/gw", ["version"]);
        Assert.Equal(2, Builds().Length);
    }

    [Fact]
    public async Task A_tree_that_was_moved_is_built_again()
    {
        await RunAsync("tree/gw", ["version"]);
        Directory.Move(_folder.At("tree"), _folder.At("moved"));
        await RunAsync("moved/gw", ["version"]);
        await RunAsync("moved/gw", ["version"]);
        Assert.Equal(2, Builds("moved").Length);
    }

    [Fact]
    public async Task It_works_through_symbolic_links_from_any_folder()
    {
        Directory.CreateDirectory(_folder.At("bin/deep"));
        File.CreateSymbolicLink(_folder.At("bin/gw"), "../tree/gw");
        File.CreateSymbolicLink(_folder.At("bin/deep/gw"), "../gw");
        Assert.Equal((0, "<version>", ""), await RunAsync("bin/deep/gw", ["version"], folder: "/"));
        Assert.Single(Builds());
    }

    [Fact]
    public async Task Calls_at_the_same_time_build_once()
    {
        var slow = new Dictionary<string, string> { ["FAKE_BUILD_SECONDS"] = "1" };
        (int, string, string)[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync("tree/gw", ["version"], slow)));
        Assert.All(results, result => Assert.Equal((0, "<version>", ""), result));
        Assert.Single(Builds());
    }

    [Fact]
    public async Task A_build_that_fails_shows_its_messages_runs_nothing_and_is_tried_again()
    {
        (int code, string output, string error) = await RunAsync("tree/gw", ["version"], new() { ["FAKE_BUILD_FAILS"] = "1" });
        Assert.Equal((1, ""), (code, output));
        Assert.Equal("Loop.cs(1,1): error CS1002: ; expected\ngw: the build failed, for the reasons above.\n", error);
        Assert.Equal((0, "<version>", ""), await RunAsync("tree/gw", ["version"]));
    }

    [Theory]
    [InlineData("9.0.300")]
    [InlineData("10.0.100-preview.7.25380.108")]
    [InlineData(null)]
    public async Task Without_an_sdk_of_version_10_one_sentence_says_what_is_missing(string? other)
    {
        // The well-known folders must not save a machine that has an SDK there.
        string text = File.ReadAllText(_folder.At("tree/gw")), without = text.Replace("/usr/", "/nowhere/", StringComparison.Ordinal);
        Assert.NotEqual(text, without);
        Write("tree/gw", without, executable: true);
        var environment = new Dictionary<string, string> { ["HOME"] = "/nowhere", ["DOTNET_ROOT"] = "" };
        if (other is null) { environment["PATH"] = ""; }
        else { environment["FAKE_SDK"] = other; }
        (int code, string output, string error) = await RunAsync("tree/gw", ["version"], environment);
        Assert.Equal((127, ""), (code, output));
        Assert.StartsWith("gw: the .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download/dotnet/10.0", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("HOME", "home/.dotnet/dotnet")]
    [InlineData("DOTNET_ROOT", "root/dotnet")]
    public async Task An_sdk_in_the_home_folder_or_in_dotnet_root_is_found(string variable, string path)
    {
        // A path without any dotnet, whatever this machine has beside its tools.
        foreach (string tool in new[] { "cksum", "find", "flock", "mkdir", "mv", "printf", "rmdir", "sleep", "sort" })
        {
            string real = File.Exists($"/usr/bin/{tool}") ? $"/usr/bin/{tool}" : $"/bin/{tool}";
            Directory.CreateDirectory(_folder.At("tools"));
            File.CreateSymbolicLink(_folder.At($"tools/{tool}"), real);
        }

        Write(path, FakeDotnet.Replace("'<%s>'", "'found<%s>'", StringComparison.Ordinal), executable: true);
        var environment = new Dictionary<string, string> { ["PATH"] = _folder.At("tools"), ["HOME"] = "", ["DOTNET_ROOT"] = "", [variable] = _folder.At(path.Split('/')[0]) };
        Assert.Equal((0, "found<version>", ""), await RunAsync("tree/gw", ["version"], environment));
    }

    [Theory]
    [InlineData("total=\"6\" errors=\"0\" failed=\"0\" not-run=\"0\" passed=\"5\" skipped=\"1\"", 0, 0, "5 passed, 0 failed, 1 skipped")]
    [InlineData("total=\"6\" errors=\"0\" failed=\"2\" not-run=\"0\" passed=\"4\" skipped=\"0\"", 2, 2, "4 passed, 2 failed, 0 skipped")]
    [InlineData("total=\"6\" errors=\"1\" failed=\"0\" not-run=\"0\" passed=\"6\" skipped=\"0\"", 0, 1, "6 passed, 1 failed, 0 skipped")]
    [InlineData("", 0, 1, "0 passed, 1 failed")]
    [InlineData("", 134, 134, "0 passed, 1 failed")]
    public async Task Testing_ends_with_the_counts_and_fails_when_a_test_or_the_run_did(string counts, int runnerCode, int code, string line)
    {
        var environment = new Dictionary<string, string> { ["FAKE_COUNTS"] = counts, ["FAKE_EXIT"] = $"{runnerCode}" };
        (int actual, string output, _) = await RunAsync("tree/gw", ["test", "--filter-class", "X"], environment);
        Assert.Equal((code, line), (actual, output.TrimEnd().Split('\n')[^1]));
        Assert.Equal(["Gigawatt.slnx"], Builds());
    }

    [Fact]
    public async Task Tests_that_do_not_build_are_a_failure()
    {
        (int code, string output, string error) = await RunAsync("tree/gw", ["test"], new() { ["FAKE_BUILD_FAILS"] = "1" });
        Assert.Equal((1, "0 passed, 1 failed\n"), (code, output));
        Assert.Contains("error CS1002", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_tests_nothing_is_left_to_build()
    {
        await RunAsync("tree/gw", ["test"], new() { ["FAKE_COUNTS"] = "errors=\"0\" failed=\"0\" passed=\"1\" skipped=\"0\"" });
        await RunAsync("tree/gw", ["version"]);
        Assert.Equal(["Gigawatt.slnx"], Builds());
        Assert.Empty(Directory.GetFiles(_folder.At("tree/tests/Gigawatt.Tests/TestResults")));
    }

    private string[] Builds(string tree = "tree") => File.Exists(_folder.At($"{tree}/builds")) ? File.ReadAllLines(_folder.At($"{tree}/builds")) : [];

    private async Task<(int Code, string Output, string Error)> RunAsync(
        string launcher, string[] args, Dictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? _folder.Path };
        foreach (string word in (string[])[_folder.At(launcher), .. args]) { start.ArgumentList.Add(word); }
        start.Environment["PATH"] = $"{_folder.At("sdk")}:/usr/bin:/bin";
        foreach ((string name, string value) in environment ?? []) { start.Environment[name] = value; }
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private void Write(string name, string text, bool executable = false)
    {
        string path = _folder.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (executable && !OperatingSystem.IsWindows()) { File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Gigawatt.slnx"))) { at = at.Parent; }
        return at?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
