using System.Diagnostics;
using System.Text;
using CsCheck;
using Gigawatt.Agents.Node;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class RecordTests
{
    private static readonly TaskKey Key = new(7, 1, 0);

    [Fact]
    public void Keys_read_back_as_written_and_nothing_else_reads() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample((job, attempt, rank) =>
        {
            TaskKey key = new(job, attempt, rank);
            return TaskKey.TryParse(key.ToString(), out TaskKey read) && read == key && !TaskKey.TryParse("0" + key, out _);
        });

    [Theory]
    [InlineData("1-2")]
    [InlineData("1-2-3-4")]
    [InlineData("-1-2-3")]
    [InlineData("1- 2-3")]
    [InlineData(".1-2-3")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_key_does_not_read_as_one(string? text) => Assert.False(TaskKey.TryParse(text, out _));

    [Fact]
    public void Any_argument_and_any_value_reaches_the_command_unchanged()
    {
        Gen<string> text = Gen.Char["ab '\"\\$`!*?[]{}()<>|&;#~=%\n\t\r-é漢"].Array[0, 12].Select(chars => new string(chars));
        Gen.Select(text.Array[1, 5], text).Sample(
            (arguments, value) =>
            {
                TaskLaunch launch = new(Key, ["printf", "%s\\0", .. arguments, "end"], [new("VALUE", value)], null, []);
                ProcessStartInfo start = new("/bin/sh", ["-c", TaskEnvironment.Script(launch)]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 };
                using Process shell = Process.Start(start)!;
                string output = shell.StandardOutput.ReadToEnd();
                shell.WaitForExit();
                return output == string.Concat(arguments.Append("end").Select(argument => argument + "\0"));
            },
            iter: 40,
            threads: 1);
    }

    [Fact]
    public void The_platform_s_variables_and_provider_secrets_are_withheld_and_the_basics_are_always_there()
    {
        Dictionary<string, string> agent = new()
        {
            ["PATH"] = "/opt/bin",
            ["EDITOR"] = "ed",
            ["GIGAWATT_TOKEN"] = "x",
            ["ANTHROPIC_API_KEY"] = "x",
            ["OPENAI_API_KEY"] = "x",
            ["AWS_SECRET_ACCESS_KEY"] = "x",
        };

        Dictionary<string, string> task = TaskEnvironment.Base(agent);

        Assert.Equal(["EDITOR", "HOME", "LANG", "PATH", "USER"], task.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("/opt/bin", task["PATH"]);
    }

    [Theory]
    [InlineData("exited 3 99\n0m0.010000s 0m0.020000s\n1m2.340000s 0m0.660000s\n", 3, 63_000)]
    [InlineData("exited 0 99\n0m0.010s 0m0.020s\n0m0.340s 0m0.660s\n", 0, 1_000)]
    [InlineData("exited 137 99\ncpu 1234\n", 137, 1_234)]
    [InlineData("exited 1 99\n", 1, 0)]
    public void A_status_reads_whichever_shell_has_written_it(string text, int code, long cpuMilliseconds)
    {
        Verdict verdict = Verdict.Parse(text);

        Assert.Equal((VerdictKind.Exited, code, 99, cpuMilliseconds), (verdict.Kind, verdict.ExitCode, verdict.EndedAt.Nanoseconds, verdict.CpuMilliseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("exited\n")]
    [InlineData("exited x 99\n")]
    [InlineData("nonsense 1 2\n")]
    public void A_status_that_cannot_be_read_means_the_task_is_lost(string text) => Assert.Equal(VerdictKind.Lost, Verdict.Parse(text).Kind);

    [Fact]
    public void A_process_name_with_spaces_and_parentheses_does_not_shift_the_fields()
    {
        string fields = string.Join(' ', Enumerable.Range(4, 49));

        ProcessStat stat = ProcessStat.Parse($"12 (a) R) (b c) S {fields}\n")!.Value;

        Assert.Equal(new(12, 'S', 5, 6, 14 + 15 + 16 + 17, 22), stat);
    }

    [Fact]
    public void A_draft_left_by_a_crash_cannot_change_the_file_it_was_linked_to()
    {
        string folder = Directory.CreateTempSubdirectory("gigawatt-agent-").FullName;
        string path = Path.Combine(folder, "claim");
        Assert.True(AtomicFile.TryCreate(path, "first"));
        Assert.Equal(0, Libc.Link(path, path + ".agent"));

        Assert.False(AtomicFile.TryCreate(path, "second"));

        Assert.Equal("first", File.ReadAllText(path));
        Directory.Delete(folder, recursive: true);
    }
}
