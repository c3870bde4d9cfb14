using System.Globalization;
using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>How a task ended.</summary>
internal enum VerdictKind
{
    /// <summary>The command ended.</summary>
    Exited,

    /// <summary>Told to stop before its supervisor had claimed it: it never ran.</summary>
    Stopped,

    /// <summary>The supervisor could not begin.</summary>
    Failed,

    /// <summary>Nobody knows.</summary>
    Lost,

    /// <summary>Killed by the guard, because the agent's lease ran out.</summary>
    Fenced,
}

/// <summary>
/// The text of a <c>status</c> file, or of a <c>claim</c> after the word <c>agent</c>:
/// <code>
/// exited CODE ENDED_NS         then the two lines of the shell's times, or one line: cpu MILLISECONDS
/// stopped ENDED_NS
/// fenced ENDED_NS
/// failed REASON
/// lost REASON
/// </code>
/// </summary>
internal sealed record Verdict(VerdictKind Kind, int ExitCode, Instant EndedAt, long CpuMilliseconds, string Reason)
{
    public static string Exited(int code, Instant at, long cpuMilliseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"exited {code} {at.Nanoseconds}\ncpu {cpuMilliseconds}\n");

    public static string Stopped(Instant at) => string.Create(CultureInfo.InvariantCulture, $"stopped {at.Nanoseconds}\n");

    public static string Fenced(Instant at) => string.Create(CultureInfo.InvariantCulture, $"fenced {at.Nanoseconds}\n");

    public static string Failed(string reason) => $"failed {OneLine(reason)}\n";

    public static string Lost(string reason) => $"lost {OneLine(reason)}\n";

    /// <summary>Reads any of them; a text that is none of them means the task is lost.</summary>
    public static Verdict Parse(string text)
    {
        string[] lines = text.Split('\n');
        string[] words = lines[0].Split(' ');
        return words switch
        {
            ["exited", var code, var at] when TryNumber(code, out long exit) && TryNumber(at, out long ended) =>
                new(VerdictKind.Exited, (int)exit, new(ended), Cpu(lines), ""),
            ["stopped", var at] when TryNumber(at, out long ended) => new(VerdictKind.Stopped, 0, new(ended), 0, ""),
            ["fenced", var at] when TryNumber(at, out long ended) => new(VerdictKind.Fenced, 0, new(ended), 0, ""),
            ["failed", ..] => new(VerdictKind.Failed, 0, Instant.Epoch, 0, lines[0]["failed".Length..].Trim()),
            ["lost", ..] => new(VerdictKind.Lost, 0, Instant.Epoch, 0, lines[0]["lost".Length..].Trim()),
            _ => new(VerdictKind.Lost, 0, Instant.Epoch, 0, "its status file cannot be read"),
        };
    }

    // The shell's times prints its own user and system time, then that of the children it has waited for, each as
    // 1m2.340000s; dash, bash and busybox differ only in the number of decimals.
    private static long Cpu(string[] lines)
    {
        if (lines is [_, var own, ..] && own.StartsWith("cpu ", StringComparison.Ordinal))
        {
            return TryNumber(own.AsSpan(4), out long milliseconds) ? milliseconds : 0;
        }

        return lines is [_, _, var children, ..] ? children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(Milliseconds) : 0;
    }

    private static long Milliseconds(string time) =>
        time.Split('m', 's') is [var minutes, var seconds, ..]
        && TryNumber(minutes, out long wholeMinutes)
        && decimal.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal parsed)
            ? (wholeMinutes * 60_000) + (long)(parsed * 1000)
            : 0;

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
